package dev.lathe.testkit;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * Parameters of PyTorch's recurrent modules as ONNX's operators take them: gates in another order,
 * both biases in a row, an axis of directions before all.
 */
public final class TorchCells {
  private static final Pattern WEIGHT = Pattern.compile("(.*)rnn\\.weight_ih_l(\\d+)");

  private TorchCells() {}

  /**
   * Replaces what belongs to a module called {@code rnn}: {@code rnn.weight_ih_l0} and its like by
   * {@code rnn.0.W} [D, G·h, inputs], {@code rnn.0.R} [D, G·h, h] and {@code rnn.0.B} [D, 2·G·h].
   *
   * @param torch tensors by name, perhaps with something before each name, such as {@code init.}
   * @return the same tensors otherwise
   */
  public static Map<String, Tensor> inLayoutOfOnnx(Map<String, Tensor> torch) {
    Map<String, Tensor> laidOut = new LinkedHashMap<>(torch);
    for (String name : torch.keySet()) {
      Matcher weight = WEIGHT.matcher(name);
      if (weight.matches()) {
        String prefix = weight.group(1) + "rnn.";
        String layer = weight.group(2);
        laidOut.put(prefix + layer + ".W", matrices(torch, prefix + "weight_ih_l" + layer));
        laidOut.put(prefix + layer + ".R", matrices(torch, prefix + "weight_hh_l" + layer));
        laidOut.put(prefix + layer + ".B", biases(torch, prefix, "_l" + layer));
      }
    }
    laidOut.keySet().removeIf(name -> name.matches(".*rnn\\.(weight|bias)_.*"));
    return laidOut;
  }

  private static String[] directions(Map<String, Tensor> torch, String name) {
    String back = name + "_reverse";
    return torch.containsKey(back) ? new String[] {name, back} : new String[] {name};
  }

  private static Tensor matrices(Map<String, Tensor> torch, String name) {
    String[] names = directions(torch, name);
    Tensor first = torch.get(name);
    int states = states(torch, name);
    double[] values =
        Arrays.stream(names)
            .flatMapToDouble(one -> Arrays.stream(ordered(torch.get(one), states)))
            .toArray();
    return Tensor.ofValues(ElementType.FLOAT, values, names.length, first.dim(0), first.dim(1));
  }

  private static Tensor biases(Map<String, Tensor> torch, String prefix, String layer) {
    String[] names = directions(torch, prefix + "bias_ih" + layer);
    int states = states(torch, prefix + "weight_ih" + layer);
    double[] values =
        Arrays.stream(names)
            .flatMapToDouble(
                one ->
                    DoubleStream.concat(
                        Arrays.stream(ordered(torch.get(one), states)),
                        Arrays.stream(ordered(torch.get(one.replace("_ih", "_hh")), states))))
            .toArray();
    return Tensor.ofValues(ElementType.FLOAT, values, names.length, values.length / names.length);
  }

  /** Hidden features of the layer that a matrix belongs to. */
  private static int states(Map<String, Tensor> torch, String name) {
    return (int) torch.get(name.replace("_ih", "_hh")).dim(1);
  }

  /**
   * Blocks of the gates in ONNX's order: i, o, f, c of PyTorch's i, f, c, o; z, r, n of r, z, n.
   */
  private static double[] ordered(Tensor tensor, int states) {
    int[] order = tensor.dim(0) == 4L * states ? new int[] {0, 3, 1, 2} : new int[] {1, 0, 2};
    double[] values = tensor.toDoubles();
    int block = values.length / order.length;
    double[] ordered = new double[values.length];
    for (int gate = 0; gate < order.length; gate++) {
      System.arraycopy(values, order[gate] * block, ordered, gate * block, block);
    }
    return ordered;
  }
}

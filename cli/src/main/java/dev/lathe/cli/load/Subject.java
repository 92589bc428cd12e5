package dev.lathe.cli.load;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.VersionDetails.Port;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A version and what it is asked.
 *
 * @param model {@code namespace/name}
 * @param version {@code v<N>}
 * @param inputs tensors by name
 */
public record Subject(String model, String version, Map<String, Tensor> inputs) {
  private static final int SEED = 1;

  /** Rows of a question. */
  static int rows(Map<String, Tensor> inputs) {
    return inputs.values().stream()
        .filter(tensor -> tensor.rank() > 0)
        .mapToInt(tensor -> (int) tensor.dim(0))
        .findFirst()
        .orElse(1);
  }

  /**
   * Inputs that fit a signature: small normal numbers where they are floating, else zeros or empty
   * texts. Sizes that are open are 1, but for the rows.
   *
   * @param ports the signature
   * @param rows of a question
   * @return tensors by name, the same at each call
   */
  public static Map<String, Tensor> inputs(List<Port> ports, int rows) {
    Random random = new Random(SEED);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Port port : ports) {
      long[] dims = port.shape().stream().mapToLong(dim -> Math.max(1, dim)).toArray();
      if (dims.length > 0 && port.shape().getFirst() < 0) {
        dims[0] = rows;
      }
      inputs.put(port.name(), tensor(Datatype.elementOf(port.datatype()), dims, random));
    }
    return inputs;
  }

  private static Tensor tensor(ElementType type, long[] dims, Random random) {
    int size = Math.toIntExact(Tensor.sizeOf(dims));
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(Collections.nCopies(size, ""), dims);
    }
    double[] values = new double[size];
    if (type.isFloating()) {
      for (int i = 0; i < size; i++) {
        values[i] = random.nextGaussian();
      }
    }
    return Tensor.ofValues(type, values, dims);
  }
}

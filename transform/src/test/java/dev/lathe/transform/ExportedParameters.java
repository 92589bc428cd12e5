package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where an exporter put PyTorch's parameters. It may rename and transpose them, keep one of several
 * equal ones, and fold batch normalization into the convolution before it; gradients by PyTorch's
 * parameters follow from those by the exporter's all the same.
 */
final class ExportedParameters {
  private final Map<String, double[]> torch = new LinkedHashMap<>();
  private final Map<String, List<String>> equal = new LinkedHashMap<>();
  private final List<Folded> folded = new ArrayList<>();
  private final Set<String> covered = new TreeSet<>();
  private Model model;

  /**
   * Batch normalization inside a convolution: {@code W' = s·W}, {@code b' = β + s·(b - mean)},
   * {@code s = γ/√(variance + ε)}.
   *
   * @param convolution PyTorch's name of the convolution
   * @param normalization PyTorch's name of the normalization
   * @param weight the exporter's initializer W'
   * @param bias the exporter's initializer b'
   */
  private record Folded(String convolution, String normalization, String weight, String bias) {}

  private ExportedParameters(Model model, Map<String, Tensor> expected) {
    this.model = model;
    expected.forEach(
        (key, tensor) -> {
          if (key.startsWith("param.")) {
            torch.put(key.substring("param.".length()), tensor.toDoubles());
          }
        });
    model
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (tensor.type() == ElementType.FLOAT && tensor.rank() > 0) {
                List<String> same = equalTo(tensor, expected);
                if (!same.isEmpty()) {
                  equal.put(name, same);
                  covered.addAll(same);
                }
              }
            });
  }

  /**
   * Finds the parameters by their values.
   *
   * @param model what the exporter wrote
   * @param expected PyTorch's parameters, {@code param.*}
   * @param normalized names of convolutions by those of the normalizations folded into them
   */
  static ExportedParameters of(
      Model model, Map<String, Tensor> expected, Map<String, String> normalized) {
    ExportedParameters exported = new ExportedParameters(model, expected);
    normalized.forEach(exported::fold);
    assertThat(exported.covered).isEqualTo(exported.torch.keySet());
    return exported;
  }

  private static List<String> equalTo(Tensor tensor, Map<String, Tensor> expected) {
    List<String> same = new ArrayList<>();
    expected.forEach(
        (key, value) -> {
          if (key.startsWith("param.")
              && (oriented(tensor, value.dims(), tensor.toDoubles(), value.toDoubles())
                  || transposed(tensor, value.dims(), value.toDoubles()))) {
            same.add(key.substring("param.".length()));
          }
        });
    return same;
  }

  private static boolean oriented(Tensor tensor, long[] dims, double[] found, double[] values) {
    return Arrays.equals(tensor.dims(), dims) && Arrays.equals(found, values);
  }

  private static boolean transposed(Tensor tensor, long[] dims, double[] values) {
    return tensor.rank() == 2
        && dims.length == 2
        && tensor.dim(0) == dims[1]
        && tensor.dim(1) == dims[0]
        && Arrays.equals(turned(tensor.toDoubles(), (int) dims[1]), values);
  }

  /** A matrix of some rows, by columns. */
  private static double[] turned(double[] matrix, int rows) {
    int columns = matrix.length / rows;
    double[] turned = new double[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      turned[i % columns * rows + i / columns] = matrix[i];
    }
    return turned;
  }

  /** An exporter leaves out a folded bias of zeros; it is put back to take its gradient. */
  private void fold(String normalization, String convolution) {
    Graph graph = model.graph();
    double[] weight = torch.get(convolution + ".weight");
    Node node =
        graph.nodes().stream()
            .filter(n -> n.op().equals("Conv") && proportional(tensor(n.input(1)), weight))
            .findFirst()
            .orElseThrow();
    GraphBuilder builder = GraphBuilder.from(graph);
    Node whole = node;
    if (node.input(2).isEmpty()) {
      long channels = tensor(node.input(1)).dim(0);
      Tensor zeros = Tensor.zeros(ElementType.FLOAT, channels);
      String bias = builder.initializer(node.input(1) + ".folded", zeros);
      whole = node.withInputs(List.of(node.input(0), node.input(1), bias));
    }
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.set(nodes.indexOf(node), whole);
    model = model.withGraph(builder.build().withNodes(nodes));
    equal.remove(whole.input(2));
    folded.add(new Folded(convolution, normalization, whole.input(1), whole.input(2)));
    for (String name : torch.keySet()) {
      if (name.startsWith(convolution + ".") || name.startsWith(normalization + ".")) {
        covered.add(name);
      }
    }
  }

  private Tensor tensor(String name) {
    return model.graph().initializers().get(name);
  }

  private static boolean proportional(Tensor tensor, double[] weight) {
    double[] found = tensor.toDoubles();
    if (found.length != weight.length) {
      return false;
    }
    int area = weight.length / (int) tensor.dim(0);
    for (int i = 0; i < weight.length; i++) {
      int first = i / area * area;
      if (Math.abs(found[i] - weight[i] * found[first] / weight[first]) > 1e-5) {
        return false;
      }
    }
    return true;
  }

  /** The model, with the biases that gradients are asked for. */
  Model model() {
    return model;
  }

  /** The exporter's initializers to differentiate by. */
  Set<String> initializers() {
    Set<String> names = new TreeSet<>(equal.keySet());
    folded.forEach(fold -> names.addAll(List.of(fold.weight(), fold.bias())));
    return names;
  }

  /**
   * Gradients by PyTorch's parameters. Of parameters that share an initializer only the sum is
   * known, under all their names.
   *
   * @param gradients by the exporter's initializers
   * @return by PyTorch's names, joined by + where several share one
   */
  Map<String, double[]> gradients(Map<String, double[]> gradients) {
    Map<String, double[]> all = new LinkedHashMap<>();
    equal.forEach(
        (initializer, names) -> {
          double[] gradient = gradients.get(initializer);
          Tensor tensor = tensor(initializer);
          boolean asIs = Arrays.equals(tensor.toDoubles(), torch.get(names.getFirst()));
          all.put(String.join("+", names), asIs ? gradient : turned(gradient, (int) tensor.dim(0)));
        });
    folded.forEach(fold -> all.putAll(unfolded(fold, gradients)));
    return all;
  }

  /** The chain rule through what the exporter folded, channel by channel. */
  private Map<String, double[]> unfolded(Folded fold, Map<String, double[]> gradients) {
    double[] weight = torch.get(fold.convolution() + ".weight");
    double[] gamma = torch.get(fold.normalization() + ".weight");
    double[] beta = torch.get(fold.normalization() + ".bias");
    double[] exported = tensor(fold.weight()).toDoubles();
    double[] shifted = tensor(fold.bias()).toDoubles();
    double[] byWeight = gradients.get(fold.weight()).clone();
    double[] byBeta = gradients.get(fold.bias());
    double[] byBias = new double[beta.length];
    double[] byGamma = new double[beta.length];
    int area = weight.length / beta.length;
    for (int channel = 0; channel < beta.length; channel++) {
      double scale = exported[channel * area] / weight[channel * area];
      for (int i = channel * area; i < (channel + 1) * area; i++) {
        byGamma[channel] += byWeight[i] * weight[i] * scale / gamma[channel];
        byWeight[i] *= scale;
      }
      byBias[channel] = byBeta[channel] * scale;
      byGamma[channel] += byBeta[channel] * (shifted[channel] - beta[channel]) / gamma[channel];
    }
    Map<String, double[]> all = new HashMap<>();
    all.put(fold.convolution() + ".weight", byWeight);
    all.put(fold.normalization() + ".weight", byGamma);
    all.put(fold.normalization() + ".bias", byBeta);
    if (torch.containsKey(fold.convolution() + ".bias")) {
      all.put(fold.convolution() + ".bias", byBias);
    }
    return all;
  }
}

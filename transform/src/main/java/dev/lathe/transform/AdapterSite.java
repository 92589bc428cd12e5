package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A node that multiplies by a weight. Letters: O outputs, I inputs of the linear map that the
 * weight is, G groups, r rank.
 *
 * @param node MatMul, Gemm or Conv
 * @param operand which input the weight is
 */
record AdapterSite(Node node, int operand) {
  /** The node's use of an input as a weight, if it is one. */
  static Optional<AdapterSite> of(Node node, int input) {
    boolean weight =
        switch (node.qualifiedOp()) {
          case "MatMul", "Gemm" -> input < 2 && !node.input(0).equals(node.input(1));
          case "Conv" -> input == 1;
          default -> false;
        };
    return weight ? Optional.of(new AdapterSite(node, input)) : Optional.empty();
  }

  String weight() {
    return node.input(operand);
  }

  /** The other operand. */
  String data() {
    return node.input(1 - operand);
  }

  boolean convolves() {
    return node.op().equals("Conv");
  }

  boolean isGemm() {
    return node.op().equals("Gemm");
  }

  long groups() {
    return convolves() ? node.intAttribute("group", 1) : 1;
  }

  /** Whether the weight lies as [O, I], or [O, I/G, ...] for Conv, and not as [I, O]. */
  boolean outputsFirst() {
    if (convolves()) {
      return true;
    }
    if (operand == 0) {
      return !isGemm() || node.intAttribute("transA", 0) == 0;
    }
    return isGemm() && node.intAttribute("transB", 0) != 0;
  }

  /** The shape of the adapter's part that reads the input: [r, I], or [r, I/G, ...] for Conv. */
  long[] downShape(Tensor weight, long rank) {
    long[] dims = weight.dims();
    if (!convolves()) {
      return new long[] {rank, dims[outputsFirst() ? 1 : 0]};
    }
    dims[0] = rank;
    return dims;
  }

  /** The shape of the part that makes the output: [O, r], or [O, r/G, 1, ...] for Conv. */
  long[] upShape(Tensor weight, long rank) {
    long[] dims = weight.dims();
    if (!convolves()) {
      return new long[] {dims[outputsFirst() ? 0 : 1], rank};
    }
    Arrays.fill(dims, 1, dims.length, 1);
    dims[1] = rank / groups();
    return dims;
  }

  void require(Tensor weight, long rank) {
    boolean fits = convolves() ? weight.rank() > 2 : weight.rank() == 2;
    if (!fits) {
      throw refuse(weight + " (expected: two axes, or those of a convolution's kernel)");
    }
    if (rank % groups() != 0) {
      throw refuse(
          groups()
              + " groups, rank "
              + rank
              + " (expected: a rank that is a multiple of groups, or targets that leave the weight"
              + " out)");
    }
  }

  LatheException refuse(String what) {
    return new LatheException(
        TransformError.UNSUPPORTED_FORM,
        node.describe() + ": no adapter for weight \"" + weight() + "\": " + what);
  }

  /** What all sites of one weight must agree on. */
  record Layout(boolean outputsFirst, boolean convolves, long groups) {}

  Layout layout() {
    return new Layout(outputsFirst(), convolves(), groups());
  }

  /**
   * Adds {@code scale · up · down} to a weight, in double precision.
   *
   * @param weight FLOAT, as the site has it
   * @param down as {@link #downShape}
   * @param up as {@link #upShape}
   * @return a new tensor of the weight's shape
   */
  Tensor merged(Tensor weight, Tensor down, Tensor up, double scale) {
    float[] values = weight.toFloats();
    float[] from = down.toFloats();
    float[] to = up.toFloats();
    int outputs = Math.toIntExact(up.dim(0));
    int inputs = from.length / Math.toIntExact(down.dim(0));
    int ranks = to.length / outputs;
    int perGroup = outputs / Math.toIntExact(groups());
    for (int o = 0; o < outputs; o++) {
      int first = o / perGroup * ranks;
      for (int i = 0; i < inputs; i++) {
        double sum = 0;
        for (int k = 0; k < ranks; k++) {
          sum += (double) to[o * ranks + k] * from[(first + k) * inputs + i];
        }
        int place = outputsFirst() ? o * inputs + i : i * outputs + o;
        values[place] = (float) (values[place] + scale * sum);
      }
    }
    return Tensor.ofFloats(values, weight.dims()).withNotes(weight.notes());
  }

  /** The uses of a weight in a list of nodes; each must be a site, and all of one layout. */
  static List<AdapterSite> all(List<Node> nodes, String weight) {
    List<AdapterSite> sites =
        nodes.stream()
            .filter(node -> read(node).contains(weight))
            .map(node -> require(node, weight))
            .toList();
    for (AdapterSite site : sites) {
      if (!site.layout().equals(sites.getFirst().layout())) {
        throw site.refuse(
            "it is laid out otherwise for "
                + sites.getFirst().node.describe()
                + " (expected: one)");
      }
    }
    return sites;
  }

  private static AdapterSite require(Node node, String weight) {
    int input = node.inputs().indexOf(weight);
    return of(node, input)
        .orElseThrow(
            () ->
                new LatheException(
                    TransformError.UNSUPPORTED_FORM,
                    node.describe()
                        + ": it uses weight \""
                        + weight
                        + "\", which cannot get an adapter then (expected: uses by MatMul, Gemm or"
                        + " Conv only, or targets that leave the weight out)"));
  }

  /** Names that a node or its bodies read; a body's own names are counted too. */
  private static List<String> read(Node node) {
    List<String> names = new ArrayList<>(node.inputs());
    for (Graph body : Bodies.of(node)) {
      body.nodes().forEach(inner -> names.addAll(read(inner)));
      body.outputs().forEach(output -> names.add(output.name()));
    }
    return names;
  }
}

package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.quantize.Projection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A node that multiplies by a weight, or picks rows of one that is multiplied by elsewhere.
 *
 * @param node MatMul, Gemm, Conv, ConvTranspose or Gather
 * @param operand which input the weight is
 * @param weight the weight's name
 * @param turned whether a Transpose stands between the weight and the node
 */
record AdapterSite(Node node, int operand, String weight, boolean turned) {
  /** The node's use of an input as a weight, if it is one. */
  static Optional<AdapterSite> of(Node node, int input, Map<String, Node> transposes) {
    String name = node.input(input);
    Node transpose = transposes.get(name);
    boolean weight =
        switch (node.qualifiedOp()) {
          case "MatMul", "Gemm" -> input < 2 && !node.input(0).equals(node.input(1));
          case "Conv", "ConvTranspose" -> input == 1 && transpose == null;
          case "Gather" -> input == 0 && transpose == null && node.intAttribute("axis", 0) == 0;
          default -> false;
        };
    return weight
        ? Optional.of(
            new AdapterSite(
                node, input, transpose == null ? name : transpose.input(0), transpose != null))
        : Optional.empty();
  }

  /** The other operand. */
  String data() {
    return node.input(1 - operand);
  }

  boolean convolves() {
    return node.op().equals("Conv") || node.op().equals("ConvTranspose");
  }

  boolean isGemm() {
    return node.op().equals("Gemm");
  }

  /** Whether it picks rows, as an embedding does. */
  boolean picks() {
    return node.op().equals("Gather");
  }

  /** Whether the weight lies as [O, I], or [O, I/G, ...] for Conv, and not as [I, O]. */
  private boolean outputsFirst() {
    if (convolves() || picks()) {
      return true;
    }
    boolean stored =
        operand == 0
            ? !isGemm() || node.intAttribute("transA", 0) == 0
            : isGemm() && node.intAttribute("transB", 0) != 0;
    return stored != turned;
  }

  AdapterForm form(Tensor tensor) {
    AdapterForm.Kind kind =
        switch (node.op()) {
          case "Conv" -> AdapterForm.Kind.KERNEL;
          case "ConvTranspose" -> AdapterForm.Kind.TURNED_KERNEL;
          default -> AdapterForm.Kind.MATRIX;
        };
    long groups = convolves() ? node.intAttribute("group", 1) : 1;
    return new AdapterForm(
        kind, outputsFirst(), groups, LongStream.of(tensor.dims()).boxed().toList());
  }

  LatheException refuse(String what) {
    return new LatheException(
        TransformError.UNSUPPORTED_FORM,
        node.describe() + ": no adapter for weight \"" + weight + "\": " + what);
  }

  /** The form of a weight that {@link #all} has found uses of. */
  static AdapterForm form(Graph graph, String weight) {
    Tensor tensor = graph.initializers().get(weight);
    List<AdapterSite> sites = all(graph, weight);
    AdapterSite first = sites.getFirst();
    if (tensor == null || !first.form(tensor).fits()) {
      throw first.refuse(tensor + " (expected: two axes or more, or those of a kernel)");
    }
    AdapterForm form = first.form(tensor);
    for (AdapterSite site : sites) {
      if (!site.form(tensor).equals(form) || site.turned && tensor.rank() > 2) {
        throw site.refuse(
            "it is laid out otherwise for " + first.node.describe() + " (expected: one)");
      }
    }
    return form;
  }

  /**
   * The uses of a weight; each must be a site, and one at least must multiply.
   *
   * @throws LatheException UNSUPPORTED_FORM for another use, UNKNOWN_VALUE for none
   */
  static List<AdapterSite> all(Graph graph, String weight) {
    Map<String, Node> transposes = Projection.transposes(graph);
    List<AdapterSite> sites = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of(weight));
    for (Node node : graph.nodes()) {
      Node transpose = node.outputs().isEmpty() ? null : transposes.get(node.output(0));
      if (transpose == node && node.input(0).equals(weight)) {
        names.add(node.output(0));
      } else {
        List<String> read = read(node);
        names.stream()
            .filter(read::contains)
            .map(name -> require(node, name, weight, transposes))
            .forEach(sites::add);
      }
    }
    if (sites.stream().allMatch(AdapterSite::picks)) {
      throw new LatheException(
          TransformError.UNKNOWN_VALUE,
          "\"" + weight + "\" (expected: a weight of MatMul, Gemm, Conv or ConvTranspose)");
    }
    return sites;
  }

  private static AdapterSite require(
      Node node, String name, String weight, Map<String, Node> transposes) {
    int input = node.inputs().indexOf(name);
    Optional<AdapterSite> site = input < 0 ? Optional.empty() : of(node, input, transposes);
    return site.orElseThrow(
        () ->
            new LatheException(
                TransformError.UNSUPPORTED_FORM,
                node.describe()
                    + ": it uses weight \""
                    + weight
                    + "\", which cannot get an adapter then (expected: uses by MatMul, Gemm, Conv"
                    + " or ConvTranspose, and by Gather beside, or targets that leave the weight"
                    + " out)"));
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

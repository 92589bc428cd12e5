package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes what depends on two places, such as a bias by distance, for new tokens and all that they
 * see: [1, H, T, T] of a whole sequence becomes [B, H, S, total], where each row's new tokens stand
 * at places of their own. Not safe for use by several threads.
 */
final class PairForm {
  private static final Set<String> ELEMENTWISE =
      Set.of("Add", "Sub", "Mul", "Div", "Max", "Min", "Neg", "Abs", "Cast", "Identity");
  private static final String SEEN = "places_seen";

  private final Extents extents;
  private final List<Node> nodes;
  private final Map<String, String> written = new HashMap<>();

  PairForm(Extents extents, List<Node> nodes) {
    this.extents = extents;
    this.nodes = nodes;
  }

  /** The value that stands for one of the plain form. */
  String write(String value) {
    String known = written.get(value);
    if (known == null) {
      known = extents.of(value).isConstant() ? value : made(extents.producer(value).orElseThrow());
      written.put(value, known);
    }
    return known;
  }

  private String made(Node node) {
    String output = node.output(0);
    if (node.qualifiedOp().equals("Unsqueeze")) {
      return unsqueezed(node);
    }
    boolean table =
        node.qualifiedOp().equals("Gather")
            && extents.of(node.input(0)).isConstant()
            && node.intAttribute("axis", 0) == 0;
    if (table || ELEMENTWISE.contains(node.qualifiedOp()) && isScalarOrPair(node)) {
      nodes.add(
          node.withInputs(node.inputs().stream().map(this::write).toList())
              .withOutputs(List.of(output)));
      return output;
    }
    if (node.qualifiedOp().equals("Transpose")) {
      long[] order = node.intsAttribute("perm");
      long[] behindRows = new long[order.length + 1];
      for (int i = 0; i < order.length; i++) {
        behindRows[i + 1] = order[i] + 1;
      }
      nodes.add(
          node.withInputs(List.of(write(node.input(0))))
              .with("perm", Attribute.ofInts(behindRows)));
      return output;
    }
    throw TokenRules.refuse(node, "a bias by places that is not worked out place by place");
  }

  /** Constants beside pairs may have one element only: axes would not line up with rows. */
  private boolean isScalarOrPair(Node node) {
    return node.inputs().stream()
        .filter(input -> extents.of(input).isConstant())
        .allMatch(
            input -> extents.constant(input).filter(tensor -> tensor.size() == 1).isPresent());
  }

  /** Places as a column are those of new tokens, as a row those of all tokens that are seen. */
  private String unsqueezed(Node node) {
    Optional<long[]> axes = extents.fact(node.input(1)).constants();
    long axis = axes.isPresent() && axes.get().length == 1 ? axes.get()[0] : Long.MIN_VALUE;
    if (extents.isPlaces(node.input(0)) && axis == 1) {
      String last = constant(node.output(0) + "/last", Tensor.ofLongs(new long[] {-1}, 1));
      String column = node.output(0) + "/column";
      nodes.add(node.withInputs(List.of(CacheNames.POSITIONS, last)).withOutputs(List.of(column)));
      return column;
    }
    if (extents.isPlaces(node.input(0)) && axis == 0) {
      return seen();
    }
    if (extents.of(node.input(0)) == Extent.PAIRS && axis == 0) {
      return write(node.input(0)); // rows are there already
    }
    throw TokenRules.refuse(node, "axis " + axis + " (expected: places as a row or as a column)");
  }

  private String seen() {
    if (written.putIfAbsent(SEEN, SEEN) == null) {
      String total = SEEN + "/total";
      nodes.add(
          Node.of("Cast", List.of(CacheNames.TOTAL), List.of(total))
              .with("to", Attribute.of((long) ElementType.INT64.code())));
      String first = constant(SEEN + "/first", Tensor.scalar(0L));
      String step = constant(SEEN + "/step", Tensor.scalar(1L));
      nodes.add(Node.of("Range", List.of(first, total, step), List.of(SEEN)));
    }
    return SEEN;
  }

  private String constant(String name, Tensor value) {
    nodes.add(Node.of("Constant", List.of(), List.of(name)).with("value", Attribute.of(value)));
    return name;
  }
}

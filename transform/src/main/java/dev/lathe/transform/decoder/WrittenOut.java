package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.RemoveDeadNodes;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Inference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads attention that is written out in products, as older operator sets have it, as the one
 * operator that it is: {@code Softmax(q·kᵀ·scale + mask)·v} with heads as an axis, and a mask that
 * hides what comes later; or, where tokens look at those of an encoder, S of them, a mask [N, 1, 1,
 * S] of the encoder's. Not safe for use by several threads.
 */
final class WrittenOut {
  /** What is added to a score that must not count: its exponential is nothing beside any other. */
  private static final double NEVER = -1e4;

  private static final String OWN = "T";
  private static final String SOURCE = "S";
  private static final long[] HEADS_FIRST = {0, 2, 1, 3};
  private static final long[] PARTS_FIRST = {2, 0, 3, 1, 4};
  private static final long[] TURNED = {0, 1, 3, 2};

  private final Model model;
  private final String tokens;
  private final Inference inference;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();

  private WrittenOut(Model model, String tokens, Map<String, String> axes) {
    this.model = model;
    this.tokens = tokens;
    this.inference = Inference.start(model);
    axes.forEach(
        (input, axis) -> {
          Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of(axis)));
          inference.put(input, Fact.of(ElementType.INT64, shape));
        });
    constants.putAll(model.graph().initializers());
    for (Node node : model.graph().nodes()) {
      inference.add(node);
      node.outputs().forEach(output -> producers.put(output, node));
      node.inputs()
          .forEach(input -> readers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node));
      ConstantNodes.value(node).ifPresent(value -> constants.put(node.output(0), value));
    }
  }

  /** The model with Attention wherever it is written out so; the same object if nowhere. */
  static Model read(Model model, String tokens) {
    return hasSoftmax(model) ? new WrittenOut(model, tokens, Map.of(tokens, OWN)).read() : model;
  }

  /** The same for a decoder beside an encoder, which has tokens of its own. */
  static Model read(Model model, String tokens, String source) {
    return hasSoftmax(model)
        ? new WrittenOut(model, tokens, Map.of(tokens, OWN, source, SOURCE)).read()
        : model;
  }

  private static boolean hasSoftmax(Model model) {
    return model.graph().nodes().stream().anyMatch(node -> node.op().equals("Softmax"));
  }

  private Model read() {
    Map<Node, List<Node>> replaced = new HashMap<>();
    for (Node node : model.graph().nodes()) {
      if (node.qualifiedOp().equals("Softmax")) {
        of(node).ifPresent(found -> replaced.put(found.last(), found.nodes()));
      }
    }
    if (replaced.isEmpty()) {
      return model;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      nodes.addAll(replaced.getOrDefault(node, List.of(node)));
    }
    return RemoveDeadNodes.apply(model.withGraph(model.graph().withNodes(nodes)));
  }

  /** The node that gives the mixed heads back to their tokens, and what stands in its place. */
  private record Found(Node last, List<Node> nodes) {}

  private Optional<Found> of(Node softmax) {
    Node masked = made(softmax.input(0), "Add");
    Node mixed = onlyReader(softmax.output(0), "MatMul");
    Node last = mixed == null ? null : onlyReader(mixed.output(0), "Transpose");
    long axis = softmax.intAttribute("axis", TokenRules.softmaxAxis(model.opset()));
    boolean fits =
        masked != null && last != null && (axis == -1 || axis == 3) && turns(last, HEADS_FIRST);
    if (!fits) {
      return Optional.empty();
    }
    boolean across = isOfSource(masked.input(1));
    Node scaled = made(masked.input(0), "Mul");
    Tensor scale = scaled == null ? null : constants.get(scaled.input(1));
    Node scores = scaled == null ? null : made(scaled.input(0), "MatMul");
    Node keys = scores == null ? null : made(scores.input(1), "Transpose");
    boolean read = across || hidesLater(masked.input(1));
    if (!read || scale == null || scale.size() != 1 || keys == null || !turns(keys, TURNED)) {
      return Optional.empty();
    }
    List<Node> nodes = new ArrayList<>();
    String seen = across ? SOURCE : OWN;
    List<String> parts = new ArrayList<>();
    perToken(scores.input(0), OWN, nodes).ifPresent(parts::add);
    perToken(keys.input(0), seen, nodes).ifPresent(parts::add);
    perToken(mixed.input(1), seen, nodes).ifPresent(parts::add);
    Optional<long[]> sizes = sizes(last.output(0), OWN);
    if (parts.size() < 3 || sizes.isEmpty()) {
      return Optional.empty();
    }
    if (across) {
      parts.add(forEach(masked.input(1), last.output(0), nodes));
    }
    long heads = sizes.get()[0];
    String output = last.output(0);
    nodes.add(
        Node.of("Attention", parts, List.of(output + "/attention"))
            .with("is_causal", Attribute.of(across ? 0L : 1L))
            .with("q_num_heads", Attribute.of(heads))
            .with("kv_num_heads", Attribute.of(heads))
            .with("scale", Attribute.of((float) scale.doubleAt(0))));
    String apart = constant(output + "/heads", nodes, 0, 0, heads, sizes.get()[1]);
    nodes.add(Node.of("Reshape", List.of(output + "/attention", apart), List.of(output)));
    return Optional.of(new Found(last, nodes));
  }

  /** Whether a mask is FLOAT [N, 1, 1, S]. */
  private boolean isOfSource(String mask) {
    Fact fact = inference.fact(mask);
    return fact.element() == ElementType.FLOAT
        && fact.shape().ranked()
        && fact.shape().dims().equals(List.of(Dim.of("N"), Dim.of(1), Dim.of(1), Dim.of(SOURCE)));
  }

  /** A mask [N, 1, 1, S] for each of T tokens that look, [N, 1, T, S]. */
  private String forEach(String mask, String output, List<Node> nodes) {
    String length = output + "/length";
    nodes.add(
        Node.of("Shape", List.of(tokens), List.of(length))
            .with("start", Attribute.of(1L))
            .with("end", Attribute.of(2L)));
    String one = constant(output + "/one", nodes, 1);
    String lookers = output + "/lookers";
    nodes.add(
        Node.of("Concat", List.of(one, one, length, one), List.of(lookers))
            .with("axis", Attribute.of(0L)));
    nodes.add(Node.of("Expand", List.of(mask, lookers), List.of(output + "/mask")));
    return output + "/mask";
  }

  /** Heads [N, H, L, d] as [N, L, H·d], from where they still lay by tokens of an axis L. */
  private Optional<String> perToken(String heads, String axis, List<Node> nodes) {
    Node turned = made(heads, "Transpose");
    if (turned != null && turns(turned, HEADS_FIRST)) {
      return sizes(turned.input(0), axis)
          .map(hd -> joined(turned.input(0), heads, nodes, hd[0] * hd[1]));
    }
    Node squeezed = made(heads, "Squeeze");
    Node split = squeezed == null ? null : made(squeezed.input(0), "Split");
    Node packed = split == null ? null : made(split.input(0), "Transpose");
    boolean parts =
        packed != null && turns(packed, PARTS_FIRST) && split.intAttribute("axis", 0) == 0;
    if (!parts) {
      return Optional.empty();
    }
    int index = split.outputs().indexOf(squeezed.input(0));
    String which = heads + "/part";
    nodes.add(
        Node.of("Constant", List.of(), List.of(which))
            .with("value", Attribute.of(Tensor.scalar((long) index))));
    String part = heads + "/by_token";
    nodes.add(
        Node.of("Gather", List.of(packed.input(0), which), List.of(part))
            .with("axis", Attribute.of(2L)));
    Optional<long[]> sizes = sizes(packed.input(0), axis);
    return sizes.map(hd -> joined(part, heads, nodes, hd[0] * hd[1]));
  }

  private String joined(String byToken, String heads, List<Node> nodes, long width) {
    String flat = constant(heads + "/flat", nodes, 0, 0, width);
    nodes.add(Node.of("Reshape", List.of(byToken, flat), List.of(heads + "/joined")));
    return heads + "/joined";
  }

  private static String constant(String name, List<Node> nodes, long... values) {
    nodes.add(
        Node.of("Constant", List.of(), List.of(name))
            .with("value", Attribute.of(Tensor.ofLongs(values, values.length))));
    return name;
  }

  /** The last two sizes, H and d, of a value [N, L, ..., H, d]. */
  private Optional<long[]> sizes(String value, String axis) {
    Shape shape = inference.fact(value).shape();
    boolean byToken =
        shape.rank() >= 4
            && shape.dim(0).equals(Dim.of("N"))
            && shape.dim(1).equals(Dim.of(axis))
            && shape.dim(-2).isFixed()
            && shape.dim(-1).isFixed();
    return byToken
        ? Optional.of(new long[] {shape.dim(-2).sizeOrMinusOne(), shape.dim(-1).sizeOrMinusOne()})
        : Optional.empty();
  }

  /** [T, T] with a large negative number above the diagonal, zero elsewhere. */
  private boolean hidesLater(String mask) {
    Node triangle = made(mask, "Trilu");
    Node full = triangle == null ? null : made(triangle.input(0), "ConstantOfShape");
    if (full == null || triangle.intAttribute("upper", 1) != 1) {
      return false;
    }
    Optional<long[]> diagonal = inference.fact(triangle.input(1)).constants();
    Shape shape = inference.fact(mask).shape();
    boolean square = shape.rank() == 2 && shape.dims().equals(List.of(Dim.of("T"), Dim.of("T")));
    return square
        && diagonal.isPresent()
        && diagonal.get().length == 1
        && diagonal.get()[0] == 1
        && full.attributes().get("value") instanceof Attribute.OfTensor(Tensor value)
        && value.doubleAt(0) <= NEVER;
  }

  private static boolean turns(Node transpose, long[] order) {
    return Arrays.equals(transpose.intsAttribute("perm"), order);
  }

  private @org.jspecify.annotations.Nullable Node made(String value, String op) {
    Node node = producers.get(value);
    return node != null && node.qualifiedOp().equals(op) ? node : null;
  }

  private @org.jspecify.annotations.Nullable Node onlyReader(String value, String op) {
    List<Node> all = readers.getOrDefault(value, List.of());
    boolean one = all.size() == 1 && model.graph().output(value).isEmpty();
    return one && all.getFirst().qualifiedOp().equals(op) ? all.getFirst() : null;
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * An LSTM, GRU or RNN on a draft: sizes, and the parts of its inputs that belong to one direction.
 *
 * <p>Letters: T steps, B sequences, I inputs, H hidden units, D directions, G gates. Inside, every
 * value has its sequences in columns, [..., B]: a product with the weights is then W·x, where the
 * engine reads W as it lies, while x·Wᵀ would have it copied at every step.
 */
final class RecurrentLayer {
  private static final int LENGTHS = 4;
  private static final int STATE = 5;

  private final Algebra g;
  private final Node node;
  private final int gates;
  private final long hidden;
  private final List<Boolean> backwards;

  private RecurrentLayer(Algebra g, Node node, int gates) {
    this.g = g;
    this.node = node;
    this.gates = gates;
    long declared = g.draft().shape(node.input(2)).dim(2).sizeOrMinusOne();
    this.hidden = node.intAttribute("hidden_size", declared);
    this.backwards =
        switch (node.stringAttribute("direction", "forward")) {
          case "forward" -> List.of(false);
          case "reverse" -> List.of(true);
          case "bidirectional" -> List.of(false, true);
          case String other ->
              throw refuse(
                  "direction \"" + other + "\" (expected: forward, reverse, bidirectional)");
        };
  }

  /**
   * Looks at a node.
   *
   * @throws dev.lathe.ir.LatheException NO_GRADIENT for a form that has no gradient here
   */
  static RecurrentLayer of(Algebra g, Node node, RecurrentCell cell) {
    for (int i = 0; i < 3; i++) {
      if (!g.draft().shape(node.input(i)).ranked() || g.draft().shape(node.input(i)).rank() != 3) {
        throw TrainingForms.refuse(node, "input \"" + node.input(i) + "\" (expected: three axes)");
      }
    }
    RecurrentLayer layer = new RecurrentLayer(g, node, cell.gates());
    if (layer.hidden < 1) {
      throw layer.refuse("hidden_size is not known");
    }
    layer.require("layout", 0);
    layer.require("input_forget", 0);
    if (node.attribute("clip").isPresent()) {
      throw layer.refuse("clip (expected: none)");
    }
    if (!node.input(7).isEmpty()) {
      throw layer.refuse("peepholes \"" + node.input(7) + "\" (expected: none)");
    }
    layer.requireActivations(cell.activations());
    return layer;
  }

  private void require(String attribute, long expected) {
    long found = node.intAttribute(attribute, expected);
    if (found != expected) {
      throw refuse(attribute + " " + found + " (expected: " + expected + ")");
    }
  }

  private void requireActivations(List<String> known) {
    List<String> expected = new ArrayList<>();
    backwards.forEach(_ -> expected.addAll(known));
    if (node.attributes().get("activations") instanceof Attribute.OfStrings(var given)) {
      List<String> found = given.stream().map(text -> text.utf8()).toList();
      if (!found.equals(expected)) {
        throw refuse("activations " + found + " (expected: " + expected + ")");
      }
    }
  }

  private LatheException refuse(String why) {
    return TrainingForms.refuse(node, why);
  }

  Node node() {
    return node;
  }

  List<Direction> directions() {
    List<Direction> all = new ArrayList<>();
    for (int i = 0; i < backwards.size(); i++) {
      all.add(new Direction(i));
    }
    return all;
  }

  /** Whether sequences have lengths of their own. */
  boolean masked() {
    return !node.input(LENGTHS).isEmpty();
  }

  /** One value of all directions, from those of each, along a new axis. */
  String join(long axis, List<String> values) {
    String[] parts =
        values.stream()
            .map(value -> g.node("Unsqueeze", value, g.draft().longs(axis)))
            .toArray(String[]::new);
    return parts.length == 1
        ? parts[0]
        : g.draft().node("Concat", Map.of("axis", Attribute.of(axis)), parts);
  }

  /** What belongs to one direction, of a value with an axis for directions. */
  private String part(String value, long axis, int direction) {
    String one =
        backwards.size() == 1
            ? value
            : g.draft()
                .nodes("Split", Map.of("axis", Attribute.of(axis)), 2, value, g.draft().longs(1, 1))
                .get(direction);
    return g.squeeze(one, (int) axis);
  }

  private String size(int axis) {
    String x = node.input(0);
    long fixed = g.draft().shape(x).dim(axis).sizeOrMinusOne();
    return fixed >= 0
        ? g.draft().longs(fixed)
        : g.node("Gather", g.node("Shape", x), g.draft().longs(axis));
  }

  /** A shape from sizes, each INT64 [1]; constant if all are. */
  private String shape(String... sizes) {
    boolean constant =
        Arrays.stream(sizes).allMatch(s -> g.draft().fact(s).constants().isPresent());
    return constant
        ? g.draft()
            .longs(
                Arrays.stream(sizes)
                    .mapToLong(s -> g.draft().fact(s).constants().orElseThrow()[0])
                    .toArray())
        : g.draft().node("Concat", Map.of("axis", Attribute.of(0L)), sizes);
  }

  /** X with its sequences in columns and a row of ones under it, [T, I + 1, B]. */
  private String columns() {
    String x = node.input(0);
    String sizes = shape(size(0), g.draft().longs(1), size(1));
    Attribute one = Attribute.of(Tensor.ofFloats(new float[] {1}, 1));
    String ones = g.castLike(g.draft().node("ConstantOfShape", Map.of("value", one), sizes), x);
    return g.draft()
        .node("Concat", Map.of("axis", Attribute.of(1L)), g.transpose(x, 0, 2, 1), ones);
  }

  /** Rows of a matrix. */
  private String rows(String matrix, long from, long to, long axis) {
    var draft = g.draft();
    return to - from == gates * hidden
        ? matrix
        : draft.node("Slice", matrix, draft.longs(from), draft.longs(to), draft.longs(axis));
  }

  /** The part of the layer that runs one way. */
  final class Direction {
    private final int index;

    private Direction(int index) {
      this.index = index;
    }

    Algebra g() {
      return g;
    }

    long hidden() {
      return hidden;
    }

    /** A scalar of the input's element type. */
    String number(double value) {
      return g.draft().number(value, node.input(0));
    }

    boolean masked() {
      return RecurrentLayer.this.masked();
    }

    boolean backwards() {
      return backwards.get(index);
    }

    ScanBody body() {
      return new ScanBody(g.draft());
    }

    /** Rows of W·x + bias for all steps, [T, to - from, B]. */
    String projected(long from, long to, String bias) {
      String w = rows(part(node.input(1), 0, index), from, to, 0);
      if (bias.isEmpty()) {
        return g.node("MatMul", w, g.transpose(node.input(0), 0, 2, 1));
      }
      String wide = g.draft().node("Concat", Map.of("axis", Attribute.of(1L)), w, bias);
      return g.node("MatMul", wide, columns());
    }

    /** Rows of R, [to - from, H]. */
    String recurrence(long from, long to) {
      return rows(part(node.input(2), 0, index), from, to, 0);
    }

    /** The same transposed, [H, to - from]. */
    String recurrenceBack(long from, long to) {
      return rows(part(g.transpose(node.input(2), 0, 2, 1), 0, index), from, to, 1);
    }

    /** Rows of the input's bias as a column; empty if the layer has none. */
    String inputBias(long from, long to) {
      return bias(0, from, to);
    }

    /** Rows of the recurrence's bias as a column; empty if the layer has none. */
    String stateBias(long from, long to) {
      return bias(1, from, to);
    }

    /** Rows of both biases' sum. */
    String biasSum(long from, long to) {
      return node.input(3).isEmpty() ? "" : g.add(inputBias(from, to), stateBias(from, to));
    }

    private String bias(int half, long from, long to) {
      if (node.input(3).isEmpty()) {
        return "";
      }
      long n = gates * hidden;
      String column = g.reshape(part(node.input(3), 0, index), 2 * n, 1);
      Attribute axis = Attribute.of(0L);
      String all =
          g.draft()
              .nodes("Split", Map.of("axis", axis), 2, column, g.draft().longs(n, n))
              .get(half);
      return rows(all, from, to, 0);
    }

    /** The first state, or the first cells, [H, B]; zeros if not given. */
    String initial(int state) {
      String given = node.input(STATE + state);
      return given.isEmpty() ? zeros() : g.transpose(part(given, 0, index), 1, 0);
    }

    private String zeros() {
      return g.zeros(shape(g.draft().longs(hidden), size(1)), node.input(0));
    }

    /** Whether a step lies within its sequence, BOOL [T, 1, B]. */
    String mask() {
      String steps = g.node("Squeeze", size(0), g.draft().longs(0));
      var draft = g.draft();
      String zero = draft.constant("0", Tensor.scalar(0L));
      String one = draft.constant("1", Tensor.scalar(1L));
      String step = g.reshape(g.node("Range", zero, steps, one), -1, 1, 1);
      return g.node("Less", step, lengths());
    }

    private String lengths() {
      Attribute to = Attribute.of((long) ElementType.INT64.code());
      return g.draft().node("Cast", Map.of("to", to), node.input(LENGTHS));
    }

    /** A last state, 0 for empty sequences, as the engine has it. */
    String unlessEmpty(String state) {
      return masked() ? g.mask(g.node("Greater", lengths(), g.draft().longs(0)), state) : state;
    }

    /** A cotangent of Y, [T, D, B, H], as [T, H, B]. */
    String outputColumns(String dy) {
      return g.transpose(part(dy, 1, index), 0, 2, 1);
    }

    /** A cotangent of a last state, [D, B, H], as [H, B]; zeros if there is none. */
    String stateColumns(String dState) {
      return dState.isEmpty() ? zeros() : unlessEmpty(g.transpose(part(dState, 0, index), 1, 0));
    }

    /** The states before each step, [T, B, H], from those after, [T, H, B]. */
    String previous(String states) {
      String after = g.transpose(states, 0, 2, 1);
      String first = g.node("Unsqueeze", g.transpose(initial(0), 1, 0), g.draft().longs(0));
      var draft = g.draft();
      Map<String, Attribute> axis = Map.of("axis", Attribute.of(0L));
      if (backwards()) {
        String rest =
            g.node("Slice", after, draft.longs(1), draft.longs(Long.MAX_VALUE), draft.longs(0));
        return draft.node("Concat", axis, rest, first);
      }
      String rest = g.node("Slice", after, draft.longs(0), draft.longs(-1), draft.longs(0));
      return draft.node("Concat", axis, first, rest);
    }

    /** Rows of the cotangent of W. */
    String byInputWeight(RecurrentCell.Rows rows) {
      long features = g.draft().shape(node.input(0)).dim(2).sizeOrMinusOne();
      String x =
          features >= 0
              ? g.reshape(node.input(0), -1, features)
              : g.node("Reshape", node.input(0), shape(g.draft().longs(-1), size(2)));
      return g.node("Gemm", flat(rows), x);
    }

    /** Rows of the cotangent of R. */
    String byStateWeight(RecurrentCell.Rows rows) {
      return g.node("Gemm", flat(rows), g.reshape(rows.operand(), -1, hidden));
    }

    /** Rows of the cotangent of a bias. */
    String byBias(RecurrentCell.Rows rows) {
      return g.sum(flat(rows), 0, 1);
    }

    /** [T, n, B] as [n, T·B]. */
    private String flat(RecurrentCell.Rows rows) {
      long n = rows.to() - rows.from();
      return g.reshape(g.transpose(rows.dz(), 1, 0, 2), n, -1);
    }

    /** The cotangent of X, [T, B, I], as far as it comes through some rows of W·x. */
    String byInput(RecurrentCell.Rows part) {
      String weights = part(g.transpose(node.input(1), 0, 2, 1), 0, index);
      String w = rows(weights, part.from(), part.to(), 1);
      return g.transpose(g.node("MatMul", w, part.dz()), 0, 2, 1);
    }
  }
}

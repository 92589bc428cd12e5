package dev.lathe.transform.decoder;

import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.TransformError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The table of operators that may stand in a decoder: each says whether a node acts on every row
 * alone. To let another operator in, add a line.
 */
final class TokenRules {
  /** From this version on, softmax is over one axis. */
  private static final long FIRST_OF_ONE_AXIS = 13;

  /** What a node makes of what it reads; a refusal if it mixes rows. */
  @FunctionalInterface
  interface TokenRule {
    Extent of(Node node, Extents extents);
  }

  private static final Map<String, TokenRule> TABLE = table();
  private static final Set<String> OF_MEMORY = Set.of("Cast", "Unsqueeze", "Expand", "Identity");

  private TokenRules() {}

  static Extent extent(Node node, Extents extents) {
    boolean constant = node.inputs().stream().allMatch(input -> extents.of(input).isConstant());
    if (constant) {
      return Extent.CONSTANT;
    }
    if (isMemory(node, extents)) {
      return Extent.MEMORY;
    }
    TokenRule rule = TABLE.get(node.qualifiedOp());
    if (rule == null) {
      throw refuse(node, "an operator of which it is not known that it treats each token alone");
    }
    return rule.of(node, extents);
  }

  /**
   * What an encoder gives may be brought into another layout, but no sequence mixed with others.
   */
  private static boolean isMemory(Node node, Extents extents) {
    return OF_MEMORY.contains(node.qualifiedOp())
        && extents.of(node.input(0)) == Extent.MEMORY
        && given(node).stream()
            .skip(1)
            .map(extents::of)
            .allMatch(in -> in == Extent.SIZES || in == Extent.CONSTANT);
  }

  static LatheException refuse(Node node, String why) {
    return new LatheException(
        TransformError.UNSUPPORTED_FORM, node.describe() + ": no form with a cache: " + why);
  }

  private static Map<String, TokenRule> table() {
    Map<String, TokenRule> table = new HashMap<>();
    String elementwise =
        "Abs Add And Cast Ceil Celu Clip Cos Div Dropout Elu Equal Erf Exp Floor Gelu Greater"
            + " GreaterOrEqual HardSigmoid HardSwish Identity LeakyRelu Less LessOrEqual Log Max"
            + " Min Mish Mod Mul Neg Not Or Pow Reciprocal Relu Round Selu Sigmoid Sign Sin"
            + " Softplus Softsign Sqrt Sub Swish Tanh Where Xor";
    for (String op : elementwise.split(" ")) {
      table.put(op, TokenRules::elementwise);
    }
    String last =
        "LayerNormalization RMSNormalization Softmax LogSoftmax Split Concat ArgMax TopK"
            + " GatherElements";
    for (String op : last.split(" ")) {
      table.put(op, TokenRules::behindAxis);
    }
    table.put("Slice", (node, extents) -> axes(node, extents, 3, "axes"));
    for (String kind : "L1 L2 LogSumExp Max Mean Min Prod Sum SumSquare".split(" ")) {
      table.put("Reduce" + kind, (node, extents) -> axes(node, extents, 1, "axes"));
    }
    table.put("MatMul", TokenRules::product);
    table.put("Gemm", TokenRules::product);
    table.put("Gather", TokenRules::gather);
    for (String op : "Reshape Flatten Expand Squeeze Unsqueeze ConstantOfShape".split(" ")) {
      table.put(op, TokenRules::reshape);
    }
    table.put("Transpose", TokenRules::transpose);
    table.put("Shape", (_, _) -> Extent.SIZES);
    table.put("Size", (_, _) -> Extent.SIZES);
    table.put("Range", TokenRules::range);
    table.put("RotaryEmbedding", TokenRules::rotation);
    table.put("Attention", TokenRules::attention);
    return table;
  }

  /** Operands line up from the last axis, so a row must meet rows alone. */
  private static Extent elementwise(Node node, Extents extents) {
    if (sizes(node, extents)) {
      return Extent.SIZES;
    }
    Extent out = result(node, extents);
    int rank = rank(node.output(0), node, extents);
    for (String input : given(node)) {
      if (!linesUp(input, out, rank, extents)) {
        if (placesAlone(node, extents)) {
          return Extent.PAIRS;
        }
        throw refuse(node, describe(input, extents) + " does not line up with its rows");
      }
    }
    return out;
  }

  private static boolean linesUp(String input, Extent out, int rank, Extents extents) {
    Extent in = extents.of(input);
    if (!extents.fact(input).shape().ranked()) {
      return false;
    }
    Shape shape = extents.fact(input).shape();
    int missing = rank - shape.rank();
    return switch (in) {
      case CONSTANT -> {
        for (int axis = 0; axis < out.axes() - missing; axis++) {
          if (!shape.dim(axis).equals(Dim.of(1))) {
            yield false;
          }
        }
        yield true;
      }
      case PLACES -> out == Extent.PLACES ? missing == 0 : out.axes() == 2 && missing == 1;
      case SPREAD_PLACES -> out.axes() == 2 && missing == 0;
      case TOKENS, ROWS -> in == out && missing == 0;
      case SIZES, PAIRS, MEMORY -> false;
    };
  }

  /** Operators that work along axes from one on, or along the last. */
  private static Extent behindAxis(Node node, Extents extents) {
    if (sizes(node, extents)) {
      return Extent.SIZES;
    }
    boolean first = node.op().equals("Split") || node.op().equals("ArgMax");
    boolean softmax = node.op().equals("Softmax") || node.op().equals("LogSoftmax");
    long otherwise = first ? 0 : softmax ? softmaxAxis(extents.opset()) : -1;
    long axis = node.intAttribute("axis", otherwise);
    requireBehind(node, extents, axis);
    if (softmax && isFlattening(extents.opset())) {
      requireLast(node, extents, axis);
    }
    Extent in = extents.of(node.input(0));
    boolean parts = node.op().equals("Concat") || node.op().equals("GatherElements");
    for (String input : given(node).subList(1, given(node).size())) {
      Extent other = extents.of(input);
      if (parts ? other != in : !other.isConstant()) {
        throw refuse(node, describe(input, extents) + " beside " + in);
      }
    }
    return result(node, extents);
  }

  /** Whether, in a version of the operators, softmax takes all axes from its own on as one. */
  private static boolean isFlattening(long opset) {
    return opset < FIRST_OF_ONE_AXIS;
  }

  /** The axis of a softmax that names none. */
  static long softmaxAxis(long opset) {
    return isFlattening(opset) ? 1 : -1;
  }

  private static void requireLast(Node node, Extents extents, long axis) {
    int last = rank(node.input(0), node, extents) - 1;
    if (axis != -1 && axis != last) {
      throw refuse(
          node,
          "all axes from "
              + axis
              + " on at once, as before operator set 13 (expected: axis "
              + last
              + ")");
    }
  }

  private static void requireBehind(Node node, Extents extents, long axis) {
    Extent in = extents.of(node.input(0));
    int rank = rank(node.input(0), node, extents);
    long counted = axis < 0 ? axis + rank : axis;
    boolean rows = in.isPerToken() || in.isPerPlace() && axis < 0;
    if (!rows || counted < in.axes()) {
      throw refuse(node, "axis " + axis + " of " + describe(node.input(0), extents));
    }
  }

  private static Extent axes(Node node, Extents extents, int input, String attribute) {
    if (sizes(node, extents)) {
      return Extent.SIZES;
    }
    Optional<long[]> axes =
        node.attribute(attribute).isPresent()
            ? Optional.of(node.intsAttribute(attribute))
            : extents.fact(node.input(input)).constants();
    if (axes.isEmpty()) {
      throw refuse(node, "axes that are not constant");
    }
    for (long axis : axes.get()) {
      requireBehind(node, extents, axis);
    }
    return result(node, extents);
  }

  private static Extent product(Node node, Extents extents) {
    Extent in = extents.of(node.input(0));
    boolean rows = (in.isPerToken() || in.isPerPlace()) && node.intAttribute("transA", 0) == 0;
    int weightRank = rank(node.input(1), node, extents);
    boolean constant =
        extents.of(node.input(1)).isConstant() && extents.of(node.input(2)).isConstant();
    boolean apart =
        weightRank >= 2
            && weightRank - 2 <= Math.max(0, rank(node.input(0), node, extents) - 2 - in.axes());
    if (!rows || !constant || !apart) {
      throw refuse(
          node,
          "a product of "
              + describe(node.input(0), extents)
              + " and "
              + describe(node.input(1), extents)
              + " (expected: rows of tokens by a constant)");
    }
    return result(node, extents);
  }

  /** A table read by rows, or rows of which some columns are taken. */
  private static Extent gather(Node node, Extents extents) {
    Extent data = extents.of(node.input(0));
    Extent indices = extents.of(node.input(1));
    if (data == Extent.SIZES && indices.isConstant()) {
      return Extent.SIZES;
    }
    long axis = node.intAttribute("axis", 0);
    if (data.isConstant() && indices == Extent.PAIRS && axis == 0) {
      return Extent.PAIRS;
    }
    boolean table = data.isConstant() && (indices.isPerToken() || indices.isPerPlace());
    if (table && axis == 0) {
      return indices;
    }
    if (table || !indices.isConstant()) {
      throw refuse(node, "axis " + axis + " read at " + describe(node.input(1), extents));
    }
    requireBehind(node, extents, axis);
    return result(node, extents);
  }

  /** Whatever keeps the order of elements keeps the rows, if they are still the first axes. */
  private static Extent reshape(Node node, Extents extents) {
    Extent in = extents.of(node.input(0));
    if (in == Extent.SIZES) {
      return extents.byShape(node.output(0)).filter(Extent::isPerToken).orElse(Extent.SIZES);
    }
    Extent out = result(node, extents);
    if (in.isPerToken() && !out.isPerToken()) {
      throw refuse(node, describe(node.output(0), extents) + " takes the rows of tokens apart");
    }
    if (in.isPerPlace() && out != Extent.PAIRS && !movesPlaces(node, in, out, extents)) {
      throw refuse(
          node, describe(node.output(0), extents) + " of " + describe(node.input(0), extents));
    }
    return in == Extent.PAIRS ? Extent.PAIRS : out;
  }

  /** What may be done to places: a first axis, more axes behind, or a copy for each sequence. */
  private static boolean movesPlaces(Node node, Extent in, Extent out, Extents extents) {
    int more = rank(node.output(0), node, extents) - rank(node.input(0), node, extents);
    return switch (node.op()) {
      case "Expand" -> out == Extent.TOKENS;
      case "Unsqueeze" -> more == 1;
      default -> false;
    };
  }

  private static Extent transpose(Node node, Extents extents) {
    Extent in = extents.of(node.input(0));
    long[] order = node.intsAttribute("perm");
    for (int axis = 0; axis < in.axes(); axis++) {
      if (order.length <= axis || order[axis] != axis) {
        throw refuse(node, "it moves the rows of " + describe(node.input(0), extents));
      }
    }
    return in.isPerToken() ? in : Extent.PAIRS;
  }

  private static Extent range(Node node, Extents extents) {
    boolean whole =
        isOne(extents, node.input(0), 0)
            && extents.isLength(node.input(1))
            && isOne(extents, node.input(2), 1);
    if (!whole) {
      throw refuse(node, "a range other than that of the places, 0 to T by 1");
    }
    return Extent.PLACES;
  }

  private static boolean isOne(Extents extents, String value, long expected) {
    return extents
        .fact(value)
        .constants()
        .filter(all -> all.length == 1 && all[0] == expected)
        .isPresent();
  }

  private static Extent rotation(Node node, Extents extents) {
    boolean tables =
        extents.of(node.input(1)).isConstant() && extents.of(node.input(2)).isConstant();
    boolean flat =
        extents.of(node.input(0)) == Extent.TOKENS && rank(node.input(0), node, extents) == 3;
    if (!tables || !flat || extents.placeOffset(node.input(3)).isEmpty()) {
      throw refuse(
          node,
          "x "
              + describe(node.input(0), extents)
              + " by constant tables at the places of tokens"
              + " (expected: x [N, T, H·D], position_ids the places, or those plus a constant)");
    }
    return Extent.TOKENS;
  }

  private static Extent attention(Node node, Extents extents) {
    if (AttentionForm.isAcross(node, extents)) {
      AttentionForm.requireAcross(node, extents);
    } else {
      AttentionForm.of(node, extents);
    }
    return Extent.TOKENS;
  }

  /** Whether a node works out sizes from sizes. */
  private static boolean sizes(Node node, Extents extents) {
    return given(node).stream()
        .map(extents::of)
        .allMatch(in -> in == Extent.SIZES || in == Extent.CONSTANT);
  }

  private static boolean placesAlone(Node node, Extents extents) {
    return given(node).stream()
        .map(extents::of)
        .allMatch(in -> in.isPerPlace() || in == Extent.PAIRS || in == Extent.CONSTANT);
  }

  private static Extent result(Node node, Extents extents) {
    Optional<Extent> out = extents.byShape(node.output(0));
    if (placesAlone(node, extents)) {
      return out.filter(extent -> extent != Extent.ROWS).orElse(Extent.PAIRS);
    }
    if (out.isEmpty() || !out.get().isPerToken()) {
      throw refuse(node, describe(node.output(0), extents) + " has no row for each token");
    }
    return out.get();
  }

  private static List<String> given(Node node) {
    return node.inputs().stream().filter(input -> !input.isEmpty()).toList();
  }

  private static int rank(String value, Node node, Extents extents) {
    if (value.isEmpty()) {
      return 0;
    }
    Shape shape = extents.fact(value).shape();
    if (!shape.ranked()) {
      throw refuse(node, "the shape of \"" + value + "\" is not known");
    }
    return shape.rank();
  }

  private static String describe(String value, Extents extents) {
    return "\"" + value + "\" " + extents.fact(value).shape();
  }
}

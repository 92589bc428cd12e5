package dev.lathe.transform.gradient;

import static dev.lathe.transform.gradient.GradientRule.binary;
import static dev.lathe.transform.gradient.GradientRule.unary;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The table of gradients: operator to rule. To teach the house an operator, add a line. In the
 * formulas {@code r.dy()} is the cotangent of the output, {@code r.x()} the input, {@code r.y()}
 * the output itself.
 */
public final class GradientRules {
  private static final double TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);

  /** Operators whose outputs do not change with small changes of their inputs. */
  private static final Set<String> FLAT =
      Set.of(
          ("And ArgMax ArgMin Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor"
                  + " BlackmanWindow Ceil Constant ConstantOfShape Equal EyeLike Floor Greater"
                  + " GreaterOrEqual HammingWindow HannWindow Hardmax ImageDecoder IsInf IsNaN Less"
                  + " LessOrEqual MelWeightMatrix Multinomial NonMaxSuppression NonZero Not Or"
                  + " RandomNormal RandomNormalLike RandomUniform RandomUniformLike RegexFullMatch"
                  + " Round Shape Sign Size StringConcat StringNormalizer StringSplit TfIdfVectorizer"
                  + " Xor")
              .split(" "));

  /** Inputs that may be of floating type and only choose what is done. */
  private static final Map<String, Set<Integer>> CHOICES =
      Map.of(
          "Resize", Set.of(1, 2),
          "CastLike", Set.of(1),
          "Dropout", Set.of(1),
          "BatchNormalization", Set.of(3, 4),
          "RotaryEmbedding", Set.of(1, 2));

  private static final TreeMap<String, Entry> TABLE = table();

  private GradientRules() {}

  /**
   * A line of the table.
   *
   * @param rule the rule
   * @param outputs how many outputs, from the first, may carry a cotangent
   */
  record Entry(GradientRule rule, int outputs) {}

  static Optional<Entry> find(Node node) {
    return Optional.ofNullable(TABLE.get(node.qualifiedOp()));
  }

  /** Whether no gradient passes a node, so that what lies before it is not asked for one. */
  static boolean endsPath(Node node) {
    return node.domain().isEmpty() && (FLAT.contains(node.op()) || castsAway(node));
  }

  /**
   * Whether a gradient can go back through a node to one of its inputs.
   *
   * @param node the node
   * @param input the input's place, from 0
   * @return false if it is zero everywhere, or the input only chooses what is done
   */
  public static boolean passes(Node node, int input) {
    return !endsPath(node) && !CHOICES.getOrDefault(node.qualifiedOp(), Set.of()).contains(input);
  }

  private static boolean castsAway(Node node) {
    return node.op().equals("Cast")
        && node.attributes().get("to") instanceof Attribute.OfInt(long code)
        && !ElementType.ofCode(code).isFloating();
  }

  /** The operators whose outputs do not change with small changes of their inputs. */
  static Set<String> flat() {
    return FLAT;
  }

  /** The operators of the table; those of the room's own domain with its name. */
  static Set<String> operators() {
    return Collections.unmodifiableSet(TABLE.keySet());
  }

  private static TreeMap<String, Entry> table() {
    Table table = new Table(new TreeMap<>());
    arithmetic(table);
    functions(table);
    activations(table);
    matrices(table);
    windows(table);
    normalizations(table);
    reductions(table);
    layout(table);
    losses(table);
    return table.lines();
  }

  private record Table(TreeMap<String, Entry> lines) {
    void put(String op, GradientRule rule) {
      lines.put(op, new Entry(rule, 1));
    }
  }

  private static void arithmetic(Table table) {
    table.put("Add", binary((_, r) -> r.dy(), (_, r) -> r.dy()));
    table.put("Sub", binary((_, r) -> r.dy(), (g, r) -> g.neg(r.dy())));
    table.put("Mul", binary((g, r) -> g.mul(r.dy(), r.in(1)), (g, r) -> g.mul(r.dy(), r.in(0))));
    table.put(
        "Div",
        binary(
            (g, r) -> g.div(r.dy(), r.in(1)),
            (g, r) -> g.neg(g.mul(r.dy(), g.div(r.y(), r.in(1))))));
    table.put("Pow", binary(ElementwiseGradients::base, ElementwiseGradients::exponent));
    table.put("Neg", unary((g, r) -> g.neg(r.dy())));
    table.put("Abs", unary((g, r) -> g.mul(r.dy(), g.node("Sign", r.x()))));
    table.put("Identity", unary((_, r) -> r.dy()));
    table.put("Dropout", unary((_, r) -> r.dy()));
    table.put(TrainingForms.DOMAIN + ".Dropout", DropoutForm::rule);
    table.put("Cast", unary((g, r) -> g.castLike(r.dy(), r.x())));
    table.put("CastLike", unary((g, r) -> g.castLike(r.dy(), r.x())));
    table.put("Mod", binary((_, r) -> r.dy(), ElementwiseGradients::modulus));
    table.put("Sum", ElementwiseGradients.each((_, r) -> r.dy()));
    table.put(
        "Mean", ElementwiseGradients.each((g, r) -> g.mul(r.dy(), 1.0 / r.node().inputs().size())));
    table.put("Max", ElementwiseGradients::extreme);
    table.put("Min", ElementwiseGradients::extreme);
    table.put("Where", ElementwiseGradients::where);
    table.put("Clip", ElementwiseGradients::clip);
  }

  private static void functions(Table table) {
    table.put("Exp", unary((g, r) -> g.mul(r.dy(), r.y())));
    table.put("Log", unary((g, r) -> g.div(r.dy(), r.x())));
    table.put("Sqrt", unary((g, r) -> g.div(g.mul(r.dy(), 0.5), r.y())));
    table.put("Reciprocal", unary((g, r) -> g.neg(g.mul(r.dy(), g.square(r.y())))));
    table.put(
        "Erf",
        unary(
            (g, r) -> g.mul(r.dy(), g.mul(g.node("Exp", g.neg(g.square(r.x()))), TWO_BY_ROOT_PI))));
    table.put("Sin", unary((g, r) -> g.mul(r.dy(), g.node("Cos", r.x()))));
    table.put("Cos", unary((g, r) -> g.neg(g.mul(r.dy(), g.node("Sin", r.x())))));
    table.put("Tan", unary((g, r) -> g.mul(r.dy(), g.add(g.square(r.y()), 1))));
    table.put("Sinh", unary((g, r) -> g.mul(r.dy(), g.node("Cosh", r.x()))));
    table.put("Cosh", unary((g, r) -> g.mul(r.dy(), g.node("Sinh", r.x()))));
    table.put("Atan", unary((g, r) -> g.div(r.dy(), g.add(g.square(r.x()), 1))));
    table.put("Asin", unary((g, r) -> g.div(r.dy(), g.node("Sqrt", g.sub(1, g.square(r.x()))))));
    table.put(
        "Acos", unary((g, r) -> g.neg(g.div(r.dy(), g.node("Sqrt", g.sub(1, g.square(r.x())))))));
    table.put("Asinh", unary((g, r) -> g.div(r.dy(), g.node("Sqrt", g.add(g.square(r.x()), 1)))));
    table.put("Acosh", unary((g, r) -> g.div(r.dy(), g.node("Sqrt", g.add(g.square(r.x()), -1)))));
    table.put("Atanh", unary((g, r) -> g.div(r.dy(), g.sub(1, g.square(r.x())))));
  }

  private static void activations(Table table) {
    table.put("Relu", unary(ElementwiseGradients::relu));
    table.put("Sigmoid", unary((g, r) -> g.mul(r.dy(), g.mul(r.y(), g.sub(1, r.y())))));
    table.put("Tanh", unary((g, r) -> g.mul(r.dy(), g.sub(1, g.square(r.y())))));
    table.put("Softplus", unary((g, r) -> g.mul(r.dy(), g.node("Sigmoid", r.x()))));
    table.put("Softsign", unary((g, r) -> g.mul(r.dy(), g.square(g.sub(1, g.node("Abs", r.y()))))));
    table.put("LeakyRelu", unary(ElementwiseGradients::leakyRelu));
    table.put("PRelu", binary(ElementwiseGradients::preluInput, ElementwiseGradients::preluSlope));
    table.put("ThresholdedRelu", unary(ElementwiseGradients::thresholdedRelu));
    table.put("Elu", unary(ElementwiseGradients::elu));
    table.put("Selu", unary(ElementwiseGradients::selu));
    table.put("Celu", unary(ElementwiseGradients::celu));
    table.put("HardSigmoid", unary(ElementwiseGradients::hardSigmoid));
    table.put("HardSwish", unary(ElementwiseGradients::hardSwish));
    table.put("Gelu", unary(ElementwiseGradients::gelu));
    table.put("Mish", unary(ElementwiseGradients::mish));
    table.put("Swish", unary(ElementwiseGradients::swish));
    table.put("Shrink", unary(ElementwiseGradients::shrink));
    table.put("Softmax", NormalizationGradients::softmax);
    table.put("LogSoftmax", NormalizationGradients::softmax);
  }

  private static void matrices(Table table) {
    table.put("MatMul", MatrixGradients::matMul);
    table.put("Gemm", MatrixGradients::gemm);
    table.put("Einsum", EinsumGradient::rule);
    table.put("Det", RunningGradients::determinant);
    table.put("DFT", FourierGradients::fourier);
    table.put("RotaryEmbedding", AttentionGradients::rotary);
    table.lines().put("LSTM", new Entry(RecurrentGradients::rule, 3));
    table.lines().put("GRU", new Entry(RecurrentGradients::rule, 2));
    table.lines().put("RNN", new Entry(RecurrentGradients::rule, 2));
  }

  private static void windows(Table table) {
    table.put("Conv", WindowGradients::conv);
    table.put("ConvTranspose", WindowGradients::convTranspose);
    table.put("MaxPool", WindowGradients::maxPool);
    table.put("AveragePool", WindowGradients::averagePool);
    table.put("LpPool", WindowGradients::lpPool);
    table.put("GlobalLpPool", WindowGradients::globalLpPool);
    table.put("MaxUnpool", ScatterGradients::maxUnpool);
    table.put("Col2Im", FoldingGradient::rule);
    table.put("GlobalAveragePool", ReductionGradients::globalAverage);
    table.put("GlobalMaxPool", ReductionGradients::extreme);
  }

  private static void normalizations(Table table) {
    table.put("BatchNormalization", NormalizationGradients::batch);
    table.put(TrainingForms.DOMAIN + ".BatchNormalization", NormalizationGradients::batch);
    table.put("LayerNormalization", NormalizationGradients::layer);
    table.put("InstanceNormalization", GroupGradients::rule);
    table.put("GroupNormalization", GroupGradients::rule);
    table.put("RMSNormalization", GroupGradients::rootMeanSquare);
    table.put("LpNormalization", GroupGradients::lp);
    table.put("LRN", GroupGradients::acrossChannels);
    table.put("MeanVarianceNormalization", GroupGradients::meanVariance);
  }

  private static void reductions(Table table) {
    table.put("ReduceSum", ReductionGradients.of((_, _, dy) -> dy));
    table.put("ReduceMean", ReductionGradients::mean);
    table.put("ReduceMax", ReductionGradients::extreme);
    table.put("ReduceMin", ReductionGradients::extreme);
    table.put("ReduceSumSquare", ReductionGradients.of((g, r, dy) -> g.mul(dy, g.mul(r.x(), 2))));
    table.put("ReduceL1", ReductionGradients.of((g, r, dy) -> g.mul(dy, g.node("Sign", r.x()))));
    table.put("ReduceL2", ReductionGradients.of(ReductionGradients::length));
    table.put(
        "ReduceLogSum",
        ReductionGradients.of(
            (g, r, dy) -> g.div(dy, g.node("Exp", ReductionGradients.kept(g, r, r.y())))));
    table.put(
        "ReduceLogSumExp",
        ReductionGradients.of(
            (g, r, dy) ->
                g.mul(dy, g.node("Exp", g.sub(r.x(), ReductionGradients.kept(g, r, r.y()))))));
    table.put("ReduceProd", ScatterGradients::product);
    table.put("CumSum", ReductionGradients::cumSum);
  }

  private static void layout(Table table) {
    for (String op : new String[] {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}) {
      table.put(op, unary((g, r) -> g.reshapeLike(r.dy(), r.x())));
    }
    table.put("Transpose", LayoutGradients::transpose);
    table.put("Concat", LayoutGradients::concat);
    table.lines().put("Split", new Entry(LayoutGradients::split, Integer.MAX_VALUE));
    table.put("Slice", CutGradients::slice);
    table.put("Pad", CutGradients::pad);
    table.put("Expand", unary((g, r) -> g.reduceTo(r.dy(), r.x())));
    table.put("Tile", LayoutGradients::tile);
    table.put("Trilu", LayoutGradients::trilu);
    table.put("Gather", IndexGradients::gather);
    table.put("GatherElements", IndexGradients::gatherElements);
    table.put("GatherND", IndexGradients::gatherNd);
    table.put("Resize", ResizeGradient::rule);
    table.put("CenterCropPad", CutGradients::centerCropPad);
    table.put("DepthToSpace", LayoutGradients::depthToSpace);
    table.put("SpaceToDepth", LayoutGradients::spaceToDepth);
    table.put("ReverseSequence", LayoutGradients::reverseSequence);
    table.put("ScatterElements", ScatterGradients::scatter);
    table.put("ScatterND", ScatterGradients::scatter);
    table.put("TopK", ScatterGradients::topK);
    table.put("Compress", ScatterGradients::compress);
    table.put("OneHot", ScatterGradients::oneHot);
    table.put("Range", ScatterGradients::range);
  }

  private static void losses(Table table) {
    table.put(TrainingForms.DOMAIN + ".CrossEntropy", ClassLossGradients::rule);
    table.put(TrainingForms.DOMAIN + ".Ctc", CtcGradients::rule);
    for (String op :
        new String[] {
          "MeanSquaredError", "AbsoluteError", "Huber", "BinaryCrossEntropy", "KullbackLeibler"
        }) {
      table.put(TrainingForms.DOMAIN + "." + op, LossGradients::rule);
    }
  }
}

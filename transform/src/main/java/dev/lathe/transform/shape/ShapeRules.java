package dev.lathe.transform.shape;

import static dev.lathe.transform.shape.ShapeRule.BOOL;
import static dev.lathe.transform.shape.ShapeRule.INT64;
import static dev.lathe.transform.shape.ShapeRule.SAME;
import static dev.lathe.transform.shape.ShapeRule.many;
import static dev.lathe.transform.shape.ShapeRule.of;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.TransformError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of shapes: operator to rule. To teach the house an operator, add a line.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">ONNX operators</a>
 */
public final class ShapeRules {
  private static final ShapeRule.Elements TYPE_OF_SECOND = (call, _) -> call.element(1);
  private static final ShapeRule.Elements TO = (call, _) -> attribute(call, "to");
  private static final ShapeRule.Elements THEN_INT64 =
      (call, output) -> output == 0 ? call.element(0) : ElementType.INT64;
  private static final ShapeRule.Elements THEN_BOOL =
      (call, output) -> output == 0 ? call.element(0) : ElementType.BOOL;

  private static final Map<String, ShapeRule> TABLE = table();

  private ShapeRules() {}

  /** The rule for a node's operator, if there is one. */
  static Optional<ShapeRule> find(Node node) {
    return node.domain().isEmpty() ? Optional.ofNullable(TABLE.get(node.op())) : Optional.empty();
  }

  /**
   * The operators that have a rule.
   *
   * @return names of operators of {@code ai.onnx}
   */
  public static Set<String> operators() {
    Set<String> operators = new TreeSet<>(TABLE.keySet());
    operators.add("Constant");
    return operators;
  }

  private static Map<String, ShapeRule> table() {
    Map<String, ShapeRule> table = new HashMap<>();
    elementwise(table);
    matrices(table);
    windows(table);
    reductions(table);
    layout(table);
    indices(table);
    constants(table);
    return table;
  }

  private static void elementwise(Map<String, ShapeRule> table) {
    ShapeRule unary = of(SAME, call -> call.shape(0));
    String unaries =
        "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid"
            + " HardSwish Hardmax LeakyRelu Log LogSoftmax LpNormalization LRN"
            + " MeanVarianceNormalization Mish Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin"
            + " Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu CumSum"
            + " InstanceNormalization GroupNormalization RMSNormalization BitwiseNot Clip"
            + " ReverseSequence Bernoulli RotaryEmbedding CumProd TensorScatter";
    for (String op : unaries.split(" ")) {
      table.put(op, unary);
    }
    table.put("Neg", unary.with(ContentRules::negate));
    table.put("Identity", unary.with(ContentRules::first));
    table.put("PRelu", unary);
    ShapeRule nary = of(SAME, Broadcast::all);
    for (String op :
        "Pow Mod Sum Mean Max Min BitShift BitwiseAnd BitwiseOr BitwiseXor".split(" ")) {
      table.put(op, nary);
    }
    table.put("Add", nary.with(ContentRules.arithmetic(Term::plus)));
    table.put("Sub", nary.with(ContentRules.arithmetic(Term::minus)));
    table.put("Mul", nary.with(ContentRules.arithmetic(Term::times)));
    table.put("Div", nary.with(ContentRules.arithmetic(ContentRules::divide)));
    ShapeRule predicate = of(BOOL, Broadcast::all);
    String predicates = "Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsNaN IsInf";
    for (String op : predicates.split(" ")) {
      table.put(op, predicate);
    }
    table.put("Where", of(TYPE_OF_SECOND, Broadcast::all).with(ContentRules::where));
    table.put("Cast", of(TO, call -> call.shape(0)).with(ContentRules::cast));
    table.put("CastLike", of(TYPE_OF_SECOND, call -> call.shape(0)));
    table.put("Dropout", many(THEN_BOOL, call -> List.of(call.shape(0), call.shape(0))));
  }

  private static void matrices(Map<String, ShapeRule> table) {
    table.put("MatMul", of(SAME, MatrixShapes::matMul));
    table.put("MatMulInteger", of((_, _) -> ElementType.INT32, MatrixShapes::matMul));
    table.put("Gemm", of(SAME, MatrixShapes::gemm));
    table.put("Einsum", of(SAME, MatrixShapes::einsum));
    table.put("Det", of(SAME, SpatialShapes::determinant));
    table.put("DFT", of(SAME, SpatialShapes::fourier));
    table.put("STFT", of(SAME, SpatialShapes::shortTime));
    table.put("Attention", many(SAME, AttentionShapes::attention));
    table.put("LSTM", many(SAME, RecurrentShapes::lstm));
    table.put("GRU", many(SAME, RecurrentShapes::gru));
    table.put("RNN", many(SAME, RecurrentShapes::rnn));
    table.put("Scan", many(ScanShapes::element, ScanShapes::outputs));
  }

  private static void windows(Map<String, ShapeRule> table) {
    table.put("Conv", of(SAME, WindowShapes::conv));
    table.put("ConvTranspose", of(SAME, WindowShapes::convTranspose));
    table.put(
        "MaxPool",
        many(
            THEN_INT64,
            call -> {
              Shape pooled = WindowShapes.pool(call);
              return List.of(pooled, pooled);
            }));
    table.put("AveragePool", of(SAME, WindowShapes::pool));
    table.put("LpPool", of(SAME, WindowShapes::pool));
    for (String op : List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) {
      table.put(op, of(SAME, WindowShapes::global));
    }
    table.put("Col2Im", of(SAME, SpatialShapes::toImage));
    table.put("DeformConv", of(SAME, SpatialShapes::deformed));
    table.put("RoiAlign", of(SAME, SpatialShapes::aligned));
    table.put("GridSample", of(SAME, SpatialShapes::gridSample));
    table.put("AffineGrid", of(SAME, SpatialShapes::affineGrid));
    table.put("MaxUnpool", of(SAME, WindowShapes::unpool));
    table.put("DepthToSpace", of(SAME, LayoutShapes::depthToSpace));
    table.put("SpaceToDepth", of(SAME, LayoutShapes::depthToSpace));
    table.put("BatchNormalization", many(SAME, ReductionShapes::batchNormalization));
    table.put("LayerNormalization", many(SAME, ReductionShapes::layerNormalization));
  }

  private static void reductions(Map<String, ShapeRule> table) {
    ShapeRule reduce = of(SAME, ReductionShapes::reduce);
    String kinds = "L1 L2 LogSum LogSumExp Max Mean Min Sum SumSquare";
    for (String kind : kinds.split(" ")) {
      table.put("Reduce" + kind, reduce);
    }
    table.put("ReduceProd", reduce.with(ContentRules::product));
    table.put("NegativeLogLikelihoodLoss", of(SAME, ReductionShapes::loss));
    table.put(
        "SoftmaxCrossEntropyLoss",
        many(SAME, call -> List.of(ReductionShapes.loss(call), call.shape(0))));
    table.put("ArgMax", of(INT64, ReductionShapes::arg));
    table.put("ArgMin", of(INT64, ReductionShapes::arg));
    table.put("TopK", many(THEN_INT64, ReductionShapes::topK));
  }

  private static void layout(Map<String, ShapeRule> table) {
    table.put("Reshape", of(SAME, LayoutShapes::reshape).with(ContentRules::first));
    table.put("Flatten", of(SAME, LayoutShapes::flatten));
    table.put("Transpose", of(SAME, LayoutShapes::transpose));
    table.put("Squeeze", of(SAME, LayoutShapes::squeeze).with(ContentRules::first));
    table.put("Unsqueeze", of(SAME, LayoutShapes::unsqueeze).with(ContentRules::first));
    table.put("Concat", of(SAME, LayoutShapes::concat).with(ContentRules::concat));
    table.put("Split", many(SAME, LayoutShapes::split));
    table.put("Slice", of(SAME, LayoutShapes::slice).with(ContentRules::slice));
    table.put("Pad", of(SAME, LayoutShapes::pad));
    table.put("CenterCropPad", of(SAME, LayoutShapes::centerCropPad));
    table.put("Resize", of(SAME, ResizeShapes::resize));
    table.put("Expand", of(SAME, LayoutShapes::expand));
    table.put("Tile", of(SAME, LayoutShapes::tile));
    table.put("Shape", of(INT64, IndexShapes::shape).with(ContentRules::shape));
    table.put("Size", of(INT64, _ -> Shape.SCALAR).with(ContentRules::size));
  }

  private static void indices(Map<String, ShapeRule> table) {
    table.put("Gather", of(SAME, IndexShapes::gather).with(ContentRules::gather));
    table.put("GatherElements", of(SAME, IndexShapes::gatherElements));
    table.put("GatherND", of(SAME, IndexShapes::gatherNd));
    table.put("ScatterElements", of(SAME, IndexShapes::scatterElements));
    table.put("ScatterND", of(SAME, call -> call.shape(0)));
    table.put("OneHot", of((call, _) -> call.element(2), IndexShapes::oneHot));
    table.put("Range", of(SAME, IndexShapes::range).with(ContentRules::range));
    table.put("Compress", of(SAME, IndexShapes::compress));
    table.put("NonZero", of(INT64, call -> Shape.of(Math.max(1, call.shape(0).rank()), -1)));
  }

  private static void constants(Map<String, ShapeRule> table) {
    table.put(
        "ConstantOfShape",
        of(
                (call, _) ->
                    call.node().attributes().get("value")
                            instanceof Attribute.OfTensor(Tensor value)
                        ? value.type()
                        : ElementType.FLOAT,
                LayoutShapes::sized)
            .with(ContentRules::constantOfShape));
    table.put("EyeLike", of(SAME, call -> call.shape(0)));
    table.put("RandomUniformLike", of(SAME, call -> call.shape(0)));
    table.put("RandomNormalLike", of(SAME, call -> call.shape(0)));
  }

  /** What a Constant node says, in any of its spellings. */
  static Fact constant(Node node) {
    for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
      switch (entry.getValue()) {
        case Attribute.OfTensor(Tensor value) -> {
          return Fact.of(value);
        }
        case Attribute.OfInt(long value) -> {
          return Fact.of(Tensor.scalar(value));
        }
        case Attribute.OfFloat(float value) -> {
          return Fact.of(Tensor.scalar(value));
        }
        case Attribute.OfInts(List<Long> values) -> {
          long[] array = values.stream().mapToLong(Long::longValue).toArray();
          return Fact.of(Tensor.ofLongs(array, array.length));
        }
        case Attribute.OfFloats(List<Float> values) -> {
          double[] array = values.stream().mapToDouble(Float::doubleValue).toArray();
          return Fact.of(Tensor.ofValues(ElementType.FLOAT, array, array.length));
        }
        case Attribute.OfString _ -> {
          return Fact.of(ElementType.STRING, Shape.SCALAR);
        }
        case Attribute.OfStrings(var values) -> {
          return Fact.of(ElementType.STRING, Shape.of(values.size()));
        }
        case Attribute.OfSparseTensor _,
            Attribute.OfGraph _,
            Attribute.OfType _,
            Attribute.OfTensors _,
            Attribute.OfSparseTensors _,
            Attribute.OfGraphs _,
            Attribute.OfTypes _,
            Attribute.Reference _ -> {
          continue;
        }
      }
    }
    return Fact.UNKNOWN;
  }

  private static ElementType attribute(ShapeCall call, String name) {
    if (!(call.node().attributes().get(name) instanceof Attribute.OfInt(long code))) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          call.node().describe() + ": no attribute \"" + name + "\" (expected: an element type)");
    }
    return ElementType.ofCode(code);
  }
}

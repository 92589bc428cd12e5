package dev.lathe.runtime;

import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** For every operator, drawings of its uses. */
final class OperatorCases {
  /** Draws attributes and inputs of one use. */
  @FunctionalInterface
  interface Use {
    void draw(Draw draw);
  }

  private static final ElementType FLOAT = ElementType.FLOAT;
  private static final ElementType INT32 = ElementType.INT32;
  private static final ElementType INT64 = ElementType.INT64;
  private static final ElementType BOOL = ElementType.BOOL;

  private static final List<String> AUTO = List.of("SAME_UPPER", "SAME_LOWER", "VALID");

  private static final Map<String, List<Use>> HERE =
      Map.ofEntries(
          // Elementwise
          entry("Abs", numbers(FLOAT, INT32, INT64)),
          entry("Neg", numbers(FLOAT, INT32, INT64)),
          entry("Sign", numbers(FLOAT, INT32, INT64)),
          entry("Ceil", numbers(FLOAT)),
          entry("Floor", numbers(FLOAT)),
          entry("Round", list(d -> d.in(d.floats(d.dims(0, 3))), d -> d.in(halves(d)))),
          entry("Sqrt", positive()),
          entry("Exp", numbers(FLOAT)),
          entry("Log", positive()),
          entry("Reciprocal", positive()),
          entry("Erf", numbers(FLOAT)),
          entry("Sin", numbers(FLOAT)),
          entry("Cos", numbers(FLOAT)),
          entry("Tan", list(d -> d.in(d.uniform(-1.2, 1.2, d.dims(0, 3))))),
          entry("Asin", list(d -> d.in(d.uniform(-1, 1, d.dims(0, 3))))),
          entry("Acos", list(d -> d.in(d.uniform(-1, 1, d.dims(0, 3))))),
          entry("Atan", numbers(FLOAT)),
          entry("Acosh", list(d -> d.in(d.uniform(1.1, 9, d.dims(0, 3))))),
          entry("Asinh", numbers(FLOAT)),
          entry("Atanh", list(d -> d.in(d.uniform(-0.9, 0.9, d.dims(0, 3))))),
          entry("Sinh", numbers(FLOAT)),
          entry("Cosh", numbers(FLOAT)),
          entry("Tanh", numbers(FLOAT)),
          entry("IsNaN", list(d -> d.in(odd(d)))),
          entry(
              "IsInf",
              list(
                  d -> d.in(odd(d)),
                  d -> d.in(odd(d)).with("detect_negative", 0),
                  d -> d.in(odd(d)).with("detect_positive", 0))),
          entry("Add", pairs(FLOAT, INT32, INT64)),
          entry("Sub", pairs(FLOAT, INT32, INT64)),
          entry("Mul", pairs(FLOAT, INT32, INT64)),
          entry(
              "Div", list(d -> divided(d, FLOAT), d -> divided(d, INT32), d -> divided(d, INT64))),
          entry(
              "Mod",
              list(
                  d -> divided(d, INT64),
                  d -> divided(d, INT32).with("fmod", 1),
                  d -> divided(d, FLOAT).with("fmod", 1))),
          entry(
              "Pow",
              list(
                  d -> d.in(d.uniform(0.1, 3, 2, 3)).in(d.floats(d.narrowed(2, 3))),
                  d -> d.in(d.floats(3, 2)).in(d.integers(INT64, 0, 3)),
                  d -> d.in(d.integers(INT64, -4, 4, 3, 2)).in(d.integers(INT64, 0, 5, 2)))),
          entry("Sum", several(FLOAT)),
          entry("Mean", several(FLOAT)),
          entry("Max", several(FLOAT, INT32, INT64)),
          entry("Min", several(FLOAT, INT32, INT64)),
          entry(
              "Equal",
              list(
                  d -> close(d, INT64),
                  d -> close(d, FLOAT),
                  d -> d.in(d.bools(3, 2)).in(d.bools(2)),
                  d -> d.in(texts(d, 2, 3)).in(texts(d, 3)))),
          entry("Greater", list(d -> close(d, INT64), d -> close(d, FLOAT))),
          entry("GreaterOrEqual", list(d -> close(d, INT64), d -> close(d, FLOAT))),
          entry("Less", list(d -> close(d, INT32), d -> close(d, FLOAT))),
          entry("LessOrEqual", list(d -> close(d, INT32), d -> close(d, FLOAT))),
          entry("And", list(OperatorCases::boolPair)),
          entry("Or", list(OperatorCases::boolPair)),
          entry("Xor", list(OperatorCases::boolPair)),
          entry("Not", list(d -> d.in(d.bools(d.dims(0, 3))))),
          entry("BitwiseAnd", pairs(INT32, INT64, ElementType.UINT8)),
          entry("BitwiseOr", pairs(INT32, INT64, ElementType.UINT8)),
          entry("BitwiseXor", pairs(INT32, INT64, ElementType.UINT8)),
          entry("BitwiseNot", numbers(INT32, INT64)),
          entry(
              "BitShift",
              list(
                  d -> shift(d, ElementType.UINT32, "LEFT"),
                  d -> shift(d, ElementType.UINT8, "RIGHT"),
                  d -> shift(d, ElementType.UINT64, "LEFT"))),
          entry("Where", list(d -> where(d, FLOAT), d -> where(d, INT64))),
          // Activations
          entry("Relu", numbers(FLOAT)),
          entry("LeakyRelu", list(any(), d -> d.in(d.floats(2, 3)).with("alpha", 0.3f))),
          entry("ThresholdedRelu", list(any(), d -> d.in(d.floats(2, 3)).with("alpha", 0.4f))),
          entry("Elu", list(any(), d -> d.in(d.floats(2, 3)).with("alpha", 0.7f))),
          entry("Celu", list(any(), d -> d.in(d.floats(2, 3)).with("alpha", 0.7f))),
          entry("Selu", list(any())),
          entry("PRelu", list(d -> d.in(d.floats(2, 3, 4)).in(d.floats(3, 1)))),
          entry("Sigmoid", list(any())),
          entry("Softplus", list(any())),
          entry("Softsign", list(any())),
          entry("Mish", list(any())),
          entry(
              "Shrink",
              list(any(), d -> d.in(d.floats(3, 4)).with("lambd", 0.7f).with("bias", 0.3f))),
          entry("Swish", list(d -> d.in(d.floats(3, 4)).with("alpha", 0.7f).opset(24))),
          entry("Gelu", list(any(), d -> d.in(d.floats(2, 3)).with("approximate", "tanh"))),
          entry("HardSigmoid", list(any(), d -> d.in(d.floats(2, 3)).with("alpha", 0.3f))),
          entry("HardSwish", list(d -> d.in(d.uniform(-5, 5, 4, 3)))),
          entry(
              "Clip",
              list(
                  d -> d.in(d.floats(3, 3)).in(Tensor.scalar(-1f)).in(Tensor.scalar(1.5f)),
                  d -> d.in(d.floats(3, 3)).none().in(Tensor.scalar(0.5f)),
                  d -> d.in(d.floats(3, 3)).in(Tensor.scalar(1f)).in(Tensor.scalar(-1f)),
                  d -> d.in(d.floats(3, 3)).with("min", -1f).with("max", 1f).opset(6),
                  d -> d.in(d.integers(INT64, -9, 9, 7)).in(Tensor.scalar(-3L)))),
          entry("Dropout", list(d -> d.in(d.floats(2, 3)).outputs(2))),
          // Converting
          entry(
              "Cast",
              list(
                  d -> d.in(d.uniform(-90, 90, 2, 3)).with("to", code(INT32)),
                  d -> d.in(d.uniform(0, 200, 6)).with("to", code(ElementType.UINT8)),
                  d -> d.in(d.integers(INT64, -400, 400, 6)).with("to", code(ElementType.INT8)),
                  d -> d.in(d.integers(INT64, -2, 2, 6)).with("to", code(BOOL)),
                  d -> d.in(d.bools(4)).with("to", code(FLOAT)),
                  d -> d.in(d.floats(2, 3)).with("to", code(ElementType.DOUBLE)),
                  d -> d.in(d.floats(2, 3)).with("to", code(ElementType.FLOAT16)),
                  d -> d.in(d.floats(2, 3)).with("to", code(ElementType.BFLOAT16)),
                  d -> d.in(d.integers(INT32, -9, 9, 3)).with("to", code(ElementType.STRING)),
                  d -> d.in(Tensor.ofStrings(List.of("1.5", "-2"), 2)).with("to", code(FLOAT)))),
          entry("CastLike", list(d -> d.in(d.floats(2, 3)).in(d.integers(INT64, 0, 1, 1)))),
          entry(
              "QuantizeLinear",
              list(
                  d -> d.in(d.floats(3, 4)).in(scale(d)).in(d.integers(ElementType.INT8, -3, 3)),
                  d -> d.in(d.floats(3, 4)).in(scale(d)),
                  d ->
                      d.in(d.floats(2, 3, 2))
                          .in(d.uniform(0.1, 0.3, 3))
                          .in(d.integers(ElementType.UINT8, 100, 140, 3))
                          .with("axis", 1))),
          entry(
              "DequantizeLinear",
              list(
                  d -> d.in(d.integers(ElementType.INT8, -99, 99, 5)).in(scale(d)),
                  d ->
                      d.in(d.integers(ElementType.UINT8, 0, 99, 2, 6))
                          .in(d.uniform(0.1, 0.3, 2, 3))
                          .in(d.integers(ElementType.UINT8, 0, 9, 2, 3))
                          .with("axis", 1)
                          .with("block_size", 2),
                  d ->
                      d.in(d.integers(ElementType.UINT8, 0, 99, 2, 3))
                          .in(d.uniform(0.1, 0.3, 2))
                          .in(d.integers(ElementType.UINT8, 0, 9, 2))
                          .with("axis", 0))),
          // Movement
          entry("Identity", list(any(), d -> d.in(texts(d, 2)), d -> d.in(d.bools(3)))),
          entry(
              "Reshape",
              list(
                  d -> d.in(d.floats(2, 3, 4)).in(Draw.longs(0, -1)),
                  d -> d.in(d.floats(2, 3, 4)).in(Draw.longs(4, 6)),
                  d -> d.in(d.floats(0, 3)).in(Draw.longs(0, 5)).with("allowzero", 1),
                  d -> d.in(d.integers(INT64, 0, 9, 1)).in(Draw.longs()))),
          entry(
              "Flatten",
              list(
                  d -> d.in(d.floats(d.dims(2, 4))),
                  d -> d.in(d.floats(2, 3, 4)).with("axis", d.between(-3, 3)))),
          entry(
              "Squeeze",
              list(
                  d -> d.in(d.floats(1, 3, 1)).in(Draw.longs(-1)),
                  d -> d.in(d.floats(1, 3, 1)),
                  d -> d.in(d.floats(1, 3, 1)).with("axes", new long[] {0}).opset(11))),
          entry(
              "Unsqueeze",
              list(
                  d ->
                      d.in(d.floats(2, 3))
                          .in(Draw.longs(d.between(-4, -3), d.between(0, 1) * 2 + 1)),
                  d -> d.in(d.floats(2, 3)).with("axes", new long[] {0, 2}).opset(11))),
          entry(
              "Transpose",
              list(
                  d -> d.in(d.floats(d.dims(0, 4))),
                  d -> d.in(d.floats(2, 3, 4, 2)).with("perm", d.permutation(4)))),
          entry(
              "Expand",
              list(
                  d -> d.in(d.floats(d.narrowed(2, 3, 4))).in(Draw.longs(2, 3, 4)),
                  d -> d.in(d.floats(3, 1)).in(Draw.longs(4)),
                  d -> d.in(d.integers(INT64, 0, 9, 3, 4)).in(Draw.longs(1, 1)))),
          entry(
              "Tile",
              list(d -> d.in(d.floats(2, 3)).in(Draw.longs(d.between(0, 3), d.between(1, 3))))),
          entry("Concat", list(d -> concat(d, FLOAT), d -> concat(d, INT64))),
          entry(
              "Split",
              list(
                  d -> d.in(d.floats(2, 7)).in(Draw.longs(3, 0, 4)).with("axis", 1).outputs(3),
                  d -> d.in(d.floats(7, 2)).with("num_outputs", 3).outputs(3),
                  d -> d.in(d.floats(6, 2)).outputs(2).opset(13),
                  d -> d.in(d.floats(2, 6)).with("axis", -1).outputs(3).opset(11))),
          entry(
              "Slice",
              list(
                  OperatorCases::slice,
                  OperatorCases::slice,
                  d -> d.in(d.floats(5, 4)).in(Draw.longs(-3)).in(Draw.longs(Long.MAX_VALUE)),
                  d ->
                      d.in(d.floats(5))
                          .in(Draw.longs(Long.MAX_VALUE))
                          .in(Draw.longs(Long.MIN_VALUE))
                          .in(Draw.longs(0))
                          .in(Draw.longs(-2)),
                  d ->
                      d.in(d.floats(5, 4))
                          .with("starts", new long[] {1})
                          .with("ends", new long[] {-1})
                          .with("axes", new long[] {1})
                          .opset(9))),
          entry(
              "Pad",
              list(
                  d -> d.in(d.floats(3, 4)).in(d.integers(INT64, -1, 2, 4)),
                  d ->
                      d.in(d.floats(3, 4))
                          .in(d.integers(INT64, 0, 2, 2))
                          .in(Tensor.scalar(1.5f))
                          .in(Draw.longs(d.axis(2))),
                  d -> d.in(d.floats(3, 4)).in(d.integers(INT64, 0, 2, 4)).with("mode", "reflect"),
                  d -> d.in(d.floats(3, 4)).in(d.integers(INT64, 0, 2, 4)).with("mode", "edge"),
                  d -> d.in(d.floats(3, 4)).in(d.integers(INT64, 0, 3, 4)).with("mode", "wrap"),
                  d ->
                      d.in(d.floats(3))
                          .with("pads", new long[] {1, 2})
                          .with("value", 2f)
                          .opset(10))),
          entry(
              "Trilu",
              list(
                  d -> d.in(d.floats(2, 4, 3)),
                  d -> d.in(d.floats(4, 3)).in(d.integers(INT64, -3, 3)).with("upper", 0))),
          entry(
              "DepthToSpace",
              list(
                  d -> d.in(d.floats(2, 8, 2, 3)).with("blocksize", 2),
                  d -> d.in(d.floats(1, 8, 2, 3)).with("blocksize", 2).with("mode", "CRD"))),
          entry(
              "CenterCropPad",
              list(
                  d -> d.in(d.floats(4, 5, 3)).in(Draw.longs(d.between(1, 8), 3, 6)),
                  d ->
                      d.in(d.floats(4, 5))
                          .in(Draw.longs(d.between(1, 9)))
                          .with("axes", new long[] {-1}))),
          entry(
              "ReverseSequence",
              list(
                  d -> d.in(d.floats(4, 3, 2)).in(d.integers(INT64, 1, 4, 3)),
                  d ->
                      d.in(d.floats(3, 4))
                          .in(d.integers(INT64, 1, 4, 3))
                          .with("batch_axis", 0)
                          .with("time_axis", 1))),
          entry("SpaceToDepth", list(d -> d.in(d.floats(2, 3, 4, 6)).with("blocksize", 2))),
          // Making
          entry(
              "Constant",
              list(
                  d -> d.with("value", d.floats(2, 3)),
                  d -> d.with("value_int", 7),
                  d -> d.with("value_float", 7.5f),
                  d -> d.with("value_ints", new long[] {1, -2}))),
          entry(
              "ConstantOfShape",
              list(
                  d -> d.in(Draw.longs(2, 3)),
                  d -> d.in(Draw.longs()).with("value", Tensor.ofLongs(new long[] {4}, 1)))),
          entry(
              "Shape",
              list(
                  d -> d.in(d.floats(d.dims(0, 4))),
                  d -> d.in(d.floats(2, 3, 4)).with("start", d.between(-4, 4)).with("end", -1))),
          entry("Size", list(d -> d.in(d.floats(d.dims(0, 4))))),
          entry(
              "Range",
              list(
                  d -> d.in(scalar(INT64, 2)).in(scalar(INT64, 11)).in(scalar(INT64, 3)),
                  d -> d.in(scalar(INT32, 5)).in(scalar(INT32, -4)).in(scalar(INT32, -2)),
                  d -> d.in(scalar(FLOAT, 0.5)).in(scalar(FLOAT, 3.1)).in(scalar(FLOAT, 0.5)),
                  d -> d.in(scalar(INT64, 5)).in(scalar(INT64, 2)).in(scalar(INT64, 1)))),
          entry(
              "EyeLike",
              list(
                  d -> d.in(d.floats(3, 4)).with("k", d.between(-2, 3)),
                  d -> d.in(d.floats(3, 3)).with("dtype", code(INT64)))),
          entry(
              "OneHot",
              list(
                  d ->
                      d.in(d.integers(INT64, -3, 2, 2, 3))
                          .in(scalar(INT64, 3))
                          .in(d.floats(2))
                          .with("axis", d.between(-3, 2)),
                  d -> d.in(d.integers(INT64, -5, 5, 4)).in(Draw.longs(3)).in(d.floats(2)))),
          // Reducing
          entry("ReduceSum", reductions(FLOAT, INT64)),
          entry("ReduceMean", reductions(FLOAT)),
          entry("ReduceMax", reductions(FLOAT, INT64)),
          entry("ReduceMin", reductions(FLOAT, INT64)),
          entry("ReduceProd", reductions(FLOAT, INT64)),
          entry("ReduceL1", reductions(FLOAT, INT32)),
          entry("ReduceL2", reductions(FLOAT)),
          entry("ReduceSumSquare", reductions(FLOAT, INT64)),
          entry("ReduceLogSum", list(d -> d.in(d.uniform(0.1, 3, 2, 3, 2)).in(Draw.longs(1)))),
          entry("ReduceLogSumExp", reductions(FLOAT)),
          entry("ArgMax", extremes()),
          entry("ArgMin", extremes()),
          entry(
              "CumSum",
              list(
                  d -> cumSum(d, FLOAT),
                  d -> cumSum(d, INT64).with("exclusive", 1),
                  d -> cumSum(d, FLOAT).with("reverse", 1),
                  d -> cumSum(d, FLOAT).with("reverse", 1).with("exclusive", 1))),
          entry("Softmax", softmaxes()),
          entry("LogSoftmax", softmaxes()),
          entry("Hardmax", softmaxes()),
          // Matrix
          entry(
              "MatMul",
              list(
                  d -> d.in(d.floats(2, 3)).in(d.floats(3, 4)),
                  d -> d.in(d.floats(3)).in(d.floats(3, 4)),
                  d -> d.in(d.floats(2, 2, 3)).in(d.floats(3)),
                  d -> d.in(d.floats(2, 1, 2, 3)).in(d.floats(4, 3, 2)),
                  d -> d.in(d.integers(INT64, -9, 9, 2, 3)).in(d.integers(INT64, -9, 9, 3, 2)))),
          entry("Gemm", list(OperatorCases::gemm)),
          // Recurrent
          entry("LSTM", RecurrentCases.uses("LSTM", 4)),
          entry("GRU", RecurrentCases.uses("GRU", 3)),
          entry("RNN", RecurrentCases.uses("RNN", 1)),
          entry("Scan", RecurrentCases.scans()),
          entry("Attention", AttentionCases.attention()),
          entry("RotaryEmbedding", AttentionCases.rotary()),
          entry("Einsum", AttentionCases.einsum()),
          entry("NegativeLogLikelihoodLoss", list(d -> loss(d), d -> loss(d), d -> loss(d))),
          entry(
              "SoftmaxCrossEntropyLoss",
              list(d -> loss(d).outputs(2), d -> loss(d).outputs(2), d -> loss(d).outputs(2))),
          entry("Resize", ResizeCases.resize()),
          // Convolution
          entry("Conv", list(d -> conv(d, 1), d -> conv(d, 2), d -> conv(d, 3), autoConv())),
          entry(
              "ConvTranspose",
              list(
                  d -> convTranspose(d, 1),
                  d -> convTranspose(d, 2),
                  OperatorCases::convTransposeToShape,
                  d -> autoConvTranspose(d))),
          // Pooling
          entry(
              "MaxPool",
              list(
                  d -> pool(d, 2).outputs(2),
                  d -> pool(d, 1).outputs(2),
                  d -> pool(d, 3),
                  d -> pool(d, 2).with("ceil_mode", 1),
                  d -> pool(d, 2).with("storage_order", 1).outputs(2),
                  d -> autoPool(d),
                  d -> dilatedPool(d))),
          entry(
              "AveragePool",
              list(
                  d -> pool(d, 2),
                  d -> pool(d, 1).with("count_include_pad", 1),
                  d -> pool(d, 2).with("ceil_mode", 1),
                  d -> pool(d, 2).with("ceil_mode", 1).with("count_include_pad", 1),
                  d -> autoPool(d),
                  d -> dilatedPool(d))),
          entry("LpPool", list(d -> pool(d, 2).with("p", d.between(1, 3)))),
          entry("GlobalAveragePool", list(d -> d.in(d.floats(2, 3, 4, 5)))),
          entry("GlobalMaxPool", list(d -> d.in(d.floats(2, 3, 4)))),
          entry("GlobalLpPool", list(d -> d.in(d.floats(2, 3, 4, 2)).with("p", d.between(1, 3)))),
          entry(
              "MaxUnpool",
              list(
                  d -> unpool(d),
                  d -> unpool(d).in(Draw.longs(1, 1, 6, 6)),
                  d ->
                      d.in(d.floats(1, 2, 2))
                          .in(Tensor.ofLongs(new long[] {0, 3, 5, 6}, 1, 2, 2))
                          .with("kernel_shape", new long[] {2})
                          .with("strides", new long[] {2}))),
          // Normalizing
          entry("BatchNormalization", list(d -> batchNorm(d, 2, 3, 4), d -> trainedNorm(d))),
          entry("LayerNormalization", list(d -> layerNorm(d, -1), d -> layerNorm(d, 1))),
          entry(
              "InstanceNormalization",
              list(d -> d.in(d.floats(2, 3, 4, 2)).in(d.floats(3)).in(d.floats(3)))),
          entry(
              "GroupNormalization",
              list(
                  d ->
                      d.in(d.floats(2, 6, 2, 3))
                          .in(d.floats(6))
                          .in(d.floats(6))
                          .with("num_groups", 3))),
          entry(
              "RMSNormalization",
              list(
                  d -> d.in(d.floats(2, 3, 4)).in(d.floats(4)).opset(23),
                  d -> d.in(d.floats(2, 3, 4)).in(d.floats(3, 4)).with("axis", 1).opset(23))),
          entry("LpNormalization", list(d -> lp(d, 1), d -> lp(d, 2))),
          entry("LRN", list(d -> lrn(d, 3), d -> lrn(d, 5))),
          entry(
              "MeanVarianceNormalization",
              list(
                  d -> d.in(d.floats(2, 3, 4, 2)),
                  d -> d.in(d.floats(2, 3, 4)).with("axes", new long[] {0, 2}))),
          // Indexing
          entry(
              "Gather",
              list(
                  d ->
                      d.in(d.floats(3, 4, 2))
                          .in(d.integers(INT64, -2, 1, d.dims(0, 2)))
                          .with("axis", d.axis(3)),
                  d -> d.in(texts(d, 4)).in(d.integers(INT32, -4, 3, 5)))),
          entry(
              "GatherElements",
              list(
                  d ->
                      d.in(d.floats(3, 4))
                          .in(d.integers(INT64, -3, 2, 2, 3))
                          .with("axis", d.axis(2)))),
          entry(
              "GatherND",
              list(
                  d -> d.in(d.floats(3, 4, 2)).in(d.integers(INT64, -3, 2, 5, 2)),
                  d -> d.in(d.floats(3, 4)).in(d.integers(INT64, -3, 2, 2)),
                  d ->
                      d.in(d.floats(2, 3, 4))
                          .in(d.integers(INT64, 0, 2, 2, 5, 1))
                          .with("batch_dims", 1))),
          entry("ScatterElements", scatters(d -> scatterElements(d))),
          entry("ScatterND", scatters(d -> scatterNd(d))),
          entry(
              "Compress",
              list(
                  d -> d.in(d.floats(3, 4)).in(d.bools(4)).with("axis", 1),
                  d -> d.in(d.floats(3, 4)).in(d.bools(2)).with("axis", -2),
                  d -> d.in(d.integers(INT64, 0, 9, 3, 4)).in(d.bools(12)))),
          entry("NonZero", list(d -> d.in(d.bools(3, 4)), d -> d.in(d.integers(INT64, 0, 2, 5)))),
          entry(
              "TopK",
              list(
                  d -> d.in(d.floats(3, 5)).in(Draw.longs(3)).outputs(2),
                  d ->
                      d.in(d.floats(4, 2, 3))
                          .in(Draw.longs(2))
                          .with("axis", 0)
                          .with("largest", 0)
                          .outputs(2))));

  static final Map<String, List<Use>> ALL = joined(HERE, SpatialCases.ALL);

  private static Map<String, List<Use>> joined(
      Map<String, List<Use>> some, Map<String, List<Use>> more) {
    Map<String, List<Use>> all = new TreeMap<>(some);
    all.putAll(more);
    return all;
  }

  private OperatorCases() {}

  private static List<Use> list(Use... all) {
    return Arrays.stream(all).toList();
  }

  private static Use any() {
    return d -> d.in(d.floats(d.dims(0, 3)));
  }

  private static long code(ElementType type) {
    return type.code();
  }

  private static Tensor scalar(ElementType type, double value) {
    return Tensor.ofValues(type, new double[] {value});
  }

  private static Tensor scale(Draw d) {
    return d.uniform(0.05, 0.2);
  }

  private static List<Use> numbers(ElementType... types) {
    return each(types, type -> d -> d.in(d.numbers(type, d.dims(0, 3))));
  }

  private static List<Use> each(
      ElementType[] types, java.util.function.Function<ElementType, Use> maker) {
    return Arrays.stream(types).map(maker).toList();
  }

  private static List<Use> positive() {
    return list(d -> d.in(d.uniform(0.1, 9, d.dims(0, 3))));
  }

  private static Tensor halves(Draw d) {
    double[] values = IntStream.range(0, 6).mapToDouble(i -> d.between(-5, 5) + 0.5).toArray();
    return Tensor.ofValues(FLOAT, values, 6);
  }

  private static Tensor odd(Draw d) {
    List<Double> odd = List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1.0);
    double[] values = IntStream.range(0, 8).mapToDouble(i -> d.pick(odd)).toArray();
    return Tensor.ofValues(FLOAT, values, 8);
  }

  private static List<Use> pairs(ElementType... types) {
    return each(types, type -> d -> pair(d, type));
  }

  private static Draw pair(Draw d, ElementType type) {
    long[] dims = d.dims(0, 4);
    boolean swap = d.coin();
    Tensor wide = d.numbers(type, dims);
    Tensor narrow = d.numbers(type, d.narrowed(dims));
    return swap ? d.in(narrow).in(wide) : d.in(wide).in(narrow);
  }

  private static Draw divided(Draw d, ElementType type) {
    Tensor divisor =
        type.isFloating()
            ? d.uniform(0.5, 3, 4)
            : d.integers(type, d.coin() ? 1 : -9, d.coin() ? 9 : 8, 4);
    boolean zero = IntStream.range(0, 4).anyMatch(i -> divisor.doubleAt(i) == 0);
    return d.in(d.numbers(type, 3, 4)).in(zero ? d.integers(type, 2, 5, 4) : divisor);
  }

  private static List<Use> several(ElementType... types) {
    return each(
        types,
        type ->
            d -> {
              long[] dims = d.dims(1, 3);
              for (int i = d.between(0, 2); i >= 0; i--) {
                d.in(d.numbers(type, d.narrowed(dims)));
              }
              d.in(d.numbers(type, dims));
            });
  }

  /** Numbers of which many are equal. */
  private static void close(Draw d, ElementType type) {
    d.in(d.integers(type, 0, 3, 3, 4)).in(d.integers(type, 0, 3, d.narrowed(3, 4)));
  }

  private static Tensor texts(Draw d, long... dims) {
    List<String> words = List.of("a", "b", "", "ä€");
    int size = (int) Tensor.sizeOf(dims);
    return Tensor.ofStrings(IntStream.range(0, size).mapToObj(i -> d.pick(words)).toList(), dims);
  }

  private static void boolPair(Draw d) {
    d.in(d.bools(2, 3, 4)).in(d.bools(d.narrowed(2, 3, 4)));
  }

  private static void shift(Draw d, ElementType type, String direction) {
    d.in(d.integers(type, 0, 200, 3, 2)).in(d.integers(type, 0, 7, 2)).with("direction", direction);
  }

  private static void where(Draw d, ElementType type) {
    long[] dims = d.dims(1, 3);
    d.in(d.bools(d.narrowed(dims))).in(d.numbers(type, dims)).in(d.numbers(type, d.narrowed(dims)));
  }

  private static void concat(Draw d, ElementType type) {
    int axis = d.axis(3);
    for (int i = d.between(1, 3); i > 0; i--) {
      long[] dims = {2, 3, 2};
      dims[axis < 0 ? axis + 3 : axis] = d.between(0, 3);
      d.in(d.numbers(type, dims));
    }
    d.with("axis", axis);
  }

  private static void slice(Draw d) {
    long step = d.pick(List.of(1L, 2L, -1L, -3L));
    d.in(d.floats(5, 6))
        .in(Draw.longs(d.between(-8, 8), d.between(-8, 8)))
        .in(Draw.longs(d.between(-8, 8), d.between(-8, 8)))
        .in(Draw.longs(1, 0))
        .in(Draw.longs(step, d.pick(List.of(1L, -2L))));
  }

  private static List<Use> reductions(ElementType... types) {
    List<Use> all = new java.util.ArrayList<>();
    for (ElementType type : types) {
      all.add(d -> reduction(d, type).in(Draw.longs(d.axes(3))).with("keepdims", d.between(0, 1)));
      all.add(d -> reduction(d, type).in(Draw.longs(-1)));
    }
    all.add(d -> reduction(d, FLOAT));
    all.add(d -> reduction(d, FLOAT).with("noop_with_empty_axes", 1));
    all.add(d -> reduction(d, FLOAT).with("axes", d.axes(3)).opset(11));
    return all;
  }

  private static Draw reduction(Draw d, ElementType type) {
    return d.in(
        type.isFloating()
            ? d.floats(d.between(1, 3), 3, d.between(1, 4))
            : d.integers(type, -4, 4, 2, 3, d.between(1, 3)));
  }

  private static List<Use> extremes() {
    return list(
        d -> d.in(d.floats(3, 4, 2)).with("axis", d.axis(3)).with("keepdims", d.between(0, 1)),
        d -> d.in(d.integers(INT32, 0, 2, 5, 3)).with("axis", d.axis(2)),
        d -> d.in(d.integers(FLOAT, 0, 2, 5, 3)).with("select_last_index", 1));
  }

  private static Draw cumSum(Draw d, ElementType type) {
    return d.in(d.numbers(type, 2, 3, 4)).in(scalar(INT64, d.axis(3)));
  }

  private static List<Use> softmaxes() {
    return list(
        d -> d.in(d.floats(2, 3, 4)).with("axis", d.axis(3)),
        d -> d.in(d.floats(2, 5)),
        d -> d.in(d.floats(2, 3, 4)).with("axis", 1).opset(11));
  }

  private static void gemm(Draw d) {
    boolean transA = d.coin();
    boolean transB = d.coin();
    d.in(transA ? d.floats(3, 2) : d.floats(2, 3)).in(transB ? d.floats(4, 3) : d.floats(3, 4));
    if (d.coin()) {
      d.in(d.floats(d.pick(List.of(new long[] {4}, new long[] {2, 1}, new long[] {2, 4}))));
    }
    d.with("transA", transA ? 1 : 0).with("transB", transB ? 1 : 0);
    d.with("alpha", 0.7f).with("beta", 1.3f);
  }

  private static long[] each(int count, java.util.function.LongSupplier draw) {
    return LongStream.generate(draw).limit(count).toArray();
  }

  private static long[] shape(long first, long second, long[] rest) {
    return LongStream.concat(LongStream.of(first, second), Arrays.stream(rest)).toArray();
  }

  private static void conv(Draw d, int rank) {
    int groups = d.between(1, 2);
    int channels = d.between(1, 2);
    long[] input = each(rank, () -> d.between(5, 7));
    long[] kernel = each(rank, () -> d.between(1, 3));
    d.in(d.floats(shape(2, (long) channels * groups, input)));
    d.in(d.floats(shape(2L * groups, channels, kernel)));
    if (d.coin()) {
      d.in(d.floats(2L * groups));
    }
    d.with("group", groups)
        .with("strides", each(rank, () -> d.between(1, 2)))
        .with("dilations", each(rank, () -> d.between(1, 2)))
        .with("pads", each(2 * rank, () -> d.between(0, 2)));
  }

  private static Use autoConv() {
    return d ->
        d.in(d.floats(1, 2, 5, 6))
            .in(d.floats(3, 2, d.between(1, 3), d.between(1, 4)))
            .with("strides", each(2, () -> d.between(1, 2)))
            .with("auto_pad", d.pick(AUTO));
  }

  private static void convTranspose(Draw d, int rank) {
    int groups = d.between(1, 2);
    long[] strides = each(rank, () -> d.between(1, 3));
    d.in(d.floats(shape(2, 2L * groups, each(rank, () -> d.between(2, 4)))));
    d.in(d.floats(shape(2L * groups, d.between(1, 2), each(rank, () -> d.between(2, 3)))));
    d.with("group", groups)
        .with("strides", strides)
        .with("dilations", each(rank, () -> d.between(1, 2)))
        .with("pads", each(2 * rank, () -> d.between(0, 1)))
        .with(
            "output_padding", Arrays.stream(strides).map(s -> d.between(0, (int) s - 1)).toArray());
  }

  private static void convTransposeToShape(Draw d) {
    d.in(d.floats(1, 2, 3, 3))
        .in(d.floats(2, 2, 3, 3))
        .in(d.floats(2))
        .with("strides", new long[] {2, 2})
        .with("output_shape", new long[] {d.between(5, 7), d.between(5, 7)});
  }

  private static void autoConvTranspose(Draw d) {
    d.in(d.floats(1, 2, 3, 3))
        .in(d.floats(2, 2, 3, 4))
        .with("strides", new long[] {2, 2})
        .with("auto_pad", d.pick(AUTO));
  }

  private static Draw pool(Draw d, int rank) {
    long[] kernel = each(rank, () -> d.between(2, 3));
    long[] pads = each(2 * rank, () -> d.between(0, 1));
    return d.in(d.floats(shape(2, 2, each(rank, () -> d.between(5, 8)))))
        .with("kernel_shape", kernel)
        .with("strides", each(rank, () -> d.between(1, 3)))
        .with("pads", pads);
  }

  private static void autoPool(Draw d) {
    d.in(d.floats(2, 2, 5, 6))
        .with("kernel_shape", each(2, () -> d.between(1, 3)))
        .with("strides", each(2, () -> d.between(1, 2)))
        .with("auto_pad", d.pick(AUTO));
  }

  private static void dilatedPool(Draw d) {
    pool(d, 2).with("dilations", new long[] {2, 1}).with("strides", new long[] {1, 2});
  }

  private static Draw loss(Draw d) {
    boolean plane = d.coin();
    d.in(plane ? d.floats(3, 4, 2) : d.floats(5, 4));
    Tensor labels = plane ? d.integers(INT64, 0, 3, 3, 2) : d.integers(INT64, 0, 3, 5);
    d.in(labels);
    if (d.coin()) {
      d.in(d.uniform(0.2, 2, 4));
    }
    // One label at least is not ignored.
    if (d.coin()) {
      d.with("ignore_index", (labels.longAt(0) + 1) % 4);
    }
    return d.with("reduction", d.pick(List.of("none", "sum", "mean")));
  }

  private static Draw lp(Draw d, int p) {
    return d.in(d.floats(2, 3, 4)).with("p", p).with("axis", d.between(0, 2));
  }

  private static Draw lrn(Draw d, int size) {
    return d.in(d.floats(2, 5, 3, 2))
        .with("size", size)
        .with("alpha", 0.3f)
        .with("beta", 0.6f)
        .with("bias", 1.5f);
  }

  private static Draw unpool(Draw d) {
    return d.in(d.floats(1, 1, 2, 2))
        .in(Tensor.ofLongs(new long[] {1, 2, 8, 15}, 1, 1, 2, 2))
        .with("kernel_shape", new long[] {2, 2})
        .with("strides", new long[] {2, 2});
  }

  private static Draw batchNorm(Draw d, long... dims) {
    return d.in(d.floats(dims))
        .in(d.floats(dims[1]))
        .in(d.floats(dims[1]))
        .in(d.floats(dims[1]))
        .in(d.uniform(0.2, 2, dims[1]));
  }

  private static void trainedNorm(Draw d) {
    batchNorm(d, 3, 2, 2, 3).with("training_mode", 1).with("momentum", 0.8f).outputs(3);
  }

  private static void layerNorm(Draw d, int axis) {
    long[] scale = axis == 1 ? new long[] {3, 4} : new long[] {4};
    d.in(d.floats(2, 3, 4)).in(d.floats(scale));
    if (d.coin()) {
      d.in(d.floats(scale));
    }
    d.with("axis", axis).outputs(3);
  }

  private static List<Use> scatters(UnaryOperator<Draw> base) {
    return Arrays.asList(
        d -> base.apply(d),
        d -> base.apply(d).with("reduction", "add"),
        d -> base.apply(d).with("reduction", "mul"),
        d -> base.apply(d).with("reduction", "max"),
        d -> base.apply(d).with("reduction", "min"));
  }

  /** Each index once along the axis, so that the order of updates does not matter. */
  private static Draw scatterElements(Draw d) {
    long[] first = d.permutation(4);
    long[] second = d.permutation(4);
    Tensor indices =
        Tensor.ofLongs(
            new long[] {first[0], first[1] - 4, first[2], second[0], second[1], second[2] - 4},
            2,
            3);
    return d.in(d.floats(3, 4)).in(indices).in(d.floats(2, 3)).with("axis", 1);
  }

  private static Draw scatterNd(Draw d) {
    long[] rows = d.permutation(4);
    Tensor indices = Tensor.ofLongs(new long[] {rows[0], rows[1] - 4, rows[2]}, 3, 1);
    return d.in(d.floats(4, 2)).in(indices).in(d.floats(3, 2));
  }
}

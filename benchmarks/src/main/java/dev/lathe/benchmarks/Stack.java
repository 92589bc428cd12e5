package dev.lathe.benchmarks;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Layers put on one another, as graphs of the models to measure. */
final class Stack {
  /** Characters of the Transformer. */
  static final int VOCABULARY = 65;

  /** Tokens in one example of the Transformer. */
  static final int TOKENS = 64;

  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";
  private static final int WIDTH = 128;
  private static final int HEADS = 4;
  private static final int LAYERS = 4;

  private final GraphBuilder builder;
  private final SplittableRandom random = new SplittableRandom(1);
  private int layer;

  private Stack(String name) {
    builder = new GraphBuilder(name);
  }

  /** Whether an initializer is trained; the others are constants and running statistics. */
  static boolean isParameter(String name) {
    return name.endsWith("." + WEIGHT) || name.endsWith("." + BIAS);
  }

  /** Two convolutions of 5×5, each with a maximum pool, then two affine layers. */
  static Model cnn(boolean normalized) {
    Stack stack = new Stack("cnn");
    String y = stack.builder.input("x", ElementType.FLOAT, Shape.batchOf(1, 28, 28));
    y = stack.convolved(y, 1, new Kernel(32, 5, 1));
    y = stack.pooled(stack.activated(normalized ? stack.normalized(y, 32) : y));
    y = stack.convolved(y, 32, new Kernel(64, 5, 1));
    y = stack.pooled(stack.activated(normalized ? stack.normalized(y, 64) : y));
    y = stack.builder.add("Flatten", y);
    y = stack.activated(stack.linear(y, 3136, 512));
    return stack.finish(stack.linear(y, 512, 10), 10);
  }

  /** A convolution, three blocks of two convolutions with a shortcut, and the mean. */
  static Model resnet() {
    Stack stack = new Stack("resnet");
    String y = stack.builder.input("x", ElementType.FLOAT, Shape.batchOf(3, 32, 32));
    y = stack.activated(stack.normalized(stack.convolved(y, 3, new Kernel(16, 3, 1)), 16));
    y = stack.block(y, 16, 16);
    y = stack.block(y, 16, 32);
    y = stack.block(y, 32, 64);
    y = stack.builder.add("Flatten", stack.builder.add("GlobalAveragePool", y));
    return stack.finish(stack.linear(y, 64, 10), 10);
  }

  /** A decoder: normalization before each part, a causal mask, GELU, no shared weights. */
  static Model transformer() {
    Stack stack = new Stack("transformer");
    GraphBuilder builder = stack.builder;
    String x = builder.input("x", ElementType.INT64, Shape.batchOf(TOKENS));
    String y = builder.add("Gather", stack.parameter(WEIGHT, WIDTH, VOCABULARY, WIDTH), x);
    stack.layer++;
    y = builder.add("Add", y, stack.parameter(WEIGHT, WIDTH, TOKENS, WIDTH));
    String mask = builder.initializer("mask", causal());
    for (int i = 0; i < LAYERS; i++) {
      y = builder.add("Add", y, stack.attention(stack.layerNormalized(y), mask));
      String wide = stack.product(stack.layerNormalized(y), WIDTH, 4 * WIDTH);
      String narrow = stack.product(builder.add("Gelu", wide), 4 * WIDTH, WIDTH);
      y = builder.add("Add", y, narrow);
    }
    y = stack.reshaped(stack.layerNormalized(y), -1, WIDTH);
    stack.layer++;
    String head = stack.parameter(WEIGHT, WIDTH, WIDTH, VOCABULARY);
    return stack.finish(builder.add("MatMul", y, head), VOCABULARY);
  }

  private static Tensor causal() {
    float[] mask = new float[TOKENS * TOKENS];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % TOKENS > i / TOKENS ? Float.NEGATIVE_INFINITY : 0;
    }
    return Tensor.ofFloats(mask, TOKENS, TOKENS);
  }

  /** A convolution's output channels, the side of its kernel and its stride. */
  private record Kernel(int channels, int side, int stride) {}

  private String block(String x, int from, int to) {
    int stride = from == to ? 1 : 2;
    String y = convolved(x, from, new Kernel(to, 3, stride));
    y = convolved(activated(normalized(y, to)), to, new Kernel(to, 3, 1));
    String shortcut = stride == 1 ? x : convolved(x, from, new Kernel(to, 1, stride));
    return activated(builder.add("Add", normalized(y, to), shortcut));
  }

  private String convolved(String x, int from, Kernel kernel) {
    layer++;
    int side = kernel.side();
    int fan = from * side * side;
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", Attribute.ofInts(side, side));
    attributes.put("strides", Attribute.ofInts(kernel.stride(), kernel.stride()));
    attributes.put("pads", Attribute.ofInts(side / 2, side / 2, side / 2, side / 2));
    String weight = parameter(WEIGHT, fan, kernel.channels(), from, side, side);
    return builder.add("Conv", attributes, x, weight, parameter(BIAS, fan, kernel.channels()));
  }

  private String normalized(String x, int channels) {
    layer++;
    String scale = filled(WEIGHT, 1, channels);
    String shift = filled(BIAS, 0, channels);
    String mean = filled("mean", 0, channels);
    return builder.add(
        "BatchNormalization", x, scale, shift, mean, filled("variance", 1, channels));
  }

  private String layerNormalized(String x) {
    layer++;
    return builder.add("LayerNormalization", x, filled(WEIGHT, 1, WIDTH), filled(BIAS, 0, WIDTH));
  }

  private String attention(String x, String mask) {
    layer++;
    int head = WIDTH / HEADS;
    String joined = reshaped(product(x, WIDTH, 3 * WIDTH), 0, TOKENS, 3, HEADS, head);
    String queries = part(joined, 0, 0, 3, 1, 4);
    String keys = part(joined, 1, 0, 3, 4, 1);
    String values = part(joined, 2, 0, 3, 1, 4);
    String scale =
        builder.initializer("scale", Tensor.ofFloats(new float[] {(float) Math.sqrt(1.0 / head)}));
    String scores = builder.add("Mul", builder.add("MatMul", queries, keys), scale);
    String weights = builder.add("Softmax", builder.add("Add", scores, mask));
    String mixed = transposed(builder.add("MatMul", weights, values), 0, 2, 1, 3);
    return product(reshaped(mixed, 0, TOKENS, WIDTH), WIDTH, WIDTH);
  }

  /** Queries, keys or values of [N, T, 3, H, D], in another order of [N, T, 1, H, D]. */
  private String part(String joined, int index, long... order) {
    String which = builder.initializer("part", Tensor.ofLongs(new long[] {index}));
    String one = builder.add("Gather", Map.of("axis", Attribute.of(2L)), joined, which);
    long[] perm = Arrays.stream(order).map(axis -> axis > 2 ? axis - 1 : axis).toArray();
    return transposed(one, perm);
  }

  private String product(String x, int inputs, int outputs) {
    layer++;
    String y = builder.add("MatMul", x, parameter(WEIGHT, inputs, inputs, outputs));
    return builder.add("Add", y, parameter(BIAS, inputs, outputs));
  }

  private String linear(String x, int inputs, int outputs) {
    layer++;
    String weight = parameter(WEIGHT, inputs, outputs, inputs);
    String bias = parameter(BIAS, inputs, outputs);
    return builder.add("Gemm", Map.of("transB", Attribute.of(1L)), x, weight, bias);
  }

  private String activated(String x) {
    return builder.add("Relu", x);
  }

  private String pooled(String x) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", Attribute.ofInts(2, 2));
    attributes.put("strides", Attribute.ofInts(2, 2));
    return builder.add("MaxPool", attributes, x);
  }

  private String reshaped(String x, long... sizes) {
    return builder.add(
        "Reshape", x, builder.initializer("sizes", Tensor.ofLongs(sizes, sizes.length)));
  }

  private String transposed(String x, long... perm) {
    return builder.add("Transpose", Map.of("perm", Attribute.ofInts(perm)), x);
  }

  private String parameter(String name, int fan, long... dims) {
    double bound = 1 / Math.sqrt(fan);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return builder.initializer(layer + "." + name, Tensor.ofFloats(values, dims));
  }

  private String filled(String name, float value, int size) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return builder.initializer(layer + "." + name, Tensor.ofFloats(values, size));
  }

  private Model finish(String y, int classes) {
    builder.append(Node.of("Identity", List.of(y), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("rows"), Dim.of(classes))));
    return Model.of(builder.build());
  }
}

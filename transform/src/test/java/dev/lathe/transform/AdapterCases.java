package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small models with weights in every layout that adapters know: x [N, ...] to y [N, ...]. */
final class AdapterCases {
  /** A weight that an embedding and a head share. */
  static final String TIED = "wte.weight";

  static final Map<String, Model> ALL = all();

  private AdapterCases() {}

  private static Map<String, Model> all() {
    Map<String, Model> all = new LinkedHashMap<>();
    all.put(
        "MatMul",
        model(b -> b.add("MatMul", "x", weight(b, "w.weight", 4, 6)), new long[] {3, 4}, 3, 6));
    all.put(
        "MatMul twice",
        model(
            b -> {
              String w = weight(b, "w.weight", 4, 4);
              return b.add("MatMul", b.add("Tanh", b.add("MatMul", "x", w)), w);
            },
            new long[] {4},
            4));
    all.put(
        "MatMul left",
        model(b -> b.add("MatMul", weight(b, "mix", 5, 4), "x"), new long[] {4, 3}, 5, 3));
    all.put("Gemm", model(b -> gemm(b, 0, 0, 1), new long[] {4}, 5));
    all.put("Gemm transB", model(b -> gemm(b, 0, 1, 1.5f), new long[] {4}, 5));
    all.put("Gemm left", model(b -> gemmLeft(b, 0), new long[] {5}, 3));
    all.put("Gemm left transA", model(b -> gemmLeft(b, 1), new long[] {5}, 3));
    all.put(
        "Conv",
        model(
            b ->
                conv(
                    b,
                    new long[] {4, 3, 3, 2},
                    Map.of(
                        "strides", Attribute.ofInts(2, 1),
                        "pads", Attribute.ofInts(1, 0, 1, 1),
                        "dilations", Attribute.ofInts(1, 2))),
            new long[] {3, 6, 5},
            4,
            3,
            4));
    all.put(
        "Conv groups",
        model(
            b -> conv(b, new long[] {6, 2, 3}, Map.of("group", Attribute.of(2L))),
            new long[] {4, 5},
            6,
            3));
    all.put(
        "Conv depthwise",
        model(
            b -> conv(b, new long[] {6, 1, 3, 3}, Map.of("group", Attribute.of(6L))),
            new long[] {6, 4, 5},
            6,
            2,
            3));
    all.put(
        "Conv of three axes",
        model(
            b -> conv(b, new long[] {3, 2, 2, 1, 2}, Map.of("strides", Attribute.ofInts(1, 2, 1))),
            new long[] {2, 3, 3, 3},
            3,
            2,
            2,
            2));
    all.put("ConvTranspose", model(b -> turned(b, 4, 3, 1), new long[] {4, 3, 2}, 3, 6, 4));
    all.put("ConvTranspose groups", model(b -> turned(b, 6, 2, 3), new long[] {6, 3, 2}, 6, 6, 4));
    all.put(
        "MatMul side by side",
        model(
            b -> b.add("MatMul", "x", weight(b, "experts", 3, 4, 5)),
            new long[] {3, 2, 4},
            3,
            2,
            5));
    all.put(
        "MatMul left side by side",
        model(
            b -> b.add("MatMul", weight(b, "experts", 2, 3, 5, 4), "x"),
            new long[] {2, 3, 4, 2},
            2,
            3,
            5,
            2));
    all.put(
        "MatMul transposed",
        model(
            b -> b.add("MatMul", "x", b.add("Transpose", weight(b, "w.weight", 6, 4))),
            new long[] {4},
            6));
    all.put(
        "tied MatMul",
        model(
            b -> {
              String w = weight(b, TIED, 7, 4);
              return b.add("MatMul", embedded(b, w), b.add("Transpose", w));
            },
            new long[] {4},
            7));
    all.put(
        "tied Gemm",
        model(
            b -> {
              String w = weight(b, TIED, 7, 4);
              return b.add("Gemm", Map.of("transB", Attribute.of(1L)), embedded(b, w), w);
            },
            new long[] {4},
            7));
    return all;
  }

  /** What is added to x is a row of the weight. */
  private static String embedded(GraphBuilder b, String weight) {
    String token = b.initializer("token", Tensor.ofLongs(new long[] {-2}, 1));
    return b.add("Tanh", b.add("Add", "x", b.add("Gather", weight, token)));
  }

  private static String turned(GraphBuilder b, long inputs, long perGroup, long groups) {
    String w = weight(b, "up.weight", inputs, perGroup, 3, 2);
    Map<String, Attribute> attributes =
        Map.of(
            "group", Attribute.of(groups),
            "strides", Attribute.ofInts(2, 1),
            "pads", Attribute.ofInts(1, 0, 1, 0),
            "output_padding", Attribute.ofInts(1, 0),
            "dilations", Attribute.ofInts(1, 2));
    return b.add("ConvTranspose", attributes, "x", w, weight(b, "up.bias", perGroup * groups));
  }

  private static String gemm(GraphBuilder b, long transA, long transB, float alpha) {
    String w = transB == 1 ? weight(b, "fc.weight", 5, 4) : weight(b, "fc.weight", 4, 5);
    Map<String, Attribute> attributes =
        Map.of(
            "transA", Attribute.of(transA),
            "transB", Attribute.of(transB),
            "alpha", Attribute.of(alpha));
    return b.add("Gemm", attributes, "x", w, weight(b, "fc.bias", 5));
  }

  /** The weight on the left, and the examples as columns: [3, 5] times [5, N], turned back. */
  private static String gemmLeft(GraphBuilder b, long transA) {
    String w = transA == 1 ? weight(b, "fc.weight", 5, 3) : weight(b, "fc.weight", 3, 5);
    Map<String, Attribute> attributes =
        Map.of("transA", Attribute.of(transA), "transB", Attribute.of(1L));
    return b.add("Transpose", b.add("Gemm", attributes, w, "x"));
  }

  private static String conv(GraphBuilder b, long[] kernel, Map<String, Attribute> attributes) {
    String w = weight(b, "conv.weight", kernel);
    return b.add("Conv", attributes, "x", w, weight(b, "conv.bias", kernel[0]));
  }

  static String weight(GraphBuilder b, String name, long... dims) {
    double[] values = new Random(name.length()).doubles(Tensor.sizeOf(dims), -1, 1).toArray();
    return b.initializer(name, Tensor.ofValues(ElementType.FLOAT, values, dims));
  }

  /** What a case builds between x and the sum that makes y. */
  interface Body {
    String write(GraphBuilder builder);
  }

  static Model model(Body body, long[] input, long... output) {
    GraphBuilder b = new GraphBuilder("adapted");
    b.input("x", ElementType.FLOAT, Shape.batchOf(input));
    String last = body.write(b);
    b.append(Node.of("Identity", List.of(last), List.of("y")).withName("last"));
    b.output("y", ElementType.FLOAT, Shape.batchOf(output));
    return Model.of(b.build());
  }
}

package dev.lathe.benchmarks;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The recurrent model of McMahan et al. 2017: characters, two layers of LSTM, scores. */
final class LanguageModel {
  /** Characters. */
  static final int VOCABULARY = 96;

  /** Characters in one example. */
  static final int STEPS = 80;

  private static final int EMBEDDING = 8;
  private static final int HIDDEN = 256;
  private static final int GATES = 4;
  private static final int LAYERS = 2;

  private final GraphBuilder builder = new GraphBuilder("lstm");
  private final SplittableRandom random = new SplittableRandom(1);

  private LanguageModel() {}

  /** x INT64 [N, 80] to y FLOAT [N·80, 96]. */
  static Model lstm() {
    return new LanguageModel().build();
  }

  private Model build() {
    String x = builder.input("x", ElementType.INT64, Shape.batchOf(STEPS));
    Map<String, Attribute> swap = Map.of("perm", Attribute.ofInts(1, 0, 2));
    String embedded = builder.add("Gather", parameter("0.weight", VOCABULARY, EMBEDDING), x);
    String y = builder.add("Transpose", swap, embedded);
    String directions = builder.initializer("axis", Tensor.ofLongs(new long[] {1}, 1));
    for (int i = 1; i <= LAYERS; i++) {
      int inputs = i == 1 ? EMBEDDING : HIDDEN;
      String layer =
          builder.add(
              "LSTM",
              Map.of("hidden_size", Attribute.of((long) HIDDEN)),
              y,
              parameter(i + ".input.weight", 1, GATES * HIDDEN, inputs),
              parameter(i + ".state.weight", 1, GATES * HIDDEN, HIDDEN),
              parameter(i + ".bias", 1, 2L * GATES * HIDDEN));
      y = builder.add("Squeeze", layer, directions);
    }
    String sizes = builder.initializer("sizes", Tensor.ofLongs(new long[] {-1, HIDDEN}, 2));
    String rows = builder.add("Reshape", builder.add("Transpose", swap, y), sizes);
    String weight = parameter("head.weight", VOCABULARY, HIDDEN);
    String bias = parameter("head.bias", VOCABULARY);
    builder.append(
        Node.of("Gemm", List.of(rows, weight, bias), List.of("y"))
            .with("transB", Attribute.of(1L)));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("rows"), Dim.of(VOCABULARY))));
    return Model.of(builder.build());
  }

  private String parameter(String name, long... dims) {
    double bound = 1 / Math.sqrt(HIDDEN);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return builder.initializer(name, Tensor.ofFloats(values, dims));
  }
}

package dev.lathe.transform.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import dev.lathe.transform.Differentiate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** MaxPool by comparison gives what MaxPool by Indices gives. */
class TiledPoolTest {
  /** Σ over y of a weight times y, with or without asking for Indices. */
  private static Differentiate.Result differentiated(Tensor x, long[] kernel, String indices) {
    GraphBuilder builder = new GraphBuilder("pool");
    builder.input("x", ElementType.FLOAT, Shape.of(x.dims()));
    List<String> outputs = indices.isEmpty() ? List.of("y") : List.of("y", indices);
    Map<String, Attribute> attributes =
        Map.of("kernel_shape", Attribute.ofInts(kernel), "strides", Attribute.ofInts(kernel));
    builder.append(Node.of("MaxPool", List.of("x"), outputs).withAttributes(attributes));
    Map<String, Attribute> all = Map.of("keepdims", Attribute.of(0L));
    builder.append(Node.of("ReduceSumSquare", List.of("y"), List.of("loss")).withAttributes(all));
    builder.output("loss", ElementType.FLOAT, Shape.SCALAR);
    return Differentiate.apply(Model.of(builder.build()), "loss", Set.of("x"));
  }

  private static double[] gradient(Tensor x, long[] kernel, String indices) {
    Model model = differentiated(x, kernel, indices).model();
    double[] dx = Interpreter.run(model, Map.of("x", x)).get("grad/x").toDoubles();
    // A product with zero may be -0.
    return Arrays.stream(dx).map(v -> v + 0.0).toArray();
  }

  private static Tensor fewValues(long seed, long... dims) {
    double[] values = new Random(seed).ints(Tensor.sizeOf(dims), -2, 3).asDoubleStream().toArray();
    return Tensor.ofDoubles(values, dims);
  }

  @Test
  void ofEqualMaxima_theFirstHasTheCotangent() {
    for (int seed = 0; seed < 20; seed++) {
      Tensor plane = fewValues(seed, 2, 3, 6, 8);
      assertThat(gradient(plane, new long[] {3, 2}, ""))
          .containsExactly(gradient(plane, new long[] {3, 2}, "at"));
      Tensor line = fewValues(seed, 2, 3, 8);
      assertThat(gradient(line, new long[] {4}, ""))
          .containsExactly(gradient(line, new long[] {4}, "at"));
    }
  }

  @Test
  void windowsThatTile_needNoIndices() {
    assertThat(operators(fewValues(1, 1, 1, 4, 4))).doesNotContain("ScatterElements");
  }

  @Test
  void windowsThatLeaveARest_useIndices() {
    assertThat(operators(fewValues(1, 1, 1, 5, 4))).contains("ScatterElements");
  }

  private static List<String> operators(Tensor x) {
    return differentiated(x, new long[] {2, 2}, "").model().graph().nodes().stream()
        .map(Node::op)
        .toList();
  }
}

package dev.lathe.transform.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Interpreter;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitPiecesTest {
  private final GraphBuilder builder = new GraphBuilder("g");
  private final String x = builder.input("x", ElementType.DOUBLE, Shape.batchOf(3, 4));

  private String gather(long axis, Tensor index) {
    String which = builder.initializer("which", index);
    return builder.add("Gather", Map.of("axis", Attribute.of(axis)), x, which);
  }

  private String slice(long begin, long end, long axis) {
    return builder.add("Slice", x, one(begin), one(end), one(axis));
  }

  private String one(long value) {
    return builder.initializer("number", Tensor.ofLongs(new long[] {value}, 1));
  }

  private Model model(String... outputs) {
    for (String output : outputs) {
      builder.output(output, ElementType.DOUBLE, Shape.UNRANKED);
    }
    return Model.of(builder.build());
  }

  private static List<String> ops(Model model) {
    return model.graph().nodes().stream().map(Node::op).toList();
  }

  private static void assertSameResults(Model before, Model after) {
    double[] values = IntStream.range(0, 24).mapToDouble(i -> i).toArray();
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofDoubles(values, 2, 3, 4));
    Map<String, Tensor> expected = Interpreter.run(before, inputs);
    Interpreter.run(after, inputs)
        .forEach(
            (name, tensor) -> {
              assertThat(tensor.dims()).isEqualTo(expected.get(name).dims());
              assertThat(tensor.toDoubles()).containsExactly(expected.get(name).toDoubles());
            });
  }

  @Test
  void gathersOfAllElements_areOneSplit() {
    Model before =
        model(
            gather(1, Tensor.ofLongs(new long[] {2}, 1)),
            gather(-2, Tensor.ofLongs(new long[] {0})),
            gather(1, Tensor.ofLongs(new long[] {-2}, 1)));
    Model after = SplitPieces.apply(before);
    assertThat(ops(after)).containsExactly("Split", "Squeeze");
    assertSameResults(before, after);
  }

  @Test
  void slicesOfAllElements_areOneSplit() {
    Model before =
        model(slice(0, 1, -1), slice(1, -1, 2), slice(-1, Long.MAX_VALUE, 2), slice(0, 1, 1));
    Model after = SplitPieces.apply(before);
    assertThat(ops(after)).containsExactly("Split", "Slice");
    assertSameResults(before, after);
  }

  @Test
  void piecesThatOverlapOrLeaveSomethingOut_stay() {
    Model before =
        model(
            slice(0, 2, 2),
            slice(1, 4, 2),
            gather(1, Tensor.ofLongs(new long[] {0}, 1)),
            gather(1, Tensor.ofLongs(new long[] {2}, 1)),
            slice(0, 3, 1));
    assertThat(SplitPieces.apply(before)).isSameAs(before);
  }

  @Test
  void sizes_staySinceShapeInferenceFollowsThem() {
    String sizes = builder.add("Shape", x);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      parts[i] = builder.add("Gather", sizes, one(i));
      builder.output(parts[i], ElementType.INT64, Shape.UNRANKED);
    }
    Model before = Model.of(builder.build());
    assertThat(SplitPieces.apply(before)).isSameAs(before);
  }

  @Test
  void emptyPieces_stay() {
    Model before = model(slice(0, 3, 1), slice(3, 3, 1));
    assertThat(SplitPieces.apply(before)).isSameAs(before);
  }

  @Test
  void batchAxis_staysSinceItsSizeIsNotKnown() {
    Model before = model(slice(0, 1, 0), slice(1, 2, 0));
    assertThat(SplitPieces.apply(before)).isSameAs(before);
  }
}

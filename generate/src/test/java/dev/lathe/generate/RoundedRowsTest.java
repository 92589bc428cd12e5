package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Cpu;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.QuantizeWeights;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a row of a projection depends on where weights have few bits: never on other rows. */
class RoundedRowsTest {
  private static final int INPUTS = 256;
  private static final int OUTPUTS = 96;

  private static Model projection(Random random) {
    GraphBuilder graph = new GraphBuilder("projection");
    String x = graph.input("x", ElementType.FLOAT, Shape.of(List.of(Dim.of("M"), Dim.of(INPUTS))));
    String weight =
        graph.initializer(
            "w", Tensor.ofFloats(drawn(random, INPUTS * OUTPUTS, 0.1f), INPUTS, OUTPUTS));
    String y = graph.add("MatMul", x, weight);
    graph.output(y, ElementType.FLOAT, Shape.of(List.of(Dim.of("M"), Dim.of(OUTPUTS))));
    return Model.of(graph.build()).withOpset("", 21).withIrVersion(10);
  }

  private static float[] drawn(Random random, int count, float most) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = most * (2 * random.nextFloat() - 1);
    }
    return values;
  }

  private static float[] first(Session session, float[] rows, int count) {
    Tensor x = Tensor.ofFloats(Arrays.copyOf(rows, count * INPUTS), count, INPUTS);
    Tensor y = session.run(Map.of("x", x)).values().iterator().next();
    return Arrays.copyOf(y.toFloats(), OUTPUTS);
  }

  @ParameterizedTest
  @EnumSource(WeightForm.class)
  void row_isTheSameWhateverTheOthersHold(WeightForm form) {
    assumeTrue(
        form != WeightForm.W8A8 || Cpu.current().multipliesBytesExactly(), "no processor for W8A8");
    Random random = new Random(1);
    Model model = QuantizeWeights.apply(projection(random), form, WeightMemory.offHeap());
    float[] rows = drawn(random, 9 * INPUTS, 3);
    float[] others = rows.clone();
    for (int i = INPUTS; i < others.length; i++) {
      others[i] *= 100;
    }
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      float[] alone = first(session, rows, 1);
      for (int count = 2; count <= 9; count++) {
        float[] beside = first(session, rows, count);
        assertThat(first(session, others, count)).as("%d rows", count).isEqualTo(beside);
        for (int i = 0; i < OUTPUTS; i++) {
          assertThat(beside[i]).as("%d of %d", i, count).isCloseTo(alone[i], within(1e-4f));
        }
      }
    }
  }
}

package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs with kept tensors give what runs without them give. */
@Timeout(60)
class SmallRunsTest {
  private static Session open(Model model) {
    return Session.open(model, SessionOptions.defaults());
  }

  @Test
  void shapesInTurn_onManyThreads_areEachComputedWithTheirOwnValues() throws Exception {
    try (Session session = open(Models.sumAndDifference());
        ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int seed = 0; seed < 6; seed++) {
        SplittableRandom random = new SplittableRandom(seed);
        runs.add(threads.submit(() -> runMany(session, random)));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  private static void runMany(Session session, SplittableRandom random) {
    List<Tensor> kept = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      int size = 1 + random.nextInt(9);
      float[] a = new float[size];
      float[] b = new float[size];
      float[] sum = new float[size];
      for (int j = 0; j < size; j++) {
        a[j] = random.nextInt(1000);
        b[j] = random.nextInt(1000);
        sum[j] = a[j] + b[j];
      }
      Set<String> wanted = random.nextInt(4) == 0 ? Set.of("sum") : Set.of("sum", "difference");
      Map<String, Tensor> outputs =
          session.run(Map.of("a", Tensor.ofFloats(a, size), "b", Tensor.ofFloats(b, size)), wanted);
      assertThat(outputs).containsOnlyKeys(wanted);
      kept.add(outputs.get("sum"));
      expected.add(sum);
    }
    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(i).toFloats()).as("what an earlier run gave").isEqualTo(expected.get(i));
    }
  }

  @Test
  void typesThatTheEngineTakesInAnotherForm_areBroughtUpToDate() {
    try (Session session = open(Models.identity(ElementType.UINT16))) {
      for (int i = 0; i < 5; i++) {
        Tensor x = Tensor.zeros(ElementType.UINT16, 2);
        x.data().set(ValueLayout.JAVA_SHORT, 2, (short) (65_535 - i));
        assertThat(session.run(Map.of("x", x)).get("y").longAt(1)).isEqualTo(65_535 - i);
      }
    }
  }

  @Test
  void outputWhoseSizeIsDeclaredWrongly_isGivenAsItIs() {
    try (Session session = open(positives())) {
      assertThat(run(session, 1, -2, 3)).containsExactly(1, 3);
      assertThat(run(session, 1, 2, 3)).containsExactly(1, 2, 3);
      assertThat(run(session, -1, -2, 3)).containsExactly(3);
      assertThat(run(session, -1, -2, -3)).isEmpty();
    }
  }

  private static float[] run(Session session, float... x) {
    return session.run(Map.of("x", Tensor.ofFloats(x, x.length))).get("y").toFloats();
  }

  /** The values above zero, of x [N]; says that there are N of them. */
  private static Model positives() {
    GraphBuilder builder = new GraphBuilder("positives");
    builder.input("x", ElementType.FLOAT, Shape.batchOf());
    String zero = builder.initializer("zero", Tensor.ofFloats(new float[] {0}));
    String above = builder.add("Greater", "x", zero);
    builder.append(Node.of("Compress", List.of("x", above), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf());
    return Model.of(builder.build());
  }

  @Test
  void failedAndStoppedRuns_spoilNoOther() {
    try (Session session = open(Models.lookup())) {
      for (int i = 0; i < 5; i++) {
        Tensor there = Tensor.ofLongs(new long[] {i}, 1);
        assertThat(session.run(Map.of("i", there)).get("y").toFloats()).containsExactly(i);
        Tensor beyond = Tensor.ofLongs(new long[] {7}, 1);
        assertThatThrownBy(() -> session.run(Map.of("i", beyond)))
            .isInstanceOf(LatheException.class)
            .hasMessageContaining("find/row");
        StopSignal stop = new StopSignal();
        stop.stop();
        assertThatThrownBy(() -> session.run(Map.of("i", there), Set.of("y"), stop))
            .isInstanceOfSatisfying(
                LatheException.class, e -> assertThat(e.code()).isEqualTo(RuntimeError.STOPPED));
      }
    }
  }
}

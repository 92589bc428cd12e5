package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CheckupTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final AtomicInteger ended = new AtomicInteger();

  @Test
  void modelThatAnswers_hasNoProblem() {
    Checkup checkup = new Checkup(new FakeEngine(1, Shape.batchOf(2)), List.of());
    assertThat(checkup.run(LONG, ended::incrementAndGet)).isEmpty();
    assertThat(ended).hasValue(1);
  }

  @Test
  void modelThatHangs_isFoundInTimeAndIsNotAskedAgainMeanwhile() throws Exception {
    FakeEngine engine = new FakeEngine(1, Shape.batchOf(2));
    Semaphore gate = engine.hold();
    Checkup checkup = new Checkup(engine, List.of());
    CountDownLatch first = new CountDownLatch(1);
    assertThat(checkup.run(Duration.ofMillis(20), first::countDown))
        .hasValueSatisfying(problem -> assertThat(problem).contains("did not end within 20 ms"));
    assertThat(checkup.run(Duration.ofMillis(20), ended::incrementAndGet)).isPresent();
    gate.release(100);
    first.await();
    while (checkup.run(LONG, ended::incrementAndGet).isPresent()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void modelThatFails_saysWhy() {
    FakeEngine engine = new FakeEngine(1, Shape.batchOf(2));
    engine.close();
    assertThat(new Checkup(engine, List.of()).run(LONG, ended::incrementAndGet))
        .hasValueSatisfying(problem -> assertThat(problem).contains("a run after close"));
    assertThat(ended).hasValue(1);
  }

  @Test
  void modelWithSamples_isAskedTheFirst_andHasNoExcuse() {
    FakeEngine engine = new FakeEngine(1, Shape.batchOf(2));
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[6], 3, 2));
    Checkup checkup = new Checkup(engine, List.of(new WarmSamples.Sample("warmup/a.json", inputs)));
    assertThat(checkup.run(LONG, ended::incrementAndGet)).isEmpty();
    assertThat(engine.batches).containsExactly(3L);
    engine.close();
    assertThat(checkup.run(LONG, ended::incrementAndGet))
        .hasValueSatisfying(problem -> assertThat(problem).startsWith("a run on warmup/a.json"));
  }
}

package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShortRunsTest {
  private static final int ENOUGH = 100_000;

  private final ComputePool pool = new ComputePool(1);
  private final FakeEngine engine = new FakeEngine(1);

  @AfterEach
  void stop() {
    pool.close();
  }

  @Test
  void modelKnownToBeShort_runsOnItsCallersThread() {
    try (Batcher batcher = batcher()) {
      batcher.infer(request(Duration.ZERO));
      assertThat(engine.ranOn).isNotSameAs(Thread.currentThread());
      becomeShort(batcher);
      assertThat(batcher.infer(request(Duration.ZERO)).outputs().get("y").toFloats())
          .containsExactly(3);
    }
  }

  @Test
  void shapeThatWasNotSeen_isNotTakenForShort() {
    try (Batcher batcher = batcher()) {
      becomeShort(batcher);
      batcher.infer(
          new InferRequest(
              Map.of("x", Tensor.ofFloats(new float[500], 1, 500)),
              Set.of(),
              RequestOptions.usual()));
      assertThat(engine.ranOn).isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void longModel_runsOnAThreadOfThePool() {
    engine.pace(Duration.ofMillis(2));
    try (Batcher batcher = batcher()) {
      for (int i = 0; i < 20; i++) {
        batcher.infer(request(Duration.ZERO));
        assertThat(engine.ranOn).isNotSameAs(Thread.currentThread());
      }
    }
  }

  @Test
  void runLongerThanItWasKnownToBe_isStoppedAtTheDeadline() {
    try (Batcher batcher = batcher()) {
      becomeShort(batcher);
      Semaphore gate = engine.hold();
      assertThatThrownBy(() -> batcher.infer(request(Duration.ofMillis(50))))
          .isInstanceOfSatisfying(
              LatheException.class,
              e -> assertThat(e.code()).isEqualTo(ServeError.DEADLINE_PASSED));
      assertThat(engine.ranOn).isSameAs(Thread.currentThread());
      assertThat(engine.stopped).hasValue(1);
      gate.release();
      assertThat(batcher.infer(request(Duration.ZERO)).outputs()).containsKey("y");
    }
  }

  private void becomeShort(Batcher batcher) {
    for (int i = 0; i < ENOUGH; i++) {
      batcher.infer(request(Duration.ZERO));
      if (engine.ranOn == Thread.currentThread()) {
        return;
      }
    }
    throw new AssertionError("no run on the caller's thread");
  }

  private static InferRequest request(Duration timeout) {
    return new InferRequest(
        Map.of("x", Tensor.ofFloats(new float[] {2}, 1, 1)),
        Set.of(),
        RequestOptions.usual().withTimeout(timeout));
  }

  private Batcher batcher() {
    BatchPolicy policy =
        new BatchPolicy(
            1,
            8,
            Tuned.fixed(Duration.ZERO),
            Tuned.fixed(1),
            1,
            Duration.ofSeconds(20),
            Priorities.defaults());
    return new Batcher(engine, policy, pool, timing -> {});
  }
}

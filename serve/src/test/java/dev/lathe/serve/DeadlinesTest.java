package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlinesTest {
  private static final Duration FAR = Duration.ofHours(1);

  @Test
  void waits_endAtTheirDeadlines_inWhateverOrderTheyCame() throws Exception {
    SplittableRandom random = new SplittableRandom(4);
    try (Deadlines deadlines = new Deadlines();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Duration>> late = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        Duration timeout = Duration.ofMillis(random.nextInt(500));
        late.add(callers.submit(() -> lateness(deadlines, timeout)));
      }
      for (Future<Duration> one : late) {
        assertThat(one.get()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void earlierDeadline_isSeenWhileALaterOneIsSleptFor() throws Exception {
    try (Deadlines deadlines = new Deadlines();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Pending[] patient = new Pending[1];
      Future<InferResponse> answer =
          callers.submit(
              () -> {
                patient[0] = due(FAR);
                return patient[0].await(deadlines);
              });
      assertThat(callers.submit(() -> lateness(deadlines, Duration.ofMillis(20))).get())
          .isLessThan(Duration.ofSeconds(5));
      assertThat(answer.isDone()).isFalse();
      patient[0].cancel();
      assertThatThrownBy(answer::get).cause().hasMessageContaining("gave the request up");
    }
  }

  @Test
  void forgotten_isNotEnded() throws Exception {
    try (Deadlines deadlines = new Deadlines();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Pending forgotten = due(Duration.ofMillis(30));
      deadlines.add(forgotten);
      deadlines.forget(forgotten);
      Callable<Duration> later = () -> lateness(deadlines, Duration.ofMillis(100));
      callers.submit(later).get();
      assertThat(forgotten.isDone()).isFalse();
    }
  }

  private static Duration lateness(Deadlines deadlines, Duration timeout) {
    Pending pending = due(timeout);
    assertThatThrownBy(() -> pending.await(deadlines))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServeError.DEADLINE_PASSED));
    return Duration.ofNanos(System.nanoTime() - pending.deadline());
  }

  private static Pending due(Duration timeout) {
    long now = System.nanoTime();
    InferRequest request = new InferRequest(Map.of(), Set.of(), RequestOptions.usual());
    return new Pending(
        request, new Pending.Place(1, RowShape.FIXED, 1), now, now + timeout.toNanos());
  }
}

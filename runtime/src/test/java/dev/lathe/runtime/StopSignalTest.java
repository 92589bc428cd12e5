package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StopSignalTest {
  private static final Map<String, Tensor> ROWS =
      Map.of("x", Tensor.zeros(ElementType.FLOAT, 256, 256));
  private static final Set<String> Y = Set.of("y");

  @Test
  void runThatIsStopped_endsEarlyAndTheNextOneRuns() throws Exception {
    try (Session session = Session.open(Models.slow(256, 400), SessionOptions.defaults())) {
      long start = System.nanoTime();
      session.run(ROWS, Y);
      long whole = System.nanoTime() - start;
      StopSignal stop = new StopSignal();
      CountDownLatch begins = new CountDownLatch(1);
      CompletableFuture<ErrorCode> end =
          CompletableFuture.supplyAsync(
              () -> {
                begins.countDown();
                return codeOf(() -> session.run(ROWS, Y, stop));
              });
      begins.await();
      start = System.nanoTime();
      stop.stop();
      assertThat(end.get()).isEqualTo(RuntimeError.STOPPED);
      assertThat(System.nanoTime() - start).isLessThan(whole / 2);
      assertThat(session.run(ROWS, Y)).containsKey("y");
    }
  }

  @Test
  void signalBeforeTheRun_stopsItAtOnce() {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults())) {
      StopSignal stop = new StopSignal();
      stop.stop();
      Tensor x = Tensor.zeros(ElementType.FLOAT, 1, 3);
      assertThatThrownBy(() -> session.run(Map.of("x", x), Y, stop))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(RuntimeError.STOPPED));
    }
  }

  @Test
  void signalAfterTheRun_doesNothing() {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults())) {
      StopSignal stop = new StopSignal();
      Tensor x = Tensor.zeros(ElementType.FLOAT, 1, 3);
      assertThat(session.run(Map.of("x", x), Y, stop)).containsKey("y");
      stop.stop();
      assertThat(session.run(Map.of("x", x), Y)).containsKey("y");
    }
  }

  private static ErrorCode codeOf(Runnable run) {
    try {
      run.run();
    } catch (LatheException e) {
      return e.code();
    }
    throw new AssertionError("no failure");
  }
}

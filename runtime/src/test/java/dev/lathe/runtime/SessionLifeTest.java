package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many threads, many sessions, and the end of both. */
class SessionLifeTest {
  @Test
  void concurrentRuns_eachGetTheirOwnAnswer() throws Exception {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults());
        ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        float value = i;
        tasks.add(
            () -> {
              Tensor x = Tensor.ofFloats(new float[] {value, 0, 0}, 1, 3);
              float[] y = session.run(Map.of("x", x)).get("y").toFloats();
              return y[0] == value + 10 && y[1] == 2 * value + 20;
            });
      }
      for (Future<Boolean> right : pool.invokeAll(tasks)) {
        assertThat(right.get()).isTrue();
      }
    }
  }

  @Test
  void closeWhileRunsAreInFlight_waitsForThemAndRefusesLaterOnes() throws Exception {
    Tensor x = Tensor.zeros(ElementType.FLOAT, 64, 256);
    for (int round = 0; round < 5; round++) {
      Session session = Session.open(Models.slow(256, 4), SessionOptions.defaults());
      CountDownLatch running = new CountDownLatch(3);
      try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
        List<Future<Integer>> runs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          runs.add(pool.submit(() -> runUntilClosed(session, x, running)));
        }
        running.await();
        session.close();
        for (Future<Integer> run : runs) {
          assertThat(run.get()).isPositive();
        }
      }
    }
  }

  private static int runUntilClosed(Session session, Tensor x, CountDownLatch running) {
    int runs = 0;
    while (true) {
      try {
        session.run(Map.of("x", x));
        if (runs++ == 0) {
          running.countDown();
        }
      } catch (LatheException e) {
        assertThat(e.code()).isEqualTo(RuntimeError.CLOSED);
        return runs;
      }
    }
  }

  @Test
  void sessionsOpenedAndClosed_giveTheirMemoryBack() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/statm")), "resident memory is read from /proc");
    Model model = Models.slow(512, 2);
    cycle(model, 10);
    long before = residentBytes();
    cycle(model, 100);
    long grown = residentBytes() - before;
    // Each of the hundred sessions holds 2 MiB of weights; a leak of them would show as 200 MiB.
    assertThat(grown).isLessThan(60L << 20);
  }

  private static void cycle(Model model, int times) {
    for (int i = 0; i < times; i++) {
      try (Session session = Session.open(model, SessionOptions.defaults())) {
        session.run(Map.of("x", Tensor.zeros(ElementType.FLOAT, 4, 512)));
      }
    }
    System.gc();
  }

  private static long residentBytes() throws Exception {
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return Long.parseLong(pages[1]) * 4096;
  }
}

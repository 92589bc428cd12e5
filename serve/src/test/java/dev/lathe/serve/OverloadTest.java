package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three times as many requests as a model can answer, on a clock that is counted, not waited for.
 */
class OverloadTest {
  private static final double MILLI = 1e6;
  private static final int SECONDS = 10;
  private static final InferResponse ANSWER =
      new InferResponse(Map.of(), new InferResponse.Timing(0, 0, 0, 0, 1, 1, 0));

  /**
   * Runs take {@code base + row · rows} milliseconds, and longer by half of a normal distribution
   * whose deviation is {@code noise} of that. {@code answered} is what a line answers in a second
   * that fills runs up to their deadline and lets in what the average run allows.
   */
  @ParameterizedTest
  @CsvSource({
    // base, row, noise, deadline, answered
    "0, 9.4, 0, 75, 106",
    "0, 9.4, 0.1, 75, 98",
    "0, 9.4, 0.3, 75, 81",
    "4, 0.5, 0, 36, 1249",
    "4, 0.5, 0.1, 36, 464",
    "4, 0.5, 0.3, 36, 580",
    "8, 0.1, 0, 65, 4097",
    "8, 0.1, 0.1, 65, 3553",
    "8, 0.1, 0.3, 65, 2949",
    "40, 0.01, 0, 60, 750",
    "40, 0.01, 0, 75, 700",
  })
  void whatIsLetIn_isAnsweredInTime(
      double base, double row, double noise, double deadline, int answered) {
    for (long seed = 1; seed <= 2; seed++) {
      Model model = new Model(new Pace(base, row, noise), seed);
      Ends ends = model.flood(deadline);
      assertThat(ends.late()).as("seed %d: %s", seed, ends).isLessThan(ends.admitted() / 50 + 1);
      assertThat(ends.answered()).as("seed %d: %s", seed, ends).isGreaterThan(SECONDS * answered);
    }
  }

  /** A run is most of the deadline; one that is late makes dozens late at once. */
  @ParameterizedTest
  @CsvSource({"60, 200", "75, 300"})
  void runsWhoseTimeHardlyDependsOnRows_stayLarge(double deadline, int answered) {
    for (long seed = 1; seed <= 4; seed++) {
      Ends ends = new Model(new Pace(40, 0.01, 0.1), seed).flood(deadline);
      assertThat(ends.late()).as("seed %d: %s", seed, ends).isLessThan(ends.admitted() / 20);
      assertThat(ends.answered()).as("seed %d: %s", seed, ends).isGreaterThan(SECONDS * answered);
    }
  }

  /** Those who were let in before are late; those who come then are not. */
  @ParameterizedTest
  @CsvSource({"0, 9.4", "4, 0.5", "8, 0.1"})
  void runsThatTakeTwiceAsLongOfASudden_areNoExcuseForLong(double base, double row) {
    Model model = new Model(new Pace(base, row, 0.1), 1);
    model.flood(16 * (base + row));
    model.pace = new Pace(2 * base, 2 * row, 0.1);
    Ends before = model.ends();
    Ends after = model.flood(16 * (base + row)).since(before);
    assertThat(after.late()).as("%s", after).isLessThan(after.admitted() / 12);
    assertThat(after.answered())
        .as("%s", after)
        .isGreaterThan((int) (SECONDS * model.pace.capacity() / 2));
  }

  /** Nobody could answer them, so that they teach nothing about what others are promised. */
  @Test
  void floodOfDeadlinesThatNobodyCanKeep_shutsNobodyOut() {
    Model alone = new Model(new Pace(4, 0.5, 0.3), 1);
    alone.others(0);
    Model flooded = new Model(new Pace(4, 0.5, 0.3), 1);
    flooded.others(4);
    assertThat(alone.ends().answered()).isGreaterThan(1900);
    assertThat(flooded.ends().answered()).as("%s", flooded.ends()).isGreaterThan(1900);
  }

  @Test
  void stall_isForgottenInSeconds() {
    RunTimes times = new RunTimes();
    for (int i = 0; i < 8; i++) {
      times.ran(RowShape.FIXED, 1, 10_000_000);
    }
    WaitEstimate estimate = new WaitEstimate(times);
    long now = -5;
    for (int i = 0; i < 8; i++) {
      Pending late = due(now, 10_000_000_000L);
      estimate.admit(late, 10_000_000, 1);
      late.fail(late.deadlinePassed());
      estimate.late(late);
      estimate.ran(List.of(late));
    }
    Pending tight = due(now, 60_000_000);
    assertThatThrownBy(() -> estimate.admit(tight, 10_000_000, 1)).hasMessageContaining("in line");
    estimate.admit(due(now += 2_000_000_000L, 90_000_000), 10_000_000, 1);
    Pending kept = due(now, 60_000_000);
    assertThatThrownBy(() -> estimate.admit(kept, 10_000_000, 1)).hasMessageContaining("in line");
    for (int i = 0; i < 80; i++) {
      estimate.admit(due(now += 100_000_000L, 90_000_000), 10_000_000, 1);
    }
    Pending again = due(now, 35_000_000);
    estimate.admit(again, 10_000_000, 1);
    assertThat(again.estimate()).isEqualTo(20_000_000);
  }

  @Test
  void runThatIsLongerThanTheDeadline_isRefusedWithoutAWait_onceItIsSure() {
    RunTimes times = new RunTimes();
    WaitEstimate estimate = new WaitEstimate(times);
    for (int i = 0; i < 8; i++) {
      Pending unsure = due(0, 1_000_000);
      estimate.admit(unsure, 0, 1);
      assertThat(unsure.estimate()).as("nothing was promised").isZero();
      times.ran(RowShape.FIXED, 1, 10_000_000);
    }
    Pending sure = due(0, 1_000_000);
    assertThatThrownBy(() -> estimate.admit(sure, 0, 1))
        .hasMessageContaining("a run of this model takes about 10.0 ms, longer than")
        .hasMessageContaining("the 1.0 ms to the request's deadline");
  }

  private static Pending due(long now, long timeout) {
    InferRequest request = new InferRequest(Map.of(), Set.of(), RequestOptions.usual());
    return new Pending(request, new Pending.Place(1, RowShape.FIXED, 1), now, now + timeout);
  }

  private record Ends(int answered, int refused, int late) {
    int admitted() {
      return answered + late;
    }

    Ends since(Ends before) {
      return new Ends(answered - before.answered, refused - before.refused, late - before.late);
    }
  }

  private record Pace(double base, double row, double noise) {
    double millis(long rows) {
      return base + row * rows;
    }

    /** Rows a second in runs of the largest size. */
    double capacity() {
      return 64e3 / millis(64);
    }
  }

  /** One instance of a model, and what became of its requests. */
  private static final class Model {
    private final Random random;
    private final RunTimes times = new RunTimes();
    private final Set<Pending> waiting = new LinkedHashSet<>();
    private final Line line;
    private Pace pace;
    private List<Pending> running = List.of();
    private double now;
    private double began;
    private double end;
    private int answered;
    private int refused;
    private int late;

    Model(Pace pace, long seed) {
      this.pace = pace;
      this.random = new Random(seed);
      BatchPolicy usual = BatchPolicy.defaults();
      BatchPolicy policy =
          new BatchPolicy(
              64, 256, usual.maxDelay(), Tuned.fixed(1), 1, usual.timeout(), usual.priorities());
      this.line = new Line(policy, 1, times, () -> true);
      for (long rows = 1; rows <= 64; rows *= 2) {
        times.ran(RowShape.FIXED, rows, (long) (pace.millis(rows) * MILLI));
      }
    }

    Ends ends() {
      return new Ends(answered, refused, late);
    }

    Ends flood(double deadline) {
      double gap = 1e9 / (3 * pace.capacity());
      for (double last = now + SECONDS * 1e9; now < last; now += gap) {
        endBefore(now);
        arrive((long) now, (long) (deadline * MILLI));
      }
      endBefore(Double.MAX_VALUE);
      return ends();
    }

    /**
     * Two hundred requests a second with time enough, and some more of one millisecond for each.
     */
    void others(int hasty) {
      double gap = 1e9 / 200 / (1 + hasty);
      int asked = 0;
      for (double last = now + SECONDS * 1e9; now < last; now += gap) {
        endBefore(now);
        arrive((long) now, asked++ % (1 + hasty) == 0 ? 25_000_000 : 1_000_000);
      }
      endBefore(Double.MAX_VALUE);
    }

    private void endBefore(double time) {
      while (!running.isEmpty() && end <= time) {
        end();
      }
    }

    private void arrive(long time, long timeout) {
      Pending pending = due(time, timeout);
      line.arrived(pending);
      try {
        if (!running.isEmpty()) {
          line.admit(pending);
        }
      } catch (LatheException e) {
        refused++;
        return;
      }
      waiting.add(pending);
      line.room()
          .offer(pending)
          .ifPresent(
              out -> {
                waiting.remove(out);
                refused++;
              });
      if (running.isEmpty()) {
        begin(time);
      }
    }

    /** Who waits looks at the clock, too. */
    private void begin(long time) {
      running = line.gather(time);
      running.forEach(waiting::remove);
      for (Pending pending : new ArrayList<>(waiting)) {
        if (pending.isExpired(time) || pending.isDone()) {
          waiting.remove(pending);
          line.room().remove(pending);
          late(pending);
        }
      }
      if (!running.isEmpty()) {
        line.begin(running, time);
        double much = 1 + pace.noise() * Math.abs(random.nextGaussian());
        // A run that nobody waits for any more is stopped.
        long longest = running.stream().mapToLong(Pending::deadline).max().orElseThrow();
        began = time;
        end = Math.min(longest, time + pace.millis(running.size()) * much * MILLI);
      }
    }

    private void end() {
      boolean stopped = true;
      for (Pending pending : running) {
        if (pending.isExpired((long) end)) {
          pending.fail(pending.deadlinePassed());
          late(pending);
        } else {
          pending.answer(ANSWER);
          answered++;
          stopped = false;
        }
      }
      long took = (long) (end - began);
      if (stopped) {
        times.stopped(RowShape.FIXED, running.size(), took);
      } else {
        times.ran(RowShape.FIXED, running.size(), took);
      }
      line.end(running);
      begin((long) end);
    }

    private void late(Pending pending) {
      line.late(pending);
      late++;
    }
  }
}

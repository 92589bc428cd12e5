package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The measurements that batching follows. */
class PaceTest {
  private static final RowShape SHAPE = RowShape.FIXED;
  private final RunTimes times = new RunTimes();
  private final Arrivals arrivals = new Arrivals();

  @Test
  void runTimes_areAverages() {
    assertThat(times.nanos(SHAPE, 1)).isZero();
    for (int i = 0; i < 100; i++) {
      times.ran(SHAPE, 1, 1000 + i % 2 * 200);
      times.ran(SHAPE, 8, 3000);
    }
    times.ran(SHAPE, 1, 1_000_000);
    assertThat(times.nanos(SHAPE, 1)).as("one pause is no cost").isBetween(1000.0, 1600.0);
    assertThat(times.nanos(SHAPE, 8)).isEqualTo(3000.0, within(1e-6));
    assertThat(times.nanos(SHAPE, 64)).isEqualTo(24_000.0, within(1e-6));
  }

  @Test
  void sizesThatAreSlower_areAvoidedAndTriedAgain() {
    for (int i = 0; i < 20; i++) {
      times.ran(SHAPE, 1, 1000);
      times.ran(SHAPE, 8, 2000);
      times.ran(SHAPE, 32, 40_000);
    }
    int avoided = 0;
    for (int i = 0; i < 128; i++) {
      long most = times.bestRows(SHAPE, 64);
      assertThat(most).isIn(15L, 64L);
      avoided += most == 15 ? 1 : 0;
    }
    assertThat(avoided).isEqualTo(126);
    for (int i = 0; i < 200; i++) {
      times.ran(SHAPE, 32, 6000);
    }
    assertThat(times.bestRows(SHAPE, 64)).isEqualTo(64);
  }

  @Test
  void rows_areAsManyAsTheTimeAllows() {
    for (int i = 0; i < 20; i++) {
      times.ran(SHAPE, 1, 1000);
      times.ran(SHAPE, 64, 64_000);
    }
    assertThat(times.rowsWithin(SHAPE, 64, 100_000)).isEqualTo(64);
    assertThat(times.rowsWithin(SHAPE, 64, 20_000)).isBetween(1L, 32L);
    assertThat(times.rowsWithin(SHAPE, 64, 10)).isEqualTo(1);
  }

  @Test
  void runsThatVary_areGivenMoreTime_whereTheyMustBeInTime() {
    Random random = new Random(5);
    for (int i = 0; i < 5000; i++) {
      times.ran(SHAPE, 8, 8000 + random.nextInt(4000));
      times.ran(SHAPE, 4, 4000 + random.nextInt(2000));
    }
    assertThat(times.rowsWithin(SHAPE, 8, 10_500)).isEqualTo(8);
    assertThat(times.rowsSurelyWithin(SHAPE, 8, 10_500)).isBetween(4L, 7L);
    assertThat(times.rowsSurelyWithin(SHAPE, 8, 12_500)).isEqualTo(8);
  }

  @Test
  void runThatWasStopped_tookThatLongAtLeast() {
    times.ran(SHAPE, 4, 1000);
    times.stopped(SHAPE, 4, 500);
    assertThat(times.nanos(SHAPE, 4)).isEqualTo(1000);
    for (int i = 0; i < 50; i++) {
      times.stopped(SHAPE, 4, 3000);
    }
    assertThat(times.nanos(SHAPE, 4)).isBetween(2800.0, 3000.0);
  }

  @Test
  void margin_isExceededAsOftenAsItMayBe() {
    for (double share : new double[] {0.01, 0.1}) {
      Random random = new Random(3);
      Margin margin = new Margin(share, 0.05, 1);
      int exceeded = 0;
      for (int i = 0; i < 200_000; i++) {
        if (1 + random.nextDouble() > margin.factor()) {
          margin.exceeded();
          exceeded += i > 100_000 ? 1 : 0;
        } else {
          margin.kept();
        }
      }
      assertThat(exceeded / 1e5).isBetween(0.8 * share, 1.2 * share);
      assertThat(margin.factor()).isBetween(1.7, 2.1);
    }
  }

  @Test
  void loneRequest_isNotDelayed() {
    for (int i = 0; i < 50; i++) {
      times.ran(SHAPE, 1, 1_000_000);
    }
    arrivals.add(1, 0);
    assertThat(autoDelay(1, 0)).isNotPositive();
  }

  @Test
  void load_delaysByLessThanHalfARun() {
    for (int i = 0; i < 50; i++) {
      times.ran(SHAPE, 1, 1_000_000);
    }
    long now = 0;
    for (int i = 0; i < 5000; i++) {
      now += 100_000;
      arrivals.add(1, now);
    }
    assertThat(arrivals.rate(now) * 100_000).isBetween(0.9, 1.1);
    assertThat(autoDelay(1, now)).isBetween(100_000L, 500_000L);
    assertThat(autoDelay(64, now)).isNotPositive();
    long later = now + 2_000_000_000L;
    assertThat(autoDelay(1, later)).as("the load is over").isNotPositive();
  }

  @Test
  void givenDelay_countsFromTheArrival() {
    Patience patience = new Patience(Tuned.fixed(Duration.ofNanos(500)), times, arrivals);
    Pending first = Waiting.of("a", Waiting.level(1), 100);
    assertThat(patience.nanos(new Patience.Choice(first, 1, 8, 1), 200)).isEqualTo(400);
    assertThat(patience.nanos(new Patience.Choice(first, 8, 8, 1), 200)).isNotPositive();
  }

  @Test
  void overlap_findsTheNumberThatServesMost() {
    Overlap overlap = new Overlap(Tuned.auto(), 4);
    double[] runsPerMilli = {0, 10, 16, 12, 9};
    long now = 0;
    int atBest = 0;
    for (int i = 0; i < 100_000; i++) {
      now += (long) (1_000_000 / runsPerMilli[overlap.current()]);
      overlap.ran(1, true, now);
      assertThat(overlap.current()).isBetween(1, 4);
      atBest += i > 50_000 && overlap.current() == 2 ? 1 : 0;
    }
    assertThat(atBest).isGreaterThan(44_000);
  }

  @Test
  void overlap_doesNotMoveWithoutLoadOrWhereItIsGiven() {
    Overlap given = new Overlap(Tuned.fixed(3), 8);
    Overlap idle = new Overlap(Tuned.auto(), 8);
    for (int i = 0; i < 10_000; i++) {
      given.ran(1, true, i * 1_000_000L);
      idle.ran(1, false, i * 1_000_000L);
    }
    assertThat(given.current()).isEqualTo(3);
    assertThat(idle.current()).isEqualTo(8);
  }

  private long autoDelay(long rows, long now) {
    Patience patience = new Patience(Tuned.auto(), times, arrivals);
    Pending first = Waiting.of("a", Waiting.level(1), now);
    return patience.nanos(new Patience.Choice(first, rows, 64, 2), now);
  }
}

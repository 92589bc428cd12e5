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
    assertThat(rows(64, 100_000, 200_000)).isEqualTo(64);
    assertThat(rows(64, 20_000, 200_000)).isBetween(1L, 32L);
    assertThat(rows(64, 10, 200_000)).isEqualTo(1);
  }

  @Test
  void rowsThatCostNoTime_comeAlong_whereOneTakesTooLongAlready() {
    for (int i = 0; i < 20; i++) {
      times.ran(SHAPE, 1, 1000);
      times.ran(SHAPE, 16, 1050);
      times.ran(SHAPE, 64, 1300);
    }
    assertThat(rows(64, 10, 2000)).isBetween(16L, 31L);
    assertThat(rows(64, 1000, 2000)).as("one row is in time").isBetween(1L, 15L);
    assertThat(rows(64, 10, 1020)).as("but not beyond the deadline").isBetween(1L, 15L);
    assertThat(rows(64, 2000, 2000)).isEqualTo(64);
  }

  @Test
  void runsThatVary_areGivenMoreTime_whereTheyMustBeInTime() {
    Random random = new Random(5);
    for (int i = 0; i < 5000; i++) {
      times.ran(SHAPE, 8, 8000 + random.nextInt(4000));
      times.ran(SHAPE, 4, 4000 + random.nextInt(2000));
    }
    assertThat(rows(8, 10_500, 20_000)).isEqualTo(8);
    assertThat(rows(8, 20_000, 10_500)).isBetween(4L, 7L);
    assertThat(rows(8, 20_000, 12_500)).isEqualTo(8);
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
  void time_isSureWhenEnoughRunsHaveShownIt() {
    RowShape other = new RowShape(new long[] {3});
    for (int i = 0; i < 20; i++) {
      times.ran(SHAPE, 1, 1_000_000);
    }
    assertThat(times.nanos(other, 1)).as("a guess by another shape").isEqualTo(1_000_000);
    assertThat(times.surely(other, 1)).isZero();
    for (int i = 0; i < 8; i++) {
      assertThat(times.surely(other, 1)).as("after %d runs", i).isZero();
      times.ran(other, 1, 1000);
    }
    assertThat(times.surely(other, 1)).isEqualTo(1000);
    assertThat(times.surely(other, 64)).as("larger ones were not seen").isZero();
  }

  @Test
  void fewRuns_areNoLongerThanManyLargerOnes() {
    times.ran(SHAPE, 1, 900_000);
    for (int i = 0; i < 8; i++) {
      times.ran(SHAPE, 8, 5000);
    }
    assertThat(times.surely(SHAPE, 1)).isEqualTo(5000);
  }

  @Test
  void stoppedRuns_countAsSeen_whereTheyTookAGoodPartOfTheirTime() {
    times.ran(SHAPE, 1, 1000);
    for (int i = 0; i < 20; i++) {
      times.stopped(SHAPE, 1, 400);
    }
    assertThat(times.surely(SHAPE, 1)).isZero();
    for (int i = 0; i < 7; i++) {
      times.stopped(SHAPE, 1, 600);
    }
    assertThat(times.surely(SHAPE, 1)).isEqualTo(1000);
  }

  @Test
  void betweenTwoSizes_timeIsInterpolated() {
    times.ran(SHAPE, 2, 1000);
    times.ran(SHAPE, 8, 1600);
    assertThat(times.nanos(SHAPE, 3)).isEqualTo(1100);
    assertThat(times.nanos(SHAPE, 16)).isEqualTo(3200);
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

  private long rows(long most, double usual, long left) {
    return times.rowsWithin(SHAPE, most, new RunTimes.Limit(1, usual, left));
  }

  private long autoDelay(long rows, long now) {
    Patience patience = new Patience(Tuned.auto(), times, arrivals);
    Pending first = Waiting.of("a", Waiting.level(1), now);
    return patience.nanos(new Patience.Choice(first, rows, 64, 2), now);
  }
}

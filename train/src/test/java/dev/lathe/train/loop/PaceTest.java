package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  private long now;
  private final Pace pace = new Pace(() -> now);

  private void step(long waits, long works) {
    try (Batch batch = new Batch(List.of(), 1)) {
      pace.waiting(
          () -> {
            now += waits;
            return batch;
          });
    }
    now += works;
  }

  @Test
  void waitsForData_areToldAsAShare_andWarnedOfWhereTheyAreLong() {
    for (int i = 0; i < 30; i++) {
      step(SECOND, SECOND);
    }
    assertThat(pace.dataWait()).isCloseTo(0.5, within(1e-9));
    assertThat(pace.starved().orElseThrow()).contains("waited for data for 50 % of the time");
  }

  @Test
  void dataThatAreThere_andRunsOfAMoment_areNotWarnedOf() {
    step(SECOND, SECOND);
    assertThat(pace.starved()).isEmpty();
    for (int i = 0; i < 100; i++) {
      step(SECOND / 100, SECOND);
    }
    assertThat(pace.dataWait()).isLessThan(0.03);
    assertThat(pace.starved()).isEmpty();
  }
}

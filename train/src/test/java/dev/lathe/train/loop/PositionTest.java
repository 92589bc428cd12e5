package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PositionTest {
  @Test
  void best_isBeatenByWhatIsBetter() {
    Position.Best best = new Position.Best(2, 0.5);
    assertThat(best.isBeatenBy(0.6, true)).isTrue();
    assertThat(best.isBeatenBy(0.6, false)).isFalse();
    assertThat(best.isBeatenBy(0.5, true)).isFalse();
    assertThat(best.isBeatenBy(0.5, false)).isFalse();
    assertThat(best.isBeatenBy(Double.NaN, true)).isFalse();
    assertThat(best.isBeatenBy(Double.NaN, false)).isFalse();
  }

  @Test
  void firstEpoch_isTheBest_andWithoutANumberOnlyUntilThereIsOne() {
    assertThat(Position.Best.NONE.isBeatenBy(Double.NaN, true)).isTrue();
    Position.Best none = new Position.Best(1, Double.NaN);
    assertThat(none.isBeatenBy(Double.NaN, true)).isFalse();
    assertThat(none.isBeatenBy(-3, true)).isTrue();
    assertThat(none.isBeatenBy(3, false)).isTrue();
  }
}

package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A row takes a nanosecond. */
class GatheringTest {
  private final Gathering run =
      new Gathering(pending -> Math.max(0, Math.min(8, pending.deadline())));

  @Test
  void soonestDeadline_makesTheRunShort() {
    run.add(due(100));
    assertThat(run.isFull()).isFalse();
    run.add(due(3));
    run.add(due(50));
    assertThat(run.isFull()).isTrue();
    assertThat(run.fits(due(50))).isFalse();
    assertThat(run.live(0)).hasSize(3);
  }

  @Test
  void oneForWhichTheRunIsTooLong_comesAlong() {
    for (int i = 0; i < 4; i++) {
      run.add(due(100));
    }
    Pending hopes = due(2);
    run.add(hopes);
    run.add(due(100));
    assertThat(run.isFull()).isFalse();
    assertThat(run.live(0)).hasSize(6).contains(hopes);
  }

  @Test
  void hopeless_endsWhereSomethingElseCanBeRun() {
    Pending hopeless = due(0);
    Pending good = due(5);
    run.add(hopeless);
    assertThat(run.isEmpty()).isTrue();
    run.add(good);
    assertThat(run.taken()).containsExactly(hopeless, good);
    assertThat(run.live(-1)).containsExactly(good);
    try (Deadlines deadlines = new Deadlines()) {
      assertThatThrownBy(() -> hopeless.await(deadlines))
          .hasMessageContaining("not be answered any more before its deadline")
          .hasMessageContaining("ms that are left");
    }
    assertThat(good.isDone()).isFalse();
  }

  @Test
  void hopeless_isRunWhereNothingElseIs_butOneOnly() {
    List<Pending> all = List.of(due(-5), due(-3), due(-4));
    all.forEach(run::add);
    assertThat(run.live(-10)).containsExactly(all.get(1));
    assertThat(all).extracting(Pending::isDone).containsExactly(true, false, true);
  }

  @Test
  void whatIsTooLate_isNotRun() {
    run.add(due(-5));
    assertThat(run.live(0)).isEmpty();
    assertThat(run.taken()).singleElement().matches(Pending::isDone);
  }

  private static Pending due(long deadline) {
    InferRequest request = new InferRequest(Map.of(), Set.of(), RequestOptions.usual());
    return new Pending(request, new Pending.Place(1, RowShape.FIXED, 1), -1000, deadline);
  }
}

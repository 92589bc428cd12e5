package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.serve.trial.Counts.Outcome;
import dev.lathe.serve.trial.Window;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The server allows 30 s; the live version answers in 10 ms, one time of a hundred in 50 ms. */
class BlameTest {
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private long now;
  private final Window live = new Window(Duration.ofMinutes(1), () -> now);

  @Test
  void deadlineOfTheServer_counts_andOneThatNobodyCanMeetDoesNot() {
    Blame blame = blame(RollbackRule.USUAL);
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 0)).isTrue();
    assertThat(counts(blame, ServeError.QUEUE_FULL, 0)).isTrue();
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 30_000)).isTrue();
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 1)).isFalse();
    assertThat(counts(blame, ServeError.QUEUE_FULL, 1)).isFalse();
  }

  @Test
  void deadlineThatTheLiveVersionMeets_counts() {
    for (int i = 0; i < 1000; i++) {
      long millis = i % 50 == 0 ? 50 : 10;
      live.add(new Outcome.Answered(Duration.ofMillis(millis).toNanos(), false));
    }
    Blame blame = blame(RollbackRule.USUAL);
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 200)).isTrue();
    assertThat(counts(blame, ServeError.QUEUE_FULL, 200)).isTrue();
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 100)).isFalse();
    assertThat(counts(blame, ServeError.QUEUE_FULL, 100)).isFalse();
  }

  @Test
  void whereTooLittleIsKnown_aSecondOrAThirtiethOfTheLimitCounts() {
    for (int i = 0; i < RollbackRule.MIN_REQUESTS - 1; i++) {
      live.add(new Outcome.Answered(1_000_000, false));
    }
    Blame blame = blame(RollbackRule.USUAL);
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 999)).isFalse();
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 1000)).isTrue();
    LatheException late = new LatheException(ServeError.DEADLINE_PASSED, "no");
    Duration minutes = Duration.ofMinutes(5);
    assertThat(blame.counts(late, Duration.ofMillis(9_999), minutes)).isFalse();
    assertThat(blame.counts(late, Duration.ofSeconds(10), minutes)).isTrue();
    assertThat(blame.counts(late, Duration.ofSeconds(1), Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void whereTheLiveVersionAnsweredLittleLately_allOfTheTrialTells() {
    for (int i = 0; i < 1000; i++) {
      live.add(new Outcome.Answered(Duration.ofMillis(10).toNanos(), false));
    }
    now = Duration.ofHours(1).toNanos();
    assertThat(live.recent().latencies().count()).isZero();
    Blame blame = blame(RollbackRule.USUAL);
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 50)).isTrue();
    assertThat(counts(blame, ServeError.DEADLINE_PASSED, 20)).isFalse();
  }

  @Test
  void deadlineBeyondTheLimitOfTheRule_counts() {
    RollbackRule rule =
        new RollbackRule(
            Optional.empty(),
            Optional.empty(),
            Optional.of(80L),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThat(counts(blame(rule), ServeError.DEADLINE_PASSED, 80)).isTrue();
    assertThat(counts(blame(rule), ServeError.DEADLINE_PASSED, 79)).isFalse();
  }

  @Test
  void callersOwnDoing_neverCounts_andFailuresOfTheEngineAlways() {
    Blame blame = blame(RollbackRule.USUAL);
    assertThat(counts(blame, ServeError.ABANDONED, 0)).isFalse();
    assertThat(counts(blame, ServeError.SHARE_FULL, 0)).isFalse();
    assertThat(counts(blame, ServeError.RUN_FAILED, 1)).isTrue();
  }

  private Blame blame(RollbackRule rule) {
    return new Blame(rule, live);
  }

  private static boolean counts(Blame blame, ServeError code, long millis) {
    return blame.counts(new LatheException(code, "no"), Duration.ofMillis(millis), LONGEST);
  }
}

package dev.lathe.serve.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.serve.TrialReport.Check;
import dev.lathe.serve.TrialReport.Standing;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JudgementTest {
  private static final RollbackRule ERRORS = rule(Optional.of(0.05), Optional.empty());

  @Test
  void bounds_areTheRootsOfWilsonsEquation_andNewcombesSumOfSquares() {
    Share one = new Share(56, 70);
    Share other = new Share(48, 80);
    assertThat(one.least()).isCloseTo(0.6265535127527172, within(1e-12));
    assertThat(other.most()).isCloseTo(0.7460027349695649, within(1e-12));
    assertThat(one.leastExcess(other))
        .isCloseTo(0.2 - Math.hypot(0.8 - one.least(), other.most() - 0.6), within(1e-12));
    assertThat(new Share(0, 0).most()).isEqualTo(1);
    assertThat(new Share(0, 100).least()).isZero();
    assertThat(new Share(100, 100).most()).isCloseTo(1, within(1e-12));
  }

  @Test
  void fewFailures_areChance_manyAreNot() {
    assertThat(judged(ERRORS, counts(20, 0), counts(10, 9)).reason()).isEmpty();
    assertThat(judged(ERRORS, counts(200, 0), counts(97, 3)).reason()).isEmpty();
    assertThat(judged(ERRORS, counts(200, 0), counts(60, 40)).reason().orElseThrow())
        .isEqualTo(
            "error_rate: 40 of 100 (40 %) of its requests failed, 0 of 200 (0 %) of the live"
                + " version's; that is 26.04 % more at least (limit: 5 %)");
  }

  @Test
  void whereTheLiveVersionFailsToo_theCanaryIsNotToBlame() {
    assertThat(judged(ERRORS, counts(60, 40), counts(60, 40)).reason()).isEmpty();
  }

  @Test
  void withoutALiveVersionToCompare_failuresCountByThemselves() {
    assertThat(judged(ERRORS, new Counts(), counts(10, 20)).reason()).isPresent();
  }

  @Test
  void tooFewRequests_sayNothing() {
    Check check = judged(ERRORS, counts(100, 0), counts(0, 19)).checks().getFirst();
    assertThat(check.standing()).isEqualTo(Standing.TOO_FEW);
    assertThat(judged(ERRORS, counts(100, 0), counts(0, 20)).reason()).isPresent();
  }

  @Test
  void slowMedian_isTooSlowOnlyBeyondItsLimit() {
    RollbackRule rule = rule(Optional.empty(), Optional.of(2.0));
    assertThat(judged(rule, times(10, 100), times(15, 100)).reason()).isEmpty();
    assertThat(judged(rule, times(10, 100), times(50, 25)).reason().orElseThrow())
        .startsWith("latency_factor: a median of ");
    assertThat(judged(rule, times(10, 5), times(50, 25)).checks().getFirst().standing())
        .isEqualTo(Standing.TOO_FEW);
  }

  @Test
  void tokensThatComeTooSlowly_areTooSlow_howeverSoonTheFirstOneCame() {
    RollbackRule rule = rule(Optional.empty(), Optional.of(2.0));
    assertThat(judged(rule, texts(10, 5, 100), texts(10, 9, 100)).reason()).isEmpty();
    assertThat(judged(rule, texts(10, 5, 100), texts(10, 30, 100)).reason().orElseThrow())
        .startsWith("latency_factor: a median of ")
        .contains(" ms for each further token over 100 requests");
    assertThat(judged(rule, texts(10, 5, 100), texts(90, 30, 100)).reason().orElseThrow())
        .doesNotContain("for each further token");
  }

  private static Counts texts(long first, long each, int answered) {
    Counts counts = new Counts();
    for (int i = 0; i < answered; i++) {
      OptionalLong token = OptionalLong.of(TimeUnit.MILLISECONDS.toNanos(each));
      counts.add(new Counts.Outcome.Answered(TimeUnit.MILLISECONDS.toNanos(first), token, false));
    }
    return counts;
  }

  @Test
  void window_forgets_butNotTheTotal() {
    AtomicLong time = new AtomicLong();
    Window window = new Window(Duration.ofSeconds(10), time::get);
    window.add(new Counts.Outcome.Failed());
    time.addAndGet(TimeUnit.SECONDS.toNanos(5));
    window.add(new Counts.Outcome.Failed());
    assertThat(window.recent().requests()).isEqualTo(2);
    time.addAndGet(TimeUnit.SECONDS.toNanos(5));
    assertThat(window.recent().requests()).isEqualTo(1);
    time.addAndGet(TimeUnit.SECONDS.toNanos(100));
    assertThat(window.recent().requests()).isZero();
    assertThat(window.total().requests()).isEqualTo(2);
  }

  @Test
  void latencies_areToNinePerCent() {
    Latencies latencies = times(20, 50).latencies();
    latencies.addAll(times(300, 50).latencies());
    assertThat(latencies.millis(0.5)).isCloseTo(20, within(20 * 0.09));
    assertThat(latencies.millis(0.99)).isCloseTo(300, within(300 * 0.09));
    assertThat(new Latencies().millis(0.5)).isZero();
  }

  private static Judgement judged(RollbackRule rule, Counts live, Counts canary) {
    return new Judgement(rule, canary, live);
  }

  private static RollbackRule rule(Optional<Double> errors, Optional<Double> factor) {
    return new RollbackRule(
        errors, factor, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static Counts counts(int answered, int failed) {
    Counts counts = times(5, answered);
    for (int i = 0; i < failed; i++) {
      counts.add(new Counts.Outcome.Failed());
    }
    return counts;
  }

  private static Counts times(long millis, int answered) {
    Counts counts = new Counts();
    for (int i = 0; i < answered; i++) {
      counts.add(new Counts.Outcome.Answered(TimeUnit.MILLISECONDS.toNanos(millis), false));
    }
    return counts;
  }
}

package dev.lathe.serve.trial;

import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.serve.TrialReport.Check;
import dev.lathe.serve.TrialReport.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a canary has turned bad. A limit counts as passed where the whole interval in which the
 * true figure lies is beyond it ({@link Share}), so that a few failures of few requests, which
 * chance explains, end nothing; and where the figure is far beyond, few requests are enough.
 *
 * @param rule the limits
 * @param canary what became of the canary's requests lately
 * @param live what became of the live version's lately
 */
public record Judgement(RollbackRule rule, Counts canary, Counts live) {
  /**
   * How the canary stands against each limit.
   *
   * @return one for each limit that the rule has
   */
  public List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    rule.errorRate().ifPresent(limit -> checks.add(errors(limit)));
    rule.latencyFactor().ifPresent(limit -> checks.add(latency(limit)));
    rule.p99Millis().ifPresent(limit -> checks.add(slow(limit)));
    rule.disagreement().ifPresent(limit -> checks.add(differences(limit)));
    return checks;
  }

  /**
   * Why the canary is to be taken out.
   *
   * @return the first limit that is passed, in words; empty if none is
   */
  public Optional<String> reason() {
    return checks().stream()
        .filter(check -> check.standing() == Standing.PASSED)
        .findFirst()
        .map(Check::words);
  }

  private int least() {
    return rule.minRequests().orElse(RollbackRule.MIN_REQUESTS);
  }

  private Standing standing(boolean enough, boolean passed) {
    return !enough ? Standing.TOO_FEW : passed ? Standing.PASSED : Standing.WITHIN;
  }

  /** A live version that is hardly asked any more counts as one without failures. */
  private Check errors(double limit) {
    Share own = canary.failures();
    Share other = live.requests() < least() ? new Share(0, 1_000_000) : live.failures();
    double excess = own.leastExcess(other);
    return new Check(
        "error_rate",
        limit,
        own.value() - other.value(),
        own.whole(),
        standing(own.whole() >= least(), excess > limit),
        "error_rate: %s of its requests failed, %s of the live version's; that is %s more at least"
                .formatted(percent(own), percent(live.failures()), percent(Math.max(0, excess)))
            + " (limit: "
            + percent(limit)
            + ")");
  }

  /** Of texts the first token, or the further ones: whichever is slower than it may be. */
  private Check latency(double limit) {
    Check answers = median(limit, "", canary.latencies(), live.latencies());
    if (canary.tokens().count() == 0) {
      return answers;
    }
    Check tokens = median(limit, " for each further token", canary.tokens(), live.tokens());
    return tokens.standing() == Standing.PASSED && answers.standing() != Standing.PASSED
        ? tokens
        : answers;
  }

  private Check median(double limit, String what, Latencies own, Latencies other) {
    double factor = other.count() == 0 ? 0 : own.millis(0.5) / other.millis(0.5);
    boolean enough = own.count() >= least() && other.count() >= least();
    return new Check(
        "latency_factor",
        limit,
        factor,
        own.count(),
        standing(enough, own.leastMedian() > limit * other.mostMedian()),
        "latency_factor: a median of %s ms%s over %d requests, the live version's %s ms over %d"
                .formatted(
                    number(own.millis(0.5)),
                    what,
                    own.count(),
                    number(other.millis(0.5)),
                    other.count())
            + " (limit: "
            + number(limit)
            + " times)");
  }

  private Check slow(long limit) {
    Share own = canary.slow();
    return new Check(
        "p99_millis",
        limit,
        canary.latencies().millis(0.99),
        own.whole(),
        standing(own.whole() >= least(), own.least() > 0.01),
        "p99_millis: %s of its answers took longer than %d ms (limit: 1 %%)"
            .formatted(percent(own), limit));
  }

  private Check differences(double limit) {
    Share own = canary.differences();
    return new Check(
        "disagreement",
        limit,
        own.value(),
        own.whole(),
        standing(own.whole() >= least(), own.least() > limit),
        "disagreement: %s of its answers differ from the live version's (limit: %s)"
            .formatted(percent(own), percent(limit)));
  }

  private static String percent(Share share) {
    return share.part() + " of " + share.whole() + " (" + percent(share.value()) + ")";
  }

  private static String percent(double share) {
    return number(100 * share) + " %";
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }
}

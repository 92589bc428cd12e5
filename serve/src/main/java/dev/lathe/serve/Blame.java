package dev.lathe.serve;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.serve.trial.Latencies;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Whether a request that failed says something about the version that was to answer it. It does not
 * if its caller gave it up, if the caller's own requests had filled the queue, or if the caller
 * allowed less time than can be asked of a version.
 *
 * <p>What can be asked: an answer within the server's own limit, within the 99th percentile that
 * the rule allows, or within the time in which the live version answers nearly always, times the
 * factor by which a canary may be slower. One rule for all parts, so that the figures of the canary
 * and of the live version can be compared.
 *
 * @param rule what is asked of a canary
 * @param live how long answers of the live version took lately
 */
record Blame(RollbackRule rule, Supplier<Latencies> live) {
  private static final double NEARLY_ALWAYS = 0.99;

  /**
   * Whether a failure counts.
   *
   * @param failure how the request ended
   * @param asked the time that its caller allowed; zero if the caller said nothing
   * @param longest the time that the server allows
   */
  boolean counts(LatheException failure, Duration asked, Duration longest) {
    ErrorCode code = failure.code();
    if (code == ServeError.ABANDONED || code == ServeError.SHARE_FULL) {
      return false;
    }
    boolean forTime = code == ServeError.DEADLINE_PASSED || code == ServeError.QUEUE_FULL;
    return !forTime || !asked.isPositive() || asked.compareTo(longest) >= 0 || isEnough(asked);
  }

  private boolean isEnough(Duration asked) {
    double millis = asked.toNanos() / 1e6;
    if (rule.p99Millis().filter(most -> millis >= most).isPresent()) {
      return true;
    }
    Latencies seen = live.get();
    return seen.count() >= rule.minRequests().orElse(RollbackRule.MIN_REQUESTS)
        && millis >= factor() * seen.millis(NEARLY_ALWAYS);
  }

  private double factor() {
    return rule.latencyFactor().or(RollbackRule.USUAL::latencyFactor).orElseThrow();
  }
}

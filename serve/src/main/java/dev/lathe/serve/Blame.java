package dev.lathe.serve;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.serve.trial.Latencies;
import dev.lathe.serve.trial.Window;
import java.time.Duration;
import java.util.Set;

/**
 * Whether a request that failed says something about the version that was to answer it. It does not
 * if its caller gave it up, if the caller's own requests had filled the queue, or if the caller
 * allowed less time than can be asked of a version.
 *
 * <p>What can be asked: an answer within the server's own limit, within the 99th percentile that
 * the rule allows, or within the time in which the live version answers nearly always, times the
 * factor by which a canary may be slower. Where the live version has answered too little lately,
 * all that it answered during the trial tells; where that is too little as well, a thirtieth of the
 * server's limit is asked of a version, but not less than a second: else a canary that hangs could
 * stay where it gets all requests and all callers set deadlines. One rule for all parts, so that
 * the figures of the canary and of the live version can be compared.
 *
 * @param rule what is asked of a canary
 * @param live what the live version answered since the trial began, and lately
 */
record Blame(RollbackRule rule, Window live) {
  /** How requests end by what their callers do. */
  private static final Set<ErrorCode> NOBODYS =
      Set.of(
          ServeError.ABANDONED,
          ServeError.SHARE_FULL,
          GenerateError.ABANDONED,
          GenerateError.ADAPTERS_BUSY);

  private static final Set<ErrorCode> FOR_TIME =
      Set.of(ServeError.DEADLINE_PASSED, ServeError.QUEUE_FULL, GenerateError.DEADLINE_PASSED);

  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final int PART_OF_LIMIT = 30;
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
    if (NOBODYS.contains(code)) {
      return false;
    }
    boolean forTime = FOR_TIME.contains(code);
    return !forTime
        || !asked.isPositive()
        || asked.compareTo(longest) >= 0
        || isEnough(asked, longest);
  }

  private boolean isEnough(Duration asked, Duration longest) {
    double millis = asked.toNanos() / 1e6;
    if (rule.p99Millis().filter(most -> millis >= most).isPresent()) {
      return true;
    }
    Latencies recent = live.recent().latencies();
    Latencies seen = isKnown(recent) ? recent : live.total().latencies();
    if (isKnown(seen)) {
      return millis >= factor() * seen.millis(NEARLY_ALWAYS);
    }
    Duration part = longest.dividedBy(PART_OF_LIMIT);
    return asked.compareTo(part.compareTo(LEAST) > 0 ? part : LEAST) >= 0;
  }

  private boolean isKnown(Latencies latencies) {
    return latencies.count() >= rule.minRequests().orElse(RollbackRule.MIN_REQUESTS);
  }

  private double factor() {
    return rule.latencyFactor().or(RollbackRule.USUAL::latencyFactor).orElseThrow();
  }
}

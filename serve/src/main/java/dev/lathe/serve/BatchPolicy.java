package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Serving;
import java.time.Duration;

/**
 * How requests wait for a model and share its runs.
 *
 * @param maxRows rows joined into one run; a request that has more runs alone
 * @param queueCapacity requests that may wait
 * @param maxDelay how long a run may be held back for more rows; zero joins what waits already
 * @param instances runs of the model that may overlap
 * @param threads threads that share the work inside one run; 1 to 256
 * @param timeout how long a request may take that names no deadline; the most that one may name
 * @param priorities levels of urgency
 */
public record BatchPolicy(
    int maxRows,
    int queueCapacity,
    Tuned<Duration> maxDelay,
    Tuned<Integer> instances,
    int threads,
    Duration timeout,
    Priorities priorities) {
  private static final int MOST = 1 << 20;
  private static final int MOST_THREADS = 256;

  /** Refuses numbers out of range. */
  public BatchPolicy {
    require("max rows", maxRows);
    require("queue capacity", queueCapacity);
    if (instances instanceof Tuned.Fixed<Integer>(Integer given)) {
      require("instances", given);
    }
    if (threads < 1 || threads > MOST_THREADS) {
      throw new LatheException(
          ServeError.BAD_OPTION, "threads " + threads + " (expected: 1 to " + MOST_THREADS + ")");
    }
    if (maxDelay instanceof Tuned.Fixed<Duration>(Duration given)
        && (given.isNegative() || given.compareTo(Duration.ofSeconds(1)) > 0)) {
      throw new LatheException(
          ServeError.BAD_OPTION, "max delay " + given + " (expected: 0 to 1 s)");
    }
    if (!timeout.isPositive() || timeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new LatheException(
          ServeError.BAD_OPTION, "timeout " + timeout + " (expected: above 0, at most 1 h)");
    }
  }

  /**
   * 64 rows, 256 waiting requests, one thread in a run, 30 s; delay and overlap are measured.
   *
   * @return the policy
   */
  public static BatchPolicy defaults() {
    return new BatchPolicy(
        64, 256, Tuned.auto(), Tuned.auto(), 1, Duration.ofSeconds(30), Priorities.defaults());
  }

  /** This policy with what a deployment says otherwise. */
  BatchPolicy with(Serving serving) {
    return new BatchPolicy(
        serving.maxBatchRows().orElse(maxRows),
        serving.queueCapacity().orElse(queueCapacity),
        serving.maxDelayMicros().map(BatchPolicy::delay).orElse(maxDelay),
        serving.instances().map(Tuned::fixed).orElse(instances),
        serving.threads().orElse(threads),
        serving.timeoutMillis().map(Duration::ofMillis).orElse(timeout),
        priorities(serving));
  }

  private static Tuned<Duration> delay(long micros) {
    return Tuned.fixed(Duration.ofNanos(micros * 1000));
  }

  /** Where the levels are given and the usual one is not, that is the middle one. */
  private Priorities priorities(Serving serving) {
    int levels = serving.priorityLevels().orElse(priorities.levels());
    int middle = serving.priorityLevels().isPresent() ? (levels + 1) / 2 : priorities.usual();
    int usual = serving.defaultPriority().orElse(middle);
    return new Priorities(levels, Math.min(usual, levels), priorities.ageing());
  }

  private static void require(String what, int value) {
    if (value < 1 || value > MOST) {
      throw new LatheException(
          ServeError.BAD_OPTION, what + " " + value + " (expected: 1 to " + MOST + ")");
    }
  }

  /** Nanoseconds that a request may take: what it asks for, but no more than the policy allows. */
  long timeoutNanos(RequestOptions options) {
    Duration asked = options.timeout();
    return (asked.isPositive() && asked.compareTo(timeout) < 0 ? asked : timeout).toNanos();
  }
}

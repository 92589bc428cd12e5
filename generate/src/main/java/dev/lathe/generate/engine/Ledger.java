package dev.lathe.generate.engine;

import dev.lathe.generate.EngineStatistics.Totals;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What the engine has done, readable by any thread; and its clock. */
final class Ledger {
  final LongAdder requests = new LongAdder();
  final LongAdder finished = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder promptTokens = new LongAdder();
  final LongAdder cachedTokens = new LongAdder();
  final LongAdder answerTokens = new LongAdder();
  final LongAdder preemptions = new LongAdder();
  final LongAdder steps = new LongAdder();
  final LongAdder drafted = new LongAdder();
  final LongAdder accepted = new LongAdder();
  private final LongSupplier clock;

  /**
   * A ledger.
   *
   * @param clock nanoseconds, never 0
   */
  Ledger(LongSupplier clock) {
    this.clock = clock;
  }

  long now() {
    return clock.getAsLong();
  }

  Totals totals() {
    return new Totals(
        requests.sum(),
        finished.sum(),
        failed.sum(),
        promptTokens.sum(),
        cachedTokens.sum(),
        answerTokens.sum(),
        preemptions.sum(),
        steps.sum(),
        drafted.sum(),
        accepted.sum());
  }
}

package dev.lathe.serve;

import dev.lathe.runtime.StopSignal;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One run of a model for one request or several; stopped when nobody waits for it any more. */
final class Run {
  private final List<Pending> batch;
  private final StopSignal stop = new StopSignal();
  private final AtomicInteger waiting;

  private Run(List<Pending> batch) {
    this.batch = batch;
    this.waiting = new AtomicInteger(batch.size());
  }

  /** A run for requests that have not ended, or have ended just now. */
  static Run of(List<Pending> batch) {
    Run run = new Run(batch);
    batch.forEach(pending -> pending.join(run));
    return run;
  }

  List<Pending> batch() {
    return batch;
  }

  StopSignal stop() {
    return stop;
  }

  long rows() {
    long rows = 0;
    for (Pending pending : batch) {
      rows += pending.rows();
    }
    return rows;
  }

  /** One of the requests ended before the run did. */
  void left() {
    if (waiting.decrementAndGet() == 0) {
      stop.stop();
    }
  }
}

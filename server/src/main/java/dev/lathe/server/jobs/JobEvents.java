package dev.lathe.server.jobs;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The events of one attempt at a job. A bounded number is kept: whoever reads too slowly misses the
 * oldest, and the job waits for nobody. The end is always the last event and never missed.
 */
public final class JobEvents {
  private static final int KEPT = 512;

  private final int attempt;
  private final Deque<JobEvent.Numbered> events = new ArrayDeque<>();
  private long last;
  private boolean ended;

  JobEvents(int attempt) {
    this.attempt = attempt;
  }

  /**
   * Which attempt at the job this is.
   *
   * @return from 1
   */
  public int attempt() {
    return attempt;
  }

  synchronized void add(JobEvent event) {
    if (ended) {
      return;
    }
    events.addLast(new JobEvent.Numbered(++last, event));
    if (events.size() > KEPT) {
      events.removeFirst();
    }
    ended = event instanceof JobEvent.Done;
    notifyAll();
  }

  /**
   * The events after a place; waits for one if there is none yet.
   *
   * @param number the last place seen; 0 for all that are kept
   * @param wait how long to wait at most
   * @return the events in order; empty if none came, or the attempt ended before that place
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public synchronized List<JobEvent.Numbered> after(long number, Duration wait)
      throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (last <= number && !ended) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return List.of();
      }
      wait(millis);
    }
    return events.stream().filter(event -> event.number() > number).toList();
  }

  /**
   * Whether nothing more will come.
   *
   * @return true after the end
   */
  public synchronized boolean ended() {
    return ended;
  }
}

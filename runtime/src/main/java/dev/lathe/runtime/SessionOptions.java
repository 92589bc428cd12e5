package dev.lathe.runtime;

import dev.lathe.ir.LatheException;

/**
 * How a session uses the machine.
 *
 * <p>While serving, threads never spin: on a small machine a waiting thread that spins takes the
 * core from the one it waits for. While training they spin between the operators of a run and never
 * between runs: a step has hundreds of small operators, and waking a thread for each costs more
 * than many of them (a Transformer's step on two threads takes 26 ms instead of 39). One thread is
 * the default because several sessions side by side use several cores better than one session with
 * several threads.
 *
 * @param threads threads that share the work inside one operator, 1 to 256; the caller's own thread
 *     is one of them
 * @param memory what happens to scratch memory between runs
 */
public record SessionOptions(int threads, Memory memory) {
  private static final int MOST_THREADS = 256;

  /** What happens to scratch memory between runs. */
  public enum Memory {
    /** Given back after each run. For serving: sizes vary, and idle models should cost nothing. */
    RETURNED,
    /** Kept and reused. For training: the same shapes step after step. Freed on close. */
    KEPT
  }

  /** Refuses thread counts out of range. */
  public SessionOptions {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new LatheException(
          RuntimeError.BAD_OPTION,
          "threads: " + threads + " (expected: 1 to " + MOST_THREADS + ")");
    }
  }

  /**
   * One thread, memory returned.
   *
   * @return the options for serving on a small machine
   */
  public static SessionOptions defaults() {
    return new SessionOptions(1, Memory.RETURNED);
  }

  /**
   * Memory kept between steps.
   *
   * @param threads threads that share the work inside one operator
   * @return the options for training
   */
  public static SessionOptions training(int threads) {
    return new SessionOptions(threads, Memory.KEPT);
  }
}

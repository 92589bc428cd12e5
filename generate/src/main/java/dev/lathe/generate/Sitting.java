package dev.lathe.generate;

import java.util.function.LongConsumer;

/**
 * Who waits for texts that are written for texts.
 *
 * @param caller whose turn it is, how urgent it is, and how long it is worth waiting for
 * @param between called now and then, on one thread or another but on one at a time; what it throws
 *     ends the work and is thrown to who waits
 * @param worked told once of the nanoseconds of steps, shared with whoever was written for beside
 */
public record Sitting(Caller caller, Runnable between, LongConsumer worked) {
  /** Nobody in particular, who waits for ever. */
  public static final Sitting USUAL = new Sitting(Caller.USUAL, () -> {}, _ -> {});

  /**
   * This with more to be called between steps.
   *
   * @param more called after what was called before
   * @return a new sitting
   */
  public Sitting also(Runnable more) {
    return new Sitting(
        caller,
        () -> {
          between.run();
          more.run();
        },
        worked);
  }
}

package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.time.Duration;

/**
 * Levels of urgency. Whoever waits grows more urgent by one level for each {@code ageing}, so that
 * nobody waits for ever.
 *
 * @param levels how many there are; level 1 is the most urgent
 * @param usual the level of requests that name none
 * @param ageing how long a wait counts as much as one level
 */
public record Priorities(int levels, int usual, Duration ageing) {
  private static final int MOST_LEVELS = 64;

  /** Refuses numbers out of range. */
  public Priorities {
    require("priority levels", levels, MOST_LEVELS);
    require("default priority", usual, levels);
    if (!ageing.isPositive() || ageing.compareTo(Duration.ofHours(1)) > 0) {
      throw new LatheException(
          ServeError.BAD_OPTION, "ageing " + ageing + " (expected: above 0, at most 1 h)");
    }
  }

  /**
   * Three levels, the middle one usual, one level for each half second.
   *
   * @return the levels
   */
  public static Priorities defaults() {
    return new Priorities(3, 2, Duration.ofMillis(500));
  }

  /** The level of a request that asks for one: 0 asks for the usual, too high a number the last. */
  int levelOf(int asked) {
    return asked <= 0 ? usual : Math.min(asked, levels);
  }

  private static void require(String what, int value, int most) {
    if (value < 1 || value > most) {
      throw new LatheException(
          ServeError.BAD_OPTION, what + " " + value + " (expected: 1 to " + most + ")");
    }
  }
}

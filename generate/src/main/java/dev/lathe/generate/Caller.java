package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.time.Duration;

/**
 * Who asks, and how urgent it is.
 *
 * @param tenant whose turn it is: tenants share an engine fairly, and never see each other's cache
 * @param priority 1 is the highest level, {@value #LOWEST} the lowest
 * @param timeout how long an answer is worth waiting for; zero for no limit
 */
public record Caller(String tenant, int priority, Duration timeout) {
  /** The lowest level of priority. */
  public static final int LOWEST = 9;

  /** Nobody in particular, in the middle, without haste. */
  public static final Caller USUAL = new Caller("", 5, Duration.ZERO);

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_REQUEST
   */
  public Caller {
    Sampling.require("priority", priority, 1, LOWEST);
    if (timeout.isNegative()) {
      throw new LatheException(
          GenerateError.BAD_REQUEST, "timeout " + timeout + " (expected: not negative)");
    }
  }

  /**
   * A tenant in the middle, without haste.
   *
   * @param tenant whose turn it is
   * @return the caller
   */
  public static Caller of(String tenant) {
    return new Caller(tenant, USUAL.priority(), Duration.ZERO);
  }

  /**
   * This with another priority.
   *
   * @param other 1 is the highest level
   * @return a new caller
   */
  public Caller withPriority(int other) {
    return new Caller(tenant, other, timeout);
  }

  /**
   * This with a deadline.
   *
   * @param other how long an answer is worth waiting for
   * @return a new caller
   */
  public Caller withTimeout(Duration other) {
    return new Caller(tenant, priority, other);
  }
}

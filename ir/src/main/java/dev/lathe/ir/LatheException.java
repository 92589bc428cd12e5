package dev.lathe.ir;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of the house. The message says what, the value found, the value expected, and
 * where: {@code input "x": shape [3, 9] (expected: [-1, 10])}.
 */
public final class LatheException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorCode code;
  private final transient Duration retryAfter;

  /**
   * An error with a code.
   *
   * @param code the room's code
   * @param message what, found, expected, where
   */
  public LatheException(ErrorCode code, String message) {
    this(code, message, (Throwable) null);
  }

  /**
   * An error with a code and a cause.
   *
   * @param code the room's code
   * @param message what, found, expected, where
   * @param cause what the machine said, kept for the log only
   */
  public LatheException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.retryAfter = Duration.ZERO;
  }

  /**
   * An error that passes by itself.
   *
   * @param code the room's code
   * @param message what, found, expected, where
   * @param retryAfter when to try again, from now
   */
  public LatheException(ErrorCode code, String message, Duration retryAfter) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /**
   * The room's code.
   *
   * @return the code
   */
  public ErrorCode code() {
    return code;
  }

  /**
   * The kind of the code.
   *
   * @return the kind
   */
  public ErrorKind kind() {
    return code.kind();
  }

  /**
   * When to try again.
   *
   * @return the time from now; zero where nothing is known about it
   */
  public Duration retryAfter() {
    return retryAfter;
  }
}

package dev.lathe.ir;

import org.jspecify.annotations.Nullable;

/**
 * The one exception of the house. The message says what, the value found, the value expected, and
 * where: {@code input "x": shape [3, 9] (expected: [-1, 10])}.
 */
public final class LatheException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorCode code;

  /**
   * An error with a code.
   *
   * @param code the room's code
   * @param message what, found, expected, where
   */
  public LatheException(ErrorCode code, String message) {
    this(code, message, null);
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
}

package dev.lathe.generate;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong between messages, templates and texts. */
public enum TextError implements ErrorCode {
  /** A stop that is empty or too long, or too many. */
  BAD_STOP(ErrorKind.INVALID),
  /** A template that cannot be read, or fails on what it is given. */
  BAD_TEMPLATE(ErrorKind.INVALID),
  /** The template refuses the messages by itself, and says why. */
  REFUSED_BY_TEMPLATE(ErrorKind.INVALID);

  private final ErrorKind kind;

  TextError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

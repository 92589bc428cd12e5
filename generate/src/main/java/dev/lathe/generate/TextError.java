package dev.lathe.generate;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong between tokens and texts. */
public enum TextError implements ErrorCode {
  /** A stop that is empty or too long, or too many. */
  BAD_STOP(ErrorKind.INVALID);

  private final ErrorKind kind;

  TextError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

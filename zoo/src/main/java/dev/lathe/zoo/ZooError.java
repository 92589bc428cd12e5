package dev.lathe.zoo;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with an architecture. */
public enum ZooError implements ErrorCode {
  /** A size out of range, or sizes that do not fit each other. */
  BAD_ARCHITECTURE(ErrorKind.INVALID);

  private final ErrorKind kind;

  ZooError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

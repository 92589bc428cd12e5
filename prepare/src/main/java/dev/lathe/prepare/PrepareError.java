package dev.lathe.prepare;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong between raw input and numbers. */
public enum PrepareError implements ErrorCode {
  /** A chat template that cannot be read, or fails on what it is given. */
  BAD_TEMPLATE(ErrorKind.INVALID),
  /** A text that is too long. */
  BAD_TEXT(ErrorKind.INVALID),
  /** A {@code tokenizer.json} that cannot be read, or is no such file. */
  BAD_TOKENIZER(ErrorKind.INVALID),
  /** There is no tokenizer library for this machine, or it failed. */
  LIBRARY_FAILED(ErrorKind.UNSUPPORTED),
  /** A chat template refuses messages by itself, and says why. */
  REFUSED_BY_TEMPLATE(ErrorKind.INVALID);

  private final ErrorKind kind;

  PrepareError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

package dev.lathe.explain;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with a question for reasons. */
public enum ExplainError implements ErrorCode {
  /** The model has not the form that can be explained. */
  UNSUPPORTED_MODEL(ErrorKind.UNSUPPORTED),
  /** An input, output or class is not the model's. */
  BAD_TARGET(ErrorKind.INVALID),
  /** A method's settings are out of range, or it would take too many runs. */
  BAD_METHOD(ErrorKind.INVALID);

  private final ErrorKind kind;

  ExplainError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

package dev.lathe.cli.score;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong where a file is scored. */
public enum ScoreError implements ErrorCode {
  /** The columns of the file are not what the model takes. */
  BAD_COLUMNS(ErrorKind.INVALID),
  /** A file's name does not say a format that can be read or written. */
  BAD_FORMAT(ErrorKind.INVALID),
  /** There is a result already, whole or begun. */
  IN_THE_WAY(ErrorKind.CONFLICT),
  /** What was begun does not belong to this file and model. */
  OTHER_WORK(ErrorKind.CONFLICT),
  /** The result cannot be written. */
  CANNOT_WRITE(ErrorKind.UNAVAILABLE);

  private final ErrorKind kind;

  ScoreError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

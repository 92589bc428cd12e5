package dev.lathe.zoo;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with an architecture, or with a model that is read from files of others. */
public enum ZooError implements ErrorCode {
  /** A size out of range, or sizes that do not fit each other. */
  BAD_ARCHITECTURE(ErrorKind.INVALID),
  /** A config that is no JSON, or a field with a value that it cannot have. */
  BAD_CONFIG(ErrorKind.INVALID),
  /** A tensor that is missing or of another shape, or files that do not fit each other. */
  BAD_WEIGHTS(ErrorKind.INVALID),
  /** An architecture, a field, a value or a tensor that is not known. */
  UNSUPPORTED(ErrorKind.UNSUPPORTED),
  /** The file or folder does not exist. */
  NO_FILE(ErrorKind.NOT_FOUND),
  /** The file exists and cannot be read. */
  UNREADABLE(ErrorKind.UNAVAILABLE);

  private final ErrorKind kind;

  ZooError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

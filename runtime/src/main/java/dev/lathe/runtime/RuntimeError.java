package dev.lathe.runtime;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong when a graph is run. */
public enum RuntimeError implements ErrorCode {
  /** An input that the model does not have, or one that is missing. */
  UNKNOWN_INPUT(ErrorKind.INVALID),
  /** An output that the model does not have. */
  UNKNOWN_OUTPUT(ErrorKind.INVALID),
  /** A tensor of another element type than the model declares. */
  WRONG_TYPE(ErrorKind.INVALID),
  /** A tensor of another shape than the model declares. */
  WRONG_SHAPE(ErrorKind.INVALID),
  /** Buffers that may not be bound together. */
  BAD_BINDING(ErrorKind.INVALID),
  /** An option out of its range. */
  BAD_OPTION(ErrorKind.INVALID),
  /** A model that the engine does not accept. */
  BAD_MODEL(ErrorKind.INVALID),
  /** Values that the model cannot compute with. */
  RUN_REFUSED(ErrorKind.INVALID),
  /** An operator, element type or attribute that is not implemented. */
  UNSUPPORTED(ErrorKind.UNSUPPORTED),
  /** A value larger than the limit, or more memory than there is. */
  TOO_LARGE(ErrorKind.EXHAUSTED),
  /** A run that was asked to end before its result was there. */
  STOPPED(ErrorKind.CANCELLED),
  /** A use after close. */
  CLOSED(ErrorKind.UNAVAILABLE),
  /** A file that cannot be read or written. */
  FILE(ErrorKind.UNAVAILABLE),
  /** The engine failed for a reason of its own. */
  ENGINE_FAILED(ErrorKind.INTERNAL);

  private final ErrorKind kind;

  RuntimeError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

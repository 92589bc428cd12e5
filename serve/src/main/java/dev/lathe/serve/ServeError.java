package dev.lathe.serve;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong between a request and its answer. */
public enum ServeError implements ErrorCode {
  /** An input is missing, unknown, or of another type or shape than the model takes. */
  BAD_INPUT(ErrorKind.INVALID),
  /** An output is asked for that the model does not give. */
  UNKNOWN_OUTPUT(ErrorKind.INVALID),
  /** A sequence goes on that has not begun here, or has ended. */
  UNKNOWN_SEQUENCE(ErrorKind.INVALID),
  /** Text is asked of a version that makes none. */
  NO_TEXT(ErrorKind.INVALID),
  /** A version whose answers cannot be compared cannot be a shadow. */
  NO_SHADOW(ErrorKind.UNSUPPORTED),
  /** An option is out of its range. */
  BAD_OPTION(ErrorKind.INVALID),
  /** Nothing is live in the environment asked for. */
  NOT_LIVE(ErrorKind.NOT_FOUND),
  /** As many requests wait as may. */
  QUEUE_FULL(ErrorKind.EXHAUSTED),
  /** As many requests wait as may, most of them the caller's own, and others wait as well. */
  SHARE_FULL(ErrorKind.EXHAUSTED),
  /** There is no memory left for the version within the budget of all models. */
  OUT_OF_MEMORY(ErrorKind.EXHAUSTED),
  /** The model was unloaded by request and is not loaded again until somebody asks for that. */
  UNLOADED(ErrorKind.UNAVAILABLE),
  /** The version exists, but the environment's version policy does not offer it. */
  NOT_OFFERED(ErrorKind.NOT_FOUND),
  /** The request's deadline passed before its answer was there. */
  DEADLINE_PASSED(ErrorKind.CANCELLED),
  /** The caller went away. */
  ABANDONED(ErrorKind.CANCELLED),
  /** The version cannot be loaded. */
  LOAD_FAILED(ErrorKind.UNAVAILABLE),
  /** The model or the server is being closed. */
  CLOSED(ErrorKind.UNAVAILABLE),
  /** The model could not be run, and it is not known why. */
  RUN_FAILED(ErrorKind.INTERNAL);

  private final ErrorKind kind;

  ServeError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

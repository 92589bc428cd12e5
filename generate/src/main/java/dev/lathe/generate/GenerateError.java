package dev.lathe.generate;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong between a prompt and its text. */
public enum GenerateError implements ErrorCode {
  /** A setting of a request that is out of its range. */
  BAD_REQUEST(ErrorKind.INVALID),
  /** A prompt that leaves no place for an answer in the model's context. */
  PROMPT_TOO_LONG(ErrorKind.INVALID),
  /** A setting of the engine that is out of its range. */
  BAD_OPTION(ErrorKind.INVALID),
  /** A folder whose files make no text model. */
  BAD_MODEL(ErrorKind.INVALID),
  /** A {@code generation_config.json} that cannot be read, or asks for what is not there. */
  BAD_RULES(ErrorKind.INVALID),
  /** The model's scores for this request are no numbers. */
  NOT_FINITE(ErrorKind.INVALID),
  /** A constraint that is none, or asks for what cannot be held to. */
  BAD_CONSTRAINT(ErrorKind.INVALID),
  /** A constraint that would take too much time or memory. */
  CONSTRAINT_TOO_LARGE(ErrorKind.INVALID),
  /** A constraint that leaves no token to go on with. */
  DEAD_END(ErrorKind.INVALID),
  /** An adapter that is not loaded. */
  UNKNOWN_ADAPTER(ErrorKind.NOT_FOUND),
  /** An adapter that does not fit the model. */
  BAD_ADAPTER(ErrorKind.INVALID),
  /** Answers use as many other adapters as there is room for. */
  ADAPTERS_BUSY(ErrorKind.EXHAUSTED),
  /** As many requests wait as may. */
  QUEUE_FULL(ErrorKind.EXHAUSTED),
  /** The request's deadline passed before its text was complete. */
  DEADLINE_PASSED(ErrorKind.CANCELLED),
  /** Whoever asked does not wait any more. */
  ABANDONED(ErrorKind.CANCELLED),
  /** The model is being closed. */
  CLOSED(ErrorKind.UNAVAILABLE),
  /** Files of the cache of forms that cannot be read or written. */
  FILE(ErrorKind.UNAVAILABLE),
  /** The engine failed for a reason of its own. */
  FAILED(ErrorKind.INTERNAL);

  private final ErrorKind kind;

  GenerateError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

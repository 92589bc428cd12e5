package dev.lathe.server;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong at the doors. */
public enum ServerError implements ErrorCode {
  /** A request that does not follow its protocol. */
  BAD_REQUEST(ErrorKind.INVALID),
  /** The configuration asks for something that cannot be. */
  BAD_CONFIGURATION(ErrorKind.INVALID),
  /** No such thing behind this door. */
  NOT_FOUND(ErrorKind.NOT_FOUND),
  /** The request was made for another host. */
  WRONG_HOST(ErrorKind.DENIED),
  /** A body is larger than the limit. */
  BODY_TOO_LARGE(ErrorKind.EXHAUSTED),
  /** The port is taken by another process. */
  PORT_IN_USE(ErrorKind.CONFLICT),
  /** The server is stopping. */
  STOPPING(ErrorKind.UNAVAILABLE),
  /** A defect of ours. */
  DEFECT(ErrorKind.INTERNAL);

  private final ErrorKind kind;

  ServerError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

package dev.lathe.server;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong at the doors. */
public enum ServerError implements ErrorCode {
  /** A folder or file that cannot become a version. */
  BAD_SOURCE(ErrorKind.INVALID),
  /** A request that does not follow its protocol. */
  BAD_REQUEST(ErrorKind.INVALID),
  /** The configuration asks for something that cannot be. */
  BAD_CONFIGURATION(ErrorKind.INVALID),
  /** No such thing behind this door. */
  NOT_FOUND(ErrorKind.NOT_FOUND),
  /** The request was made for another host. */
  WRONG_HOST(ErrorKind.DENIED),
  /** No credentials, or none that are valid. */
  UNAUTHENTICATED(ErrorKind.DENIED),
  /** The caller may not do this. */
  NOT_ALLOWED(ErrorKind.DENIED),
  /** The caller has used what it may use. */
  QUOTA(ErrorKind.EXHAUSTED),
  /** There is no such key. */
  UNKNOWN_KEY(ErrorKind.NOT_FOUND),
  /** A key of that name exists. */
  KEY_EXISTS(ErrorKind.CONFLICT),
  /** The file of keys cannot be read or written. */
  KEY_STORAGE(ErrorKind.UNAVAILABLE),
  /** A body is larger than the limit. */
  BODY_TOO_LARGE(ErrorKind.EXHAUSTED),
  /** A body does not come, or too slowly. */
  TOO_SLOW(ErrorKind.CANCELLED),
  /** The port is taken by another process. */
  PORT_IN_USE(ErrorKind.CONFLICT),
  /** There is no such job. */
  UNKNOWN_JOB(ErrorKind.NOT_FOUND),
  /** A job waits or is being worked on, so that this cannot be done now. */
  JOB_BUSY(ErrorKind.CONFLICT),
  /** A job has its result already. */
  JOB_DONE(ErrorKind.CONFLICT),
  /** Too many jobs wait. */
  QUEUE_FULL(ErrorKind.EXHAUSTED),
  /** A recipe's file holds something else than text. */
  BAD_RECIPE(ErrorKind.INVALID),
  /** A job needs more memory than the process may have. */
  OUT_OF_MEMORY(ErrorKind.EXHAUSTED),
  /** A job's folder cannot be written or read. */
  JOB_STORAGE(ErrorKind.UNAVAILABLE),
  /** What a job's folder says of the job cannot be understood. */
  JOB_DAMAGED(ErrorKind.UNAVAILABLE),
  /** There is no such file, or it is another's. */
  UNKNOWN_FILE(ErrorKind.NOT_FOUND),
  /** There is no such batch, or it is another's. */
  UNKNOWN_BATCH(ErrorKind.NOT_FOUND),
  /** There is no such response, or it is another's. */
  UNKNOWN_RESPONSE(ErrorKind.NOT_FOUND),
  /** A caller's file cannot be written or read. */
  FILE_STORAGE(ErrorKind.UNAVAILABLE),
  /** A recipe names data that it may not read. */
  DATA_OUTSIDE(ErrorKind.DENIED),
  /** The model as written to a file does not answer as the trained one. */
  EXPORT_DIFFERS(ErrorKind.INTERNAL),
  /** Another server does not let us. */
  REFUSED(ErrorKind.DENIED),
  /** Another server has the thing already, or it changed meanwhile. */
  IN_THE_WAY(ErrorKind.CONFLICT),
  /** Another server has reached a limit. */
  BUSY(ErrorKind.EXHAUSTED),
  /** Another server does not offer this. */
  NOT_OFFERED(ErrorKind.UNSUPPORTED),
  /** A server does not answer, or not in time. */
  UNREACHABLE(ErrorKind.UNAVAILABLE),
  /** Another server's answer is not Lathe's. */
  BAD_ANSWER(ErrorKind.UNAVAILABLE),
  /** The caller stopped waiting. */
  GIVEN_UP(ErrorKind.CANCELLED),
  /** A folder that should be empty is not, or cannot be written. */
  BAD_FOLDER(ErrorKind.CONFLICT),
  /** The server or a model should not be asked now. */
  NOT_READY(ErrorKind.UNAVAILABLE),
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

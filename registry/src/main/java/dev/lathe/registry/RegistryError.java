package dev.lathe.registry;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong in the registry. */
public enum RegistryError implements ErrorCode {
  /** A model's, environment's or version's name that no name may be. */
  BAD_NAME(ErrorKind.INVALID),
  /** A path inside a version that no path may be. */
  BAD_PATH(ErrorKind.INVALID),
  /** A release that lacks something or holds too much. */
  BAD_RELEASE(ErrorKind.INVALID),
  /** A pipeline that cannot work. */
  BAD_PIPELINE(ErrorKind.INVALID),
  /** A deployment with an unknown key, a value out of its range, or versions in contradiction. */
  BAD_DEPLOYMENT(ErrorKind.INVALID),
  /** Text that is no SHA-256 digest. */
  BAD_DIGEST(ErrorKind.INVALID),
  /** A request that its protocol does not allow. */
  BAD_REQUEST(ErrorKind.INVALID),
  /** No model of that name. */
  UNKNOWN_MODEL(ErrorKind.NOT_FOUND),
  /** The model has no such version. */
  UNKNOWN_VERSION(ErrorKind.NOT_FOUND),
  /** The model has no such environment. */
  UNKNOWN_ENVIRONMENT(ErrorKind.NOT_FOUND),
  /** The model has not received such a blob, or the version no such file. */
  UNKNOWN_OBJECT(ErrorKind.NOT_FOUND),
  /** A folder that should be empty is not. */
  NOT_EMPTY(ErrorKind.CONFLICT),
  /** The environment has no version on trial. */
  NO_TRIAL(ErrorKind.CONFLICT),
  /** Another Git program holds the repository's locks. */
  LOCKED(ErrorKind.CONFLICT),
  /** Pushing is not offered. */
  PUSH_REFUSED(ErrorKind.DENIED),
  /** A request beyond a limit of size or count. */
  TOO_LARGE(ErrorKind.EXHAUSTED),
  /** The disk is full; nothing was changed. */
  STORAGE_FULL(ErrorKind.EXHAUSTED),
  /** The disk failed; the message says at what. */
  STORAGE_FAILED(ErrorKind.INTERNAL),
  /**
   * What is stored is not what was stored. No defect of the program: whoever keeps the storage has
   * to read which file it is.
   */
  CORRUPT(ErrorKind.UNAVAILABLE),
  /** Another process works on the same model, too long to wait for. */
  BUSY(ErrorKind.UNAVAILABLE),
  /** The calling thread was interrupted; nothing was changed. */
  INTERRUPTED(ErrorKind.CANCELLED),
  /** The registry is closed. */
  CLOSED(ErrorKind.UNAVAILABLE);

  private final ErrorKind kind;

  RegistryError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}

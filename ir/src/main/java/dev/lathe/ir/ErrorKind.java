package dev.lathe.ir;

/** What went wrong, as every door understands it. Closed: doors map each kind exactly once. */
public enum ErrorKind {
  /** The caller sent something that can never work. */
  INVALID,
  /** The thing named does not exist. */
  NOT_FOUND,
  /** The thing exists already, or changed meanwhile. */
  CONFLICT,
  /** The caller may not do this. */
  DENIED,
  /** A valid request for something that is not implemented. */
  UNSUPPORTED,
  /** A limit is reached: a queue, a size, a disk. */
  EXHAUSTED,
  /** Not now; later perhaps. */
  UNAVAILABLE,
  /** The caller gave up, or its deadline passed. */
  CANCELLED,
  /** A defect of ours. */
  INTERNAL
}

package dev.lathe.server;

/** Where a job is in its life. */
public enum JobState {
  /** Waits for its turn. */
  QUEUED,
  /** Is being worked on. */
  RUNNING,
  /** Ended well; its version is released. */
  SUCCEEDED,
  /** Ended with an error. */
  FAILED,
  /** Was stopped by a person; can be resumed. */
  CANCELLED,
  /** The process that ran it went away; can be resumed. */
  INTERRUPTED;

  /**
   * Whether nothing more happens by itself.
   *
   * @return true for every state but queued and running
   */
  public boolean ended() {
    return this != QUEUED && this != RUNNING;
  }
}

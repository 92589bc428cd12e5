package dev.lathe.server;

import java.util.Locale;

/** What a caller may be allowed to do. Every route of every door names the one that it takes. */
public enum Right {
  /** Nothing: whether the server lives and is ready, and the page to sign in at. */
  NONE,
  /** Any valid credentials: what the server is, and what its documents say. */
  KNOWN,
  /** To ask a model. */
  INFER,
  /** To look at models, versions, deployments and their files. */
  READ,
  /** To start, follow and stop jobs. */
  TRAIN,
  /** To change what is live or loaded. */
  DEPLOY,
  /** To clone and fetch by Git. */
  PULL,
  /** To make versions of files, and to push by Git. */
  PUSH,
  /** To read metrics and statistics. */
  METRICS,
  /** To change keys and the server's own settings. */
  ADMIN;

  /**
   * The right's name in a scope.
   *
   * @return the name in small letters
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

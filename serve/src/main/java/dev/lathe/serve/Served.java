package dev.lathe.serve;

import dev.lathe.registry.Serving;

/**
 * A version as it is kept in memory. The same version served in two ways is in memory twice, so
 * that a change of the settings is a switch like that to another version.
 *
 * @param version the version
 * @param serving how its requests wait and run
 * @param threads whose threads run it
 */
record Served(ModelVersion version, Serving serving, Threads threads) {
  /** Threads that run models. */
  enum Threads {
    /** Those for which callers wait. */
    FOREGROUND,
    /** One of its own for all that only answers copies, so that it cannot hold up callers. */
    BACKGROUND
  }

  /** A version that answers callers. */
  Served(ModelVersion version, Serving serving) {
    this(version, serving, Threads.FOREGROUND);
  }

  /** Whether it stays loaded, whatever else wants its memory. */
  boolean pinned() {
    return serving.pinned().orElse(false);
  }

  /** Whether it must not be let go for the sake of another. */
  boolean staysFor(Served other) {
    return pinned() && !version.model().equals(other.version.model());
  }

  @Override
  public String toString() {
    return version.toString();
  }
}

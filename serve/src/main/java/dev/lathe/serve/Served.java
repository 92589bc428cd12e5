package dev.lathe.serve;

import dev.lathe.registry.Serving;

/**
 * A version as it is kept in memory. The same version served in two ways is in memory twice, so
 * that a change of the settings is a switch like that to another version.
 *
 * @param version the version
 * @param serving how its requests wait and run
 */
record Served(ModelVersion version, Serving serving) {
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

package dev.lathe.server.files;

import java.time.Instant;
import java.util.Optional;

/**
 * A file that is there, whole.
 *
 * @param id its name in requests
 * @param owner the caller who made it
 * @param bytes how long it is
 * @param created when it was published
 * @param filename what the owner calls it
 * @param purpose what it is for
 * @param expires from when on it is gone
 */
public record StoredFile(
    String id,
    String owner,
    long bytes,
    Instant created,
    String filename,
    String purpose,
    Optional<Instant> expires) {
  /** Whether it is gone by itself. */
  boolean expired(Instant now) {
    return expires.isPresent() && !now.isBefore(expires.get());
  }
}

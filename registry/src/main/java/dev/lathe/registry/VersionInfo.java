package dev.lathe.registry;

import java.time.Instant;
import java.util.List;

/**
 * A version, as the repository tells it.
 *
 * @param model the model it is a version of
 * @param version its tag, {@code v<N>}
 * @param commit its commit's id, 40 hexadecimal digits
 * @param author who made it
 * @param time when it was committed, to the second
 * @param message the commit's whole message
 * @param metadata what its {@code lathe.yaml} says
 * @param files its files, sorted by path
 */
public record VersionInfo(
    ModelName model,
    String version,
    String commit,
    Author author,
    Instant time,
    String message,
    Metadata metadata,
    List<VersionFile> files) {
  /** Copies the files. */
  public VersionInfo {
    files = List.copyOf(files);
  }

  /**
   * The message's first line.
   *
   * @return the first line
   */
  public String subject() {
    return message.lines().findFirst().orElse("");
  }
}

package dev.lathe.server.files;

import java.time.Duration;
import java.util.Optional;

/**
 * What whoever stores a file says about it.
 *
 * @param filename what the caller calls it; never a path here
 * @param purpose what it is for, in OpenAI's words: {@code batch}, {@code fine-tune}, …
 * @param lifetime when it goes by itself; stays if absent
 */
public record FileLabel(String filename, String purpose, Optional<Duration> lifetime) {
  /**
   * A file that stays until it is deleted.
   *
   * @param filename what the caller calls it
   * @param purpose what it is for
   */
  public FileLabel(String filename, String purpose) {
    this(filename, purpose, Optional.empty());
  }
}

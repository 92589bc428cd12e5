package dev.lathe.registry;

import java.time.InstantSource;

/**
 * How a registry behaves.
 *
 * @param author who makes its commits
 * @param clock where commit times come from
 * @param largeFile from how many bytes on a file goes to the blob store whatever its name
 * @param largestBlob the most bytes that one file may have
 * @param freeBytes how many bytes must stay free on the disk after a file is stored
 * @param verification what is compared when a version is materialized
 */
public record RegistryOptions(
    Author author,
    InstantSource clock,
    long largeFile,
    long largestBlob,
    long freeBytes,
    Verification verification) {
  /** What is compared when a version is materialized. */
  public enum Verification {
    /** Each blob's size. */
    SIZE,
    /** Each blob's size and SHA-256, which reads all of it once in the life of a process. */
    DIGEST
  }

  /**
   * The options of a registry that says nothing else.
   *
   * @return the system's user and clock, large from 1 MiB on, at most 512 GiB, 16 MiB left free,
   *     digests compared
   */
  public static RegistryOptions defaults() {
    return new RegistryOptions(
        Author.ofSystemUser(),
        InstantSource.system(),
        1L << 20,
        512L << 30,
        16L << 20,
        Verification.DIGEST);
  }

  /**
   * These options with another author.
   *
   * @param newAuthor who makes the commits
   * @return new options
   */
  public RegistryOptions withAuthor(Author newAuthor) {
    return new RegistryOptions(newAuthor, clock, largeFile, largestBlob, freeBytes, verification);
  }

  /**
   * These options with another verification.
   *
   * @param newVerification what is compared when a version is materialized
   * @return new options
   */
  public RegistryOptions withVerification(Verification newVerification) {
    return new RegistryOptions(author, clock, largeFile, largestBlob, freeBytes, newVerification);
  }
}

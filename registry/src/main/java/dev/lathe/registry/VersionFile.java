package dev.lathe.registry;

/**
 * One file of a version.
 *
 * @param path its path inside the version
 * @param size its real size in bytes, not that of a pointer
 * @param storage where its bytes are
 * @param digest for LFS the SHA-256 of its bytes, for GIT the id of the Git blob; in hexadecimal
 */
public record VersionFile(String path, long size, Storage storage, String digest) {
  /** Where a file's bytes are. */
  public enum Storage {
    /** In the Git repository. */
    GIT,
    /** In the blob store; the repository holds a Git LFS pointer. */
    LFS
  }
}

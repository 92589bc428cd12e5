package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Git holds in place of a large file.
 *
 * @param digest the file's SHA-256
 * @param size the file's size in bytes
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md">Git LFS pointer</a>
 */
record LfsPointer(Sha256 digest, long size) {
  /** A pointer is shorter than this. */
  static final int LIMIT = 1024;

  private static final String HEAD = "version https://git-lfs.github.com/spec/";
  private static final Pattern FORM =
      Pattern.compile(
          "version https://git-lfs\\.github\\.com/spec/v1\noid sha256:([0-9a-f]{64})\n"
              + "size (0|[1-9][0-9]{0,17})\n");

  /** Whether bytes claim to be a pointer, valid or not. */
  static boolean isClaimed(byte[] bytes) {
    return bytes.length >= HEAD.length()
        && new String(bytes, 0, HEAD.length(), StandardCharsets.ISO_8859_1).equals(HEAD);
  }

  /**
   * Reads a pointer.
   *
   * @param bytes a whole file from Git
   * @param where the file's name, for the message
   * @return the pointer; empty if the file is a plain one
   * @throws LatheException CORRUPT if it claims to be a pointer and is not in the one valid form
   */
  static Optional<LfsPointer> parse(byte[] bytes, String where) {
    if (!isClaimed(bytes)) {
      return Optional.empty();
    }
    String text = new String(bytes, 0, Math.min(bytes.length, LIMIT), StandardCharsets.ISO_8859_1);
    Matcher form = FORM.matcher(text);
    if (bytes.length >= LIMIT || !form.matches()) {
      throw new LatheException(
          RegistryError.CORRUPT,
          where + ": Git LFS pointer " + Names.quote(text) + " (expected: version, oid, size)");
    }
    return Optional.of(new LfsPointer(Sha256.parse(form.group(1)), Long.parseLong(form.group(2))));
  }

  /** The one valid form. */
  byte[] toBytes() {
    return (HEAD + "v1\noid sha256:" + digest + "\nsize " + size + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}

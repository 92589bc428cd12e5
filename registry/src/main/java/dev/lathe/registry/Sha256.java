package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A SHA-256 digest. Outside text becomes one only here, so that whatever holds a {@code Sha256} may
 * use it in a path.
 *
 * @param hex 64 hexadecimal digits in lower case
 */
public record Sha256(String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /**
   * Checks the digits.
   *
   * @throws LatheException BAD_DIGEST unless there are 64 digits of 0-9 a-f
   */
  public Sha256 {
    if (!HEX.matcher(hex).matches()) {
      throw new LatheException(
          RegistryError.BAD_DIGEST,
          "SHA-256 " + Names.quote(hex) + " (expected: 64 digits of 0-9 a-f)");
    }
  }

  /**
   * Reads a digest.
   *
   * @param text 64 hexadecimal digits in lower case
   * @return the digest
   * @throws LatheException BAD_DIGEST unless there are 64 digits of 0-9 a-f
   */
  public static Sha256 parse(String text) {
    return new Sha256(text);
  }

  /**
   * The digest of bytes.
   *
   * @param bytes what to hash
   * @return their digest
   */
  public static Sha256 of(byte[] bytes) {
    return finish(newDigest(), bytes);
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static Sha256 finish(MessageDigest digest) {
    return new Sha256(HexFormat.of().formatHex(digest.digest()));
  }

  private static Sha256 finish(MessageDigest digest, byte[] bytes) {
    digest.update(bytes);
    return finish(digest);
  }

  @Override
  public String toString() {
    return hex;
  }
}

package dev.lathe.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * A key in the form that callers send: {@code lathe_<id>_<secret>}. The secret has 256 random bits,
 * so that a plain digest of the key is as good as any slow one.
 */
final class KeyText {
  private static final String BEGIN = "lathe_";
  private static final int ID_END = BEGIN.length() + 10;
  private static final int LENGTH = ID_END + 1 + 43;
  private static final String DIGITS = "0123456789abcdefghijkmnpqrstuvwxyz";
  private static final SecureRandom RANDOM = new SecureRandom();

  private KeyText() {}

  static String create() {
    StringBuilder id = new StringBuilder(BEGIN);
    for (int i = 0; i < 10; i++) {
      id.append(DIGITS.charAt(RANDOM.nextInt(DIGITS.length())));
    }
    byte[] secret = new byte[32];
    RANDOM.nextBytes(secret);
    return id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /** The id of a key; nothing if the text is no key. */
  static Optional<String> id(String text) {
    boolean sound = text.length() == LENGTH && text.startsWith(BEGIN) && text.charAt(ID_END) == '_';
    for (int i = BEGIN.length(); sound && i < LENGTH; i++) {
      char one = text.charAt(i);
      boolean lower = one >= 'a' && one <= 'z' || one >= '0' && one <= '9';
      sound = lower || i >= ID_END && (one >= 'A' && one <= 'Z' || one == '_' || one == '-');
    }
    return sound ? Optional.of(text.substring(BEGIN.length(), ID_END)) : Optional.empty();
  }

  static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package dev.lathe.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key in the form that callers send: {@code lathe_<id>_<secret>}. The secret has 256 random bits,
 * so that a plain digest of the key is as good as any slow one.
 */
final class KeyText {
  private static final Pattern FORM = Pattern.compile("lathe_([0-9a-z]{10})_[A-Za-z0-9_-]{43}");
  private static final String DIGITS = "0123456789abcdefghijkmnpqrstuvwxyz";
  private static final SecureRandom RANDOM = new SecureRandom();

  private KeyText() {}

  static String create() {
    StringBuilder id = new StringBuilder("lathe_");
    for (int i = 0; i < 10; i++) {
      id.append(DIGITS.charAt(RANDOM.nextInt(DIGITS.length())));
    }
    byte[] secret = new byte[32];
    RANDOM.nextBytes(secret);
    return id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /** The id of a key; nothing if the text is no key. */
  static Optional<String> id(String text) {
    if (!text.startsWith("lathe_")) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(text);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

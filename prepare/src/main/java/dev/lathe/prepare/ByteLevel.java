package dev.lathe.prepare;

import java.nio.charset.StandardCharsets;

/**
 * The alphabet of byte-level tokens: each of the 256 bytes as one visible character.
 *
 * @see <a href="https://github.com/openai/gpt-2/blob/master/src/encoder.py">bytes_to_unicode</a>
 */
final class ByteLevel {
  private static final int FIRST_MOVED = 256;
  private static final byte[] BYTES = new byte[FIRST_MOVED * 2];
  private static final boolean[] KNOWN = new boolean[FIRST_MOVED * 2];

  static {
    int moved = FIRST_MOVED;
    for (int b = 0; b < FIRST_MOVED; b++) {
      boolean visible = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      int character = visible ? b : moved++;
      BYTES[character] = (byte) b;
      KNOWN[character] = true;
    }
  }

  private ByteLevel() {}

  /** The bytes that a token stands for; those of its UTF-8 if it is not of this alphabet. */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= KNOWN.length || !KNOWN[c]) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = BYTES[c];
    }
    return bytes;
  }
}

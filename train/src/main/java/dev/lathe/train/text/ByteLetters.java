package dev.lathe.train.text;

import java.nio.charset.StandardCharsets;

/**
 * A printable letter for each byte, as GPT-2 writes them: bytes that are printable in Latin-1 stand
 * for themselves, the others for letters from U+0100 on, in their order.
 */
final class ByteLetters {
  private static final int FIRST_OTHER = 0x100;
  private static final char[] LETTERS = new char[256];
  private static final int[] BYTES = new int[FIRST_OTHER + 256];

  static {
    java.util.Arrays.fill(BYTES, -1);
    int other = FIRST_OTHER;
    for (int value = 0; value < LETTERS.length; value++) {
      boolean printable =
          value > 0x20 && value < 0x7f || value > 0xa0 && value <= 0xff && value != 0xad;
      LETTERS[value] = (char) (printable ? value : other++);
      BYTES[LETTERS[value]] = value;
    }
  }

  private ByteLetters() {}

  /** The letters of a text's bytes in UTF-8. */
  static String of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder letters = new StringBuilder(bytes.length);
    for (byte value : bytes) {
      letters.append(LETTERS[value & 0xff]);
    }
    return letters.toString();
  }

  /** The text back; bytes that are no UTF-8 become U+FFFD. */
  static String text(CharSequence letters) {
    byte[] bytes = new byte[letters.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) BYTES[letters.charAt(i)];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Whether text is made of these letters only. */
  static boolean areAll(String letters) {
    return letters.chars().allMatch(letter -> letter < BYTES.length && BYTES[letter] >= 0);
  }

  /** All letters in the order of Unicode. */
  static String all() {
    char[] sorted = LETTERS.clone();
    java.util.Arrays.sort(sorted);
    return new String(sorted);
  }
}

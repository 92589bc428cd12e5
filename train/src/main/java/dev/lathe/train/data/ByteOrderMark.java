package dev.lathe.train.data;

/** The mark that some programs write before a text to say that it is UTF-8; no part of the text. */
final class ByteOrderMark {
  private static final char MARK = '\uFEFF';

  private ByteOrderMark() {}

  /** A file's text, or its first line, from after the mark on. */
  static String passed(String text) {
    return text.substring(length(text));
  }

  /** How many characters of a text's beginning are the mark: one or none. */
  static int length(CharSequence text) {
    return !text.isEmpty() && text.charAt(0) == MARK ? 1 : 0;
  }
}

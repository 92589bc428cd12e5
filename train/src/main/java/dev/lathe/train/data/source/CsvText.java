package dev.lathe.train.data.source;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Where fields and records of comma-separated values end (RFC 4180; a line ends with LF, CR LF or
 * CR). A field that begins with a quote ends at the next quote that is not doubled.
 */
final class CsvText {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte QUOTE = '"';
  private static final byte CR = '\r';
  private static final byte LF = '\n';

  private final byte[] bytes;
  private final int length;

  CsvText(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  /** Where the last record that is surely whole ends; 0 if none does. */
  int lastEnd() {
    if (!hasQuote()) {
      for (int i = length - 1; i >= 0; i--) {
        if (bytes[i] == LF) {
          return i + 1;
        }
      }
    }
    return lastEndByFields();
  }

  /** Looks at eight bytes at a time: one of them is zero after all are taken from quotes. */
  private boolean hasQuote() {
    int at = 0;
    for (; at + 8 <= length; at += 8) {
      long off = (long) EIGHT.get(bytes, at) ^ 0x2222222222222222L;
      if ((off - 0x0101010101010101L & ~off & 0x8080808080808080L) != 0) {
        return true;
      }
    }
    for (; at < length; at++) {
      if (bytes[at] == QUOTE) {
        return true;
      }
    }
    return false;
  }

  private int lastEndByFields() {
    int last = 0;
    int at = 0;
    while (at < length) {
      int end = fieldEnd(at);
      if (end < 0 || end == length || bytes[end] == CR && end + 1 == length) {
        return last;
      }
      at = afterField(end);
      if (bytes[end] != ',') {
        last = at;
      }
    }
    return last;
  }

  /** Where the field that begins at a place ends: at a comma, CR, LF or the end; -1 if open. */
  int fieldEnd(int from) {
    int at = from;
    if (at < length && bytes[at] == QUOTE) {
      at = afterQuoted(at + 1);
      if (at < 0) {
        return -1;
      }
    }
    while (at < length) {
      byte b = bytes[at];
      if (b <= ',' && (b == ',' || b == LF || b == CR)) {
        return at;
      }
      at++;
    }
    return at;
  }

  private int afterQuoted(int from) {
    for (int at = from; at < length; at++) {
      if (bytes[at] == QUOTE) {
        if (at + 1 == length || bytes[at + 1] != QUOTE) {
          return at + 1;
        }
        at++;
      }
    }
    return -1;
  }

  /** Where the next field or record begins, after what ended a field. */
  int afterField(int end) {
    return end < length
        ? end + (bytes[end] == CR && end + 1 < length && bytes[end + 1] == LF ? 2 : 1)
        : end;
  }

  /** Whether a field may end at a place. */
  boolean isFieldEnd(int at) {
    return at == length || bytes[at] == ',' || bytes[at] == LF || bytes[at] == CR;
  }

  /** Whether a record ends where a field does. */
  boolean isRecordEnd(int end) {
    return end == length || bytes[end] != ',';
  }

  /** Lines that end between two places. */
  int lines(int from, int to) {
    int lines = 0;
    for (int i = from; i < to; i++) {
      boolean feed = bytes[i] == LF;
      boolean alone = bytes[i] == CR && (i + 1 == to || bytes[i + 1] != LF);
      lines += feed || alone ? 1 : 0;
    }
    return lines;
  }

  /** Whether a field is written in quotes. */
  boolean isQuoted(int from, int end) {
    return from < end && bytes[from] == QUOTE;
  }

  /** Whether nothing follows a field's closing quote. */
  boolean isClosed(int from, int end) {
    return afterQuoted(from + 1) == end;
  }

  /** What a field says. */
  String text(int from, int end) {
    if (isQuoted(from, end)) {
      return new String(bytes, from + 1, end - from - 2, StandardCharsets.UTF_8)
          .replace("\"\"", "\"");
    }
    return new String(bytes, from, end - from, StandardCharsets.UTF_8);
  }
}

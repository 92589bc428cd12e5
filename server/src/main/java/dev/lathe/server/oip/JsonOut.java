package dev.lathe.server.oip;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON into bytes without an object for each number. What is small is handed over whole;
 * what outgrows the buffer goes out in pieces.
 */
final class JsonOut {
  private static final int INITIAL = 4 << 10;
  private static final int LARGEST = 256 << 10;
  private static final int PIECE = 2 << 10;

  private final @Nullable Supplier<OutputStream> target;
  private final StringBuilder digits = new StringBuilder(PIECE + 64);
  private byte[] bytes = new byte[INITIAL];
  private int length;
  private @Nullable OutputStream stream;

  /**
   * Nothing written yet.
   *
   * @param target opened only if the text outgrows the buffer
   */
  JsonOut(Supplier<OutputStream> target) {
    this.target = target;
  }

  /** Nothing written yet, and nothing will be handed over before the end. */
  JsonOut() {
    this.target = null;
  }

  /** Adds syntax or numbers; ASCII only. */
  JsonOut raw(String ascii) {
    digits.append(ascii);
    return spill();
  }

  JsonOut number(long value) {
    digits.append(value);
    return spill();
  }

  /** Adds an unsigned number by its bits. */
  JsonOut unsigned(long bits) {
    return bits >= 0 ? number(bits) : raw(Long.toUnsignedString(bits));
  }

  /** Adds the shortest decimal that reads back as the same float. */
  JsonOut number(float value) {
    if (Float.isFinite(value)) {
      digits.append(value);
    } else {
      digits.append('"').append(value).append('"');
    }
    return spill();
  }

  /** Adds the shortest decimal that reads back as the same double. */
  JsonOut number(double value) {
    if (Double.isFinite(value)) {
      digits.append(value);
    } else {
      digits.append('"').append(value).append('"');
    }
    return spill();
  }

  JsonOut comma() {
    digits.append(',');
    return this;
  }

  /** Adds text as a string, escaped. */
  JsonOut string(String text) {
    flushDigits();
    byte[] utf8 = escape(text).getBytes(StandardCharsets.UTF_8);
    room(utf8.length + 2);
    bytes[length++] = '"';
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    bytes[length++] = '"';
    return this;
  }

  /**
   * Ends the text.
   *
   * @return the whole of it; empty if it has gone out in pieces
   */
  byte[] finish() {
    flushDigits();
    OutputStream out = stream;
    if (out == null) {
      return Arrays.copyOf(bytes, length);
    }
    try (out) {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new byte[0];
  }

  boolean streamed() {
    return stream != null;
  }

  private JsonOut spill() {
    if (digits.length() >= PIECE) {
      flushDigits();
    }
    return this;
  }

  /** The builder holds Latin-1 only, so both copies are plain moves of memory. */
  @SuppressWarnings("deprecation")
  private void flushDigits() {
    int count = digits.length();
    if (count > 0) {
      room(count);
      digits.toString().getBytes(0, count, bytes, length);
      length += count;
      digits.setLength(0);
    }
  }

  private void room(int more) {
    if (bytes.length - length >= more) {
      return;
    }
    if (length >= LARGEST && target != null) {
      OutputStream out = stream == null ? target.get() : stream;
      stream = out;
      try {
        out.write(bytes, 0, length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      length = 0;
    }
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> escaped.append("\\\"");
        case '\\' -> escaped.append("\\\\");
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> {
          if (c < 0x20 || Character.isSurrogate(c) && isLone(text, i)) {
            escaped.append(String.format("\\u%04x", (int) c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }

  private static boolean isLone(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
        : i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
  }
}

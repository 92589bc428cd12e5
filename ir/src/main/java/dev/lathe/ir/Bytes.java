package dev.lathe.ir;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An immutable run of bytes, compared by content. ONNX's string attributes are bytes. */
public final class Bytes {
  private final byte[] content;

  private Bytes(byte[] content) {
    this.content = content;
  }

  /**
   * A copy of bytes.
   *
   * @param content the bytes
   * @return the value
   */
  public static Bytes of(byte[] content) {
    return new Bytes(content.clone());
  }

  /**
   * Text as UTF-8.
   *
   * @param text the text
   * @return its bytes
   */
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Bytes that nobody changes any more, without a copy.
   *
   * @param content the bytes, handed over
   * @return the value
   */
  public static Bytes wrap(byte[] content) {
    return new Bytes(content);
  }

  /**
   * The number of bytes.
   *
   * @return the length
   */
  public int size() {
    return content.length;
  }

  /**
   * A copy of the bytes.
   *
   * @return a new array
   */
  public byte[] toArray() {
    return content.clone();
  }

  /**
   * The bytes as UTF-8 text; malformed input becomes U+FFFD.
   *
   * @return the text
   */
  public String utf8() {
    return new String(content, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return utf8();
  }
}

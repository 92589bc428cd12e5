package dev.lathe.registry;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@code Range} header asks of something of known size. Several ranges at once are not
 * served: such a header is ignored, as the specification allows.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-14">RFC 9110, section 14</a>
 */
public sealed interface ByteRange {
  /** Everything: answer 200. */
  record Whole() implements ByteRange {}

  /**
   * A part: answer 206.
   *
   * @param first the first byte's position
   * @param last the last byte's position, inclusive
   * @param size the size of the whole
   */
  record Part(long first, long last, long size) implements ByteRange {
    /**
     * How many bytes.
     *
     * @return the count, at least 1
     */
    public long length() {
      return last - first + 1;
    }

    /**
     * The value of the header {@code Content-Range}.
     *
     * @return {@code bytes first-last/size}
     */
    public String contentRange() {
      return "bytes " + first + "-" + last + "/" + size;
    }
  }

  /**
   * Nothing that exists: answer 416.
   *
   * @param size the size of the whole
   */
  record Unsatisfiable(long size) implements ByteRange {
    /**
     * The value of the header {@code Content-Range}.
     *
     * @return {@code bytes *}{@code /size}
     */
    public String contentRange() {
      return "bytes */" + size;
    }
  }

  /** One range: {@code bytes=first-last}, {@code bytes=first-} or {@code bytes=-suffix}. */
  Pattern ONE = Pattern.compile("bytes=\\s*(\\d{0,18})-(\\d{0,18})\\s*");

  /**
   * Reads a header.
   *
   * @param header the header's value; empty if there is none
   * @param size the size of the whole, in bytes
   * @return what it asks for; {@link Whole} if it is absent, malformed or of several ranges
   */
  static ByteRange parse(String header, long size) {
    Matcher one = ONE.matcher(header);
    if (!one.matches() || (one.group(1).isEmpty() && one.group(2).isEmpty())) {
      return new Whole();
    }
    if (one.group(1).isEmpty()) {
      long suffix = Math.min(Long.parseLong(one.group(2)), size);
      return suffix == 0 ? new Unsatisfiable(size) : new Part(size - suffix, size - 1, size);
    }
    long first = Long.parseLong(one.group(1));
    long last = one.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(one.group(2));
    if (last < first) {
      return new Whole();
    }
    return first >= size
        ? new Unsatisfiable(size)
        : new Part(first, Math.min(last, size - 1), size);
  }
}

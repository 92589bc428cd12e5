package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A form with files, part by part as it comes from the network: no part is ever held whole. For one
 * thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7578">RFC 7578</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2046#section-5.1">RFC 2046, 5.1</a>
 */
final class Multipart {
  private static final String TYPE = "multipart/form-data";
  private static final Pattern BOUNDARY =
      Pattern.compile(";\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70}))");

  /** One of a header's parameters; clients write the value as a quoted string or as a token. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\G\\s*;\\s*([^\\s=;\"]{1,100})=(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^\\s;\"]*))");

  private static final int ROOM = 1 << 16;
  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_NAME = 200;
  private static final int LONGEST_FILE_NAME = 1000;
  private static final int MOST_LINES = 16;
  private static final int MOST_PARTS = 32;
  private static final int CR = '\r';
  private static final int LF = '\n';

  private final InputStream in;
  private final byte[] delimiter;
  private final byte[] buffer = new byte[ROOM];
  private int from;
  private int to;

  /** Where in the buffer the delimiter might begin; it does not before. */
  private int looked;

  private boolean atDelimiter;
  private boolean over;
  private int parts;

  /**
   * A part: its name, and what a file is called.
   *
   * @param name the field's name
   * @param filename the file's name; absent for other fields
   */
  record Part(String name, Optional<String> filename) {}

  private Multipart(InputStream in, String boundary) {
    this.in = in;
    this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    // The first delimiter may stand at the very beginning: then its line end is this one.
    buffer[0] = CR;
    buffer[1] = LF;
    to = 2;
  }

  /**
   * Reads a body.
   *
   * @param contentType the request's header
   * @param in the body
   * @throws LatheException BAD_REQUEST if it is no form with files
   */
  static Multipart of(String contentType, InputStream in) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!contentType.toLowerCase(Locale.ROOT).startsWith(TYPE) || !boundary.find()) {
      String shown = contentType.isEmpty() ? "missing" : "\"" + cut(contentType) + "\"";
      throw bad("Content-Type " + shown, TYPE + " with a boundary");
    }
    String quoted = boundary.group(1);
    return new Multipart(in, quoted == null ? boundary.group(2) : quoted);
  }

  private static String cut(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  static LatheException bad(String found, String expected) {
    return new LatheException(
        ServerError.BAD_REQUEST, "body: " + found + " (expected: " + expected + ")");
  }

  /** The next part, what is left of the one before skipped; empty at the end. */
  Optional<Part> next() throws IOException {
    content().transferTo(OutputStream.nullOutputStream());
    if (over) {
      return Optional.empty();
    }
    atDelimiter = false;
    if (closes()) {
      over = true;
      atDelimiter = true;
      in.transferTo(OutputStream.nullOutputStream());
      return Optional.empty();
    }
    String rest = line();
    if (!rest.isBlank()) {
      throw bad("\"" + cut(rest) + "\" after a boundary", "the end of the line");
    }
    if (++parts > MOST_PARTS) {
      throw bad("more than " + MOST_PARTS + " parts", "fewer");
    }
    return Optional.of(headers());
  }

  private Part headers() throws IOException {
    String disposition = "";
    for (int lines = 0; ; lines++) {
      String line = line();
      if (line.isEmpty()) {
        break;
      }
      if (lines == MOST_LINES) {
        throw bad("a part with more than " + MOST_LINES + " headers", "fewer");
      }
      if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
        disposition = line;
      }
    }
    Map<String, String> said = parameters(disposition);
    String name = said.getOrDefault("name", "");
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw bad("a part without a name", "Content-Disposition: form-data; name=\"…\" in each part");
    }
    return new Part(
        name,
        Optional.ofNullable(said.get("filename"))
            .filter(file -> file.length() <= LONGEST_FILE_NAME));
  }

  /** What follows the type of a header's value; the first of each name counts. */
  private static Map<String, String> parameters(String header) {
    Map<String, String> all = new HashMap<>();
    int begin = header.indexOf(';');
    Matcher one = PARAMETER.matcher(header);
    for (boolean more = begin >= 0 && one.find(begin); more; more = one.find()) {
      String quoted = one.group(2);
      all.putIfAbsent(
          one.group(1).toLowerCase(Locale.ROOT), quoted == null ? one.group(3) : unquoted(quoted));
    }
    return all;
  }

  /** Whether a boundary is the last one. Not every client ends the line after it. */
  private boolean closes() throws IOException {
    while (to - from < 2 && fill()) {
      // Two bytes tell.
    }
    return to - from >= 2 && buffer[from] == '-' && buffer[from + 1] == '-';
  }

  private static String unquoted(String text) {
    return text.replaceAll("\\\\(.)", "$1").replace("%22", "\"");
  }

  /** A line without its end. */
  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      if (from == to && !fill()) {
        throw broken();
      }
      int next = buffer[from++];
      if (next == LF) {
        looked = from;
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(next);
      if (line.size() > LONGEST_LINE) {
        throw bad("a line of more than " + LONGEST_LINE + " bytes before a part", "shorter");
      }
    }
  }

  /** What the part that was last asked for holds; ends at the part's end. */
  InputStream content() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int ready = length == 0 ? 0 : ready();
        if (ready < 0) {
          return -1;
        }
        int taken = Math.min(ready, length);
        System.arraycopy(buffer, from, into, offset, taken);
        from += taken;
        return taken;
      }
    };
  }

  /** How many bytes of the content are in the buffer; -1 at the content's end. */
  private int ready() throws IOException {
    while (!atDelimiter) {
      while (looked + delimiter.length <= to && !matches(looked)) {
        looked++;
      }
      if (looked > from) {
        return looked - from;
      }
      if (looked + delimiter.length <= to) {
        atDelimiter = true;
        from += delimiter.length;
        looked = from;
      } else if (!fill()) {
        throw broken();
      }
    }
    return -1;
  }

  private boolean matches(int at) {
    for (int i = 0; i < delimiter.length; i++) {
      if (buffer[at + i] != delimiter[i]) {
        return false;
      }
    }
    return true;
  }

  /** Reads on, what is unread moved to the front. False if there is no more. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, from, buffer, 0, to - from);
    looked -= from;
    to -= from;
    from = 0;
    int read = in.read(buffer, to, buffer.length - to);
    to += Math.max(0, read);
    return read > 0;
  }

  private static LatheException broken() {
    return bad("ends within a part", "the closing boundary");
  }
}

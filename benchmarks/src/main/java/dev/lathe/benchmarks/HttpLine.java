package dev.lathe.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Lines of an HTTP answer's head, for clients that read one byte by byte and cost little. */
public final class HttpLine {
  private HttpLine() {}

  /**
   * Reads a line.
   *
   * @param in a buffered stream
   * @return the line without its end
   * @throws EOFException if the stream ends before the line does
   */
  public static String read(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (next != '\r') {
        text.append((char) next);
      }
    }
    return text.toString();
  }
}

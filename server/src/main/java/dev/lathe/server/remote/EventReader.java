package dev.lathe.server.remote;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads server-sent events off a stream.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
public final class EventReader {
  private static final int LONGEST_LINE = 1 << 20;

  private final InputStream in;

  /**
   * A reader of a stream.
   *
   * @param in the stream; not closed
   */
  public EventReader(InputStream in) {
    this.in = in;
  }

  /**
   * An event.
   *
   * @param id its id; empty if it has none
   * @param type its type
   * @param data its text
   */
  public record Event(String id, String type, String data) {}

  /**
   * The next event; waits for it.
   *
   * @return the event; empty at the stream's end
   * @throws IOException if the stream breaks off
   */
  public Optional<Event> next() throws IOException {
    String id = "";
    String type = "message";
    StringBuilder data = new StringBuilder();
    Optional<String> line = line();
    while (line.isPresent()) {
      String text = line.get();
      if (text.isEmpty() && !data.isEmpty()) {
        return Optional.of(new Event(id, type, data.toString()));
      } else if (text.startsWith("id: ")) {
        id = text.substring(4);
      } else if (text.startsWith("event: ")) {
        type = text.substring(7);
      } else if (text.startsWith("data: ")) {
        data.append(text, 6, text.length());
      }
      line = line();
    }
    return Optional.empty();
  }

  private Optional<String> line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    int next = in.read();
    if (next < 0) {
      return Optional.empty();
    }
    while (next >= 0 && next != '\n') {
      bytes.write(next);
      if (bytes.size() > LONGEST_LINE) {
        throw new LatheException(
            ServerError.BAD_ANSWER, "events: a line of more than " + LONGEST_LINE + " bytes");
      }
      next = in.read();
    }
    return Optional.of(bytes.toString(StandardCharsets.UTF_8));
  }
}

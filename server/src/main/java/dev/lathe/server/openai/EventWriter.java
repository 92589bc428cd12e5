package dev.lathe.server.openai;

import dev.lathe.server.ErrorMapping;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/**
 * An answer as server-sent events, each of which is sent at once.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class EventWriter implements AutoCloseable {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);

  private final OutputStream out;

  EventWriter(ServerResponse response) {
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    this.out = response.outputStream();
  }

  /** An event without a name. */
  void send(JsonNode data) {
    write(new byte[0], Bodies.JSON.writeValueAsBytes(data));
  }

  /** An event with a name. */
  void send(String event, JsonNode data) {
    byte[] name = ("event: " + event + "\n").getBytes(StandardCharsets.UTF_8);
    write(name, Bodies.JSON.writeValueAsBytes(data));
  }

  /** An event without a name, of JSON as it is. */
  void send(byte[] json) {
    write(new byte[0], json);
  }

  /** The last event of a stream. */
  void done() {
    write(new byte[0], "[DONE]".getBytes(StandardCharsets.UTF_8));
  }

  /** What went wrong after the stream had begun. */
  void failed(Throwable failure) {
    write(new byte[0], ErrorMapping.openAi(ErrorMapping.answer(failure)));
  }

  private void write(byte[] before, byte[] data) {
    try {
      out.write(before);
      out.write(DATA);
      out.write(data);
      out.write(END);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.lathe.server.observe;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A small collector of OTLP over HTTP: keeps the spans that are sent to it.
 *
 * @see <a href="https://github.com/open-telemetry/opentelemetry-proto">the messages' fields</a>
 */
public final class Collector implements AutoCloseable {
  /** A span as it came in; ids in hexadecimal, attributes as text. */
  public record Sent(
      String name,
      String trace,
      String id,
      String parent,
      long start,
      long end,
      Map<String, String> attributes,
      List<String> links) {}

  private final List<Sent> spans = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /** A collector that listens. */
  public Collector() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/v1/traces",
        exchange -> {
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] body = exchange.getRequestBody().readAllBytes();
          fields(ByteBuffer.wrap(body), (field, value) -> resource((ByteBuffer) value));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  /** Where it listens. */
  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What was sent so far. */
  public List<Sent> spans() {
    return List.copyOf(spans);
  }

  /** What came as {@code Authorization} with each call. */
  public List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  private void resource(ByteBuffer message) {
    fields(
        message,
        (field, scope) -> {
          if (field == 2) {
            fields((ByteBuffer) scope, this::scoped);
          }
        });
  }

  private void scoped(int field, Object value) {
    if (field != 2) {
      return;
    }
    Map<Integer, Object> single = new LinkedHashMap<>();
    Map<String, String> attributes = new LinkedHashMap<>();
    List<String> links = new ArrayList<>();
    fields(
        (ByteBuffer) value,
        (number, part) -> {
          switch (number) {
            case 9 -> attribute((ByteBuffer) part, attributes);
            case 13 -> fields((ByteBuffer) part, (n, id) -> link(n, id, links));
            default -> single.put(number, part);
          }
        });
    spans.add(
        new Sent(
            text(single.get(5)),
            hex(single.get(1)),
            hex(single.get(2)),
            hex(single.get(4)),
            (Long) single.get(7),
            (Long) single.get(8),
            attributes,
            links));
  }

  private static void link(int field, Object id, List<String> links) {
    if (field == 2) {
      links.add(hex(id));
    }
  }

  private static void attribute(ByteBuffer message, Map<String, String> attributes) {
    List<String> both = new ArrayList<>();
    fields(
        message,
        (field, part) -> {
          if (field == 1) {
            both.add(text(part));
          } else {
            fields(
                (ByteBuffer) part,
                (kind, value) -> both.add(kind == 1 ? text(value) : value.toString()));
          }
        });
    attributes.put(both.getFirst(), both.getLast());
  }

  private static String text(Object bytes) {
    return StandardCharsets.UTF_8.decode(((ByteBuffer) bytes).duplicate()).toString();
  }

  private static String hex(Object bytes) {
    if (bytes == null) {
      return "";
    }
    byte[] id = new byte[((ByteBuffer) bytes).remaining()];
    ((ByteBuffer) bytes).duplicate().get(id);
    return HexFormat.of().formatHex(id);
  }

  /** Every field of a message of Protocol Buffers: a {@code Long} or a {@code ByteBuffer} each. */
  private static void fields(ByteBuffer message, BiConsumer<Integer, Object> each) {
    ByteBuffer rest = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (rest.hasRemaining()) {
      long key = number(rest);
      Object value =
          switch ((int) key & 7) {
            case 0 -> number(rest);
            case 1 -> rest.getLong();
            case 2 -> {
              int length = (int) number(rest);
              ByteBuffer part = rest.slice(rest.position(), length);
              rest.position(rest.position() + length);
              yield part;
            }
            case 5 -> (long) rest.getInt();
            default -> throw new AssertionError("wire type " + (key & 7));
          };
      each.accept((int) (key >> 3), value);
    }
  }

  private static long number(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = from.get();
      value |= (long) (next & 127) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

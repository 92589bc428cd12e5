package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.HttpLine;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection whose answers are read piece by piece, so that a client can leave between them. */
final class StormWire implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 90_000;

  private final URI server;
  private final Socket socket;
  private final InputStream in;
  private Map<String, String> headers = Map.of();
  private long left;

  /**
   * Connects.
   *
   * @param window bytes that the system takes in before they are read; 0 for as many as usual
   */
  StormWire(URI server, int window) throws IOException {
    this.server = server;
    this.socket = new Socket();
    boolean open = false;
    try {
      if (window > 0) {
        socket.setReceiveBufferSize(window);
      }
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      this.in = new BufferedInputStream(socket.getInputStream(), 4096);
      open = true;
    } finally {
      if (!open) {
        socket.close();
      }
    }
  }

  /** A whole answer. */
  record Reply(int status, Map<String, String> headers, String body) {}

  /** Asks over a connection of its own. */
  static Reply ask(URI server, String key, String request, byte[] body) throws IOException {
    try (StormWire wire = new StormWire(server, 0)) {
      wire.send(wire.request(key, request, "application/json", body));
      int status = wire.head();
      return new Reply(status, wire.headers, wire.rest());
    }
  }

  /**
   * A request's bytes.
   *
   * @param line the method and the path
   */
  byte[] request(String key, String line, String type, byte[] body) {
    String head =
        """
        %s HTTP/1.1
        Host: %s:%d
        Authorization: Bearer %s
        Content-Type: %s
        Content-Length: %d

        """
            .formatted(line, server.getHost(), server.getPort(), key, type, body.length)
            .replace("\n", "\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    all.writeBytes(body);
    return all.toByteArray();
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Says that nothing more will be sent, and still reads. */
  void halfClose() throws IOException {
    socket.shutdownOutput();
  }

  /** Makes {@link #close} a reset, which the other side sees as an error. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
  }

  /** Reads an answer's head; its status. */
  int head() throws IOException {
    String status = line();
    headers = new HashMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    left = Long.parseLong(headers.getOrDefault("content-length", "0"));
    return Integer.parseInt(status.substring(9, 12));
  }

  Map<String, String> headers() {
    return headers;
  }

  /** The next piece of the body; null at its end. */
  byte @Nullable [] next() throws IOException {
    if (!headers.getOrDefault("transfer-encoding", "").contains("chunked")) {
      byte[] piece = in.readNBytes((int) Math.min(left, 512));
      if (left > 0 && piece.length == 0) {
        throw new EOFException("the server closed the connection within an answer");
      }
      left -= piece.length;
      return piece.length == 0 ? null : piece;
    }
    int size = Integer.parseInt(line().strip(), 16);
    byte[] piece = in.readNBytes(size);
    line();
    if (piece.length < size) {
      throw new EOFException("the server closed the connection within an answer");
    }
    return size == 0 ? null : piece;
  }

  /** All that is left of the body. */
  String rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece = next(); piece != null; piece = next()) {
      all.write(piece);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    return HttpLine.read(in);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It was worthless already.
    }
  }
}

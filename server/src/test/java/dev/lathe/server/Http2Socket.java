package dev.lathe.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A client of HTTP/2 that sends what frames it likes. */
final class Http2Socket implements AutoCloseable {
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GO_AWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private final Socket socket;
  private final DataInputStream in;

  /** A frame as it came. */
  record Received(int type, int flags, int stream, byte[] payload) {
    /** The number that the payload ends with at an offset. */
    int number(int at) {
      return (payload[at] & 0xFF) << 24
          | (payload[at + 1] & 0xFF) << 16
          | (payload[at + 2] & 0xFF) << 8
          | payload[at + 3] & 0xFF;
    }
  }

  /** A connection that has said its settings. */
  Http2Socket(int port, byte... settings) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    in = new DataInputStream(socket.getInputStream());
    socket.getOutputStream().write(PREFACE);
    send(frame(SETTINGS, 0, 0, settings));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** The next frame; nothing at the end. */
  Optional<Received> next() throws IOException {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      return Optional.of(new Received(type, flags, stream, in.readNBytes(length)));
    } catch (EOFException | SocketException e) {
      return Optional.empty();
    }
  }

  /** The next frame of a type, past others. */
  Received await(int type) throws IOException {
    for (Optional<Received> next = next(); ; next = next()) {
      if (next.orElseThrow(() -> new IOException("no frame " + type)).type() == type) {
        return next.get();
      }
    }
  }

  /** The headers of a request, as literals that no table keeps. */
  static byte[] headers(String method, String path, String type) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", method);
    header(block, ":scheme", "http");
    header(block, ":path", path);
    header(block, ":authority", "127.0.0.1");
    header(block, "content-type", type);
    header(block, "te", "trailers");
    return block.toByteArray();
  }

  static void header(ByteArrayOutputStream block, String name, String value) throws IOException {
    block.write(0);
    block.write(name.length());
    block.write(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.write(value.getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    byte[] frame = new byte[9 + payload.length];
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      frame[5 + i] = (byte) (stream >> 8 * (3 - i));
    }
    System.arraycopy(payload, 0, frame, 9, payload.length);
    return frame;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

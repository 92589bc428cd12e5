package dev.lathe.benchmarks.serving;

import dev.lathe.benchmarks.HttpLine;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/** A connection kept alive that sends bytes and reads answers, and costs little itself. */
final class Connection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Socket socket;
  private final OutputStream out;
  private final InputStream in;

  /**
   * An answer.
   *
   * @param status its code
   * @param body its bytes
   * @param closing whether the server closes the connection behind it
   */
  record Answer(int status, byte[] body, boolean closing) {}

  Connection(URI server) throws IOException {
    this.socket = new Socket(server.getHost(), server.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    this.out = socket.getOutputStream();
    this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
  }

  void send(byte[] request) throws IOException {
    out.write(request);
  }

  Answer exchange(byte[] request) throws IOException {
    send(request);
    return receive();
  }

  Answer receive() throws IOException {
    String status = line();
    int length = 0;
    boolean chunked = false;
    boolean closing = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
      closing |= lower.startsWith("connection:") && lower.contains("close");
    }
    byte[] body = chunked ? chunks() : in.readNBytes(length);
    return new Answer(Integer.parseInt(status.substring(9, 12)), body, closing);
  }

  private byte[] chunks() throws IOException {
    var all = new java.io.ByteArrayOutputStream();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      all.write(in.readNBytes(size));
      line();
    }
    line();
    return all.toByteArray();
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line().strip(), 16);
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

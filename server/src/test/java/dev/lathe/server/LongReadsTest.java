package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that take more than one read arrive whole, and what follows them is not part of them. */
@Timeout(60)
class LongReadsTest {
  private static final int LONG = 300_001;

  @TempDir private Path data;
  private LatheServer server;

  @BeforeEach
  void start() {
    server =
        LatheServer.start(
            ServerConfig.of(data, 0),
            routes ->
                routes
                    .post(
                        Right.NONE,
                        "/echo",
                        (request, response) -> response.send(request.content().as(byte[].class)))
                    .post(Right.NONE, "/deaf", (request, response) -> response.send("unread")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Socket connect() throws IOException {
    return new Socket("127.0.0.1", server.address().getPort());
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static byte[] request(String path, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length;
    out.writeBytes((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(body);
    return out.toByteArray();
  }

  /** The body of the next answer, which has a length. */
  private static byte[] answer(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 200 ");
    int length = 0;
    for (String line : head.toString().split("\r\n")) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    return in.readNBytes(length);
  }

  @Test
  void bodiesOfAllSizes_arriveWholeBehindOneAnother() throws Exception {
    int[] sizes = {1, 8191, 8192, 8193, LONG, 3, 65_536, 65_537, 200_000, 20_000};
    try (Socket socket = connect()) {
      Thread sender =
          Thread.startVirtualThread(
              () -> {
                try {
                  for (int size : sizes) {
                    socket.getOutputStream().write(request("/echo", random(size)));
                  }
                } catch (IOException e) {
                  // The reader of the answers finds out.
                }
              });
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int size : sizes) {
        assertThat(answer(in)).as(size + " bytes").isEqualTo(random(size));
      }
      sender.join();
    }
  }

  @Test
  void bodyInPieces_arrivesWhole() throws Exception {
    byte[] request = request("/echo", random(LONG));
    try (Socket socket = connect()) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      int piece = 1;
      for (int at = 0; at < request.length; at += piece) {
        piece = Math.min(3 * piece + 1, 50_000);
        out.write(request, at, Math.min(piece, request.length - at));
      }
      byte[] answer = answer(new DataInputStream(socket.getInputStream()));
      assertThat(answer).isEqualTo(random(LONG));
    }
  }

  @Test
  void bodyThatNobodyReads_isNotTakenForTheNextRequest() throws Exception {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(request("/deaf", random(100_000)));
      out.write(request("/echo", random(5)));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      assertThat(answer(in)).isEqualTo("unread".getBytes(StandardCharsets.US_ASCII));
      assertThat(answer(in)).isEqualTo(random(5));
    }
  }

  @Test
  void bodyThatBreaksOff_endsItsConnectionAlone() throws Exception {
    try (Socket broken = connect();
        Socket other = connect()) {
      broken.getOutputStream().write(request("/echo", random(LONG)), 0, LONG / 2);
      broken.shutdownOutput();
      String answer =
          new String(broken.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(answer).doesNotContain(" 200 ");
      other.getOutputStream().write(request("/echo", random(LONG)));
      byte[] echoed = answer(new DataInputStream(other.getInputStream()));
      assertThat(echoed).isEqualTo(random(LONG));
    }
  }
}

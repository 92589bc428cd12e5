package dev.lathe.benchmarks.serving;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Scanner;

/**
 * What the bytes of a request cost by themselves: a process that reads them from its connections
 * into memory outside the heap, looks at none of them, and sends a short answer. No server that is
 * reached over a socket can cost less.
 */
final class BareSocket implements AutoCloseable {
  private static final ByteBuffer ANSWER =
      ByteBuffer.wrap(
          "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n%40s"
              .formatted("")
              .getBytes(StandardCharsets.US_ASCII));

  private final Watched process = Watched.java(List.of(), BareSocket.class);
  private final URI address = URI.create("http://127.0.0.1:" + process.line().orElseThrow());

  /** The side that reads this request for some callers; a process reads one kind only. */
  Side side(Payload payload, int callers) {
    int length = payload.wire(address.getHost() + ":" + address.getPort()).length;
    process.tell(String.valueOf(length));
    return Side.http("bare socket", process, new Load(address, payload, callers));
  }

  @Override
  public void close() {
    process.close();
  }

  /**
   * What the process runs: it prints its port and is told the length of a request.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      System.out.println(server.socket().getLocalPort());
      int length = new Scanner(System.in, StandardCharsets.US_ASCII).nextInt();
      while (true) {
        SocketChannel caller = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(caller, length));
      }
    }
  }

  private static void serve(SocketChannel caller, int length) {
    try (caller) {
      caller.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer request = ByteBuffer.allocateDirect(length);
      ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER.capacity()).put(ANSWER.duplicate());
      while (caller.read(request) >= 0) {
        if (!request.hasRemaining()) {
          caller.write(answer.flip());
          request.clear();
        }
      }
    } catch (IOException e) {
      System.err.println("the caller went away: " + e);
    }
  }
}

package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.access.KeyStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that go wrong in all ways, at every route: none is answered by an internal error, none
 * is left without an answer, and the server is there for others all the time. Twenty thousand of
 * them, by {@code -Dlathe.fuzz.requests=10000} for each of the two tests, take half a minute.
 */
@Timeout(300)
class FuzzTest {
  private static final int REQUESTS = Integer.getInteger("lathe.fuzz.requests", 3000);
  private static final long SEED = Long.getLong("lathe.fuzz.seed", 20_251_126);
  private static final int CALLERS = 4;
  private static final int PATIENCE_MILLIS = 15_000;
  private static final byte[] ALIVE =
      "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path data;
  private LatheServer server;
  private String key = "";
  private final Map<Integer, AtomicInteger> statuses = new TreeMap<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anyRequest_isAnsweredAndNeverByAnInternalError(boolean access) throws Exception {
    ServedModel.publish(data, 2);
    server =
        LatheServer.start(
            ServerConfig.of(data, 0)
                .with(new AccessConfig(access, List.of(), List.of(), "changes")));
    try (Alarms alarms = new Alarms()) {
      if (access) {
        KeyWish wish = new KeyWish("fuzz", List.of("*"), Optional.empty(), Optional.empty());
        key = new KeyStore(data, Clock.systemUTC()).create(wish).key();
        awaitKey();
      }
      AtomicInteger next = new AtomicInteger();
      try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          ends.add(callers.submit(() -> call(next)));
        }
        for (Future<?> end : ends) {
          end.get();
        }
      }
      System.out.println("fuzz, access control " + access + ": " + statuses);
      assertThat(wrong).as(() -> wrong.size() + " wrong answers").isEmpty();
      assertThat(alarms.seen).isEmpty();
      assertThat(statuses.keySet()).contains(200, 400, 404, 405);
      assertThat(exchange(ALIVE).status()).isEqualTo(200);
    } finally {
      server.close();
    }
  }

  /** The server hears of a new key after a moment. */
  private void awaitKey() throws IOException {
    byte[] request =
        ("GET /v2 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (exchange(request).status() != 200 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private void call(AtomicInteger next) {
    List<RouteBook.Entry> routes = server.routes();
    for (int i = next.getAndIncrement();
        i < REQUESTS && wrong.size() < 20;
        i = next.getAndIncrement()) {
      RouteBook.Entry route = routes.get(i % routes.size());
      String credentials = key.isEmpty() || i % 10 == 0 ? "" : "Authorization: Bearer " + key;
      FuzzRequest request =
          FuzzRequest.of(SEED + i, route.method().text(), route.path(), credentials);
      try {
        judge(i, request, exchange(request.wire()));
      } catch (SocketTimeoutException e) {
        wrong.add("seed " + (SEED + i) + ": no answer\n" + request);
      } catch (IOException e) {
        // The server may cut off a client that sends more than it was told it may.
        count(0);
      }
    }
  }

  private void judge(int i, FuzzRequest request, Reply reply) {
    count(reply.status());
    boolean bad = reply.status() == 500 || reply.status() == 502 || reply.status() > 504;
    boolean failed = reply.status() >= 400;
    boolean leaks =
        failed && (reply.text().contains("Exception") || reply.text().contains("\tat "));
    if (bad || leaks || reply.status() == 0 && request.honest()) {
      wrong.add("seed " + (SEED + i) + "\n" + request + "\n→ " + reply.text());
    }
  }

  private void count(int status) {
    synchronized (statuses) {
      statuses.computeIfAbsent(status, none -> new AtomicInteger()).incrementAndGet();
    }
  }

  /** An answer; status 0 if the server closed without one. */
  private record Reply(int status, String text) {}

  /** Sends a request, says that nothing follows, and reads until the server closes. */
  private Reply exchange(byte[] request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String text = new String(in.readNBytes(1 << 20), StandardCharsets.UTF_8);
      return new Reply(
          text.startsWith("HTTP/1.1 ") ? Integer.parseInt(text.substring(9, 12)) : 0, text);
    }
  }

  /** What is logged as severe. */
  private static final class Alarms extends Handler implements AutoCloseable {
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final Logger root = Logger.getLogger("");

    Alarms() {
      root.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
      if (line.getLevel().intValue() >= Level.SEVERE.intValue()) {
        seen.add(line.getMessage() + " " + line.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      root.removeHandler(this);
    }
  }
}

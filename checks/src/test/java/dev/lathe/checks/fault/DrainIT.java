package dev.lathe.checks.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.checks.e2e.Product;
import dev.lathe.checks.e2e.Recipes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is told to end loses no request that it took. */
@Timeout(300)
class DrainIT {
  private static final int CALLERS = 6;
  private static final String BODY =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1,28,28],\"datatype\":\"FP32\",\"data\":["
          + "0,".repeat(783)
          + "0]}]}";

  @TempDir Path folder;
  private Product product;

  @BeforeEach
  void train() {
    product = new Product(folder);
    Path recipe = Recipes.small(folder, "team/digits", 1, 1);
    product.run("train", recipe.toString(), "--data", "data").expect(0);
    product.run("deploy", "team/digits@v1", "--env", "prod", "--data", "data").expect(0);
  }

  @Test
  void terminatedServer_saysSoFirstAndAnswersAllThatItTook() throws Exception {
    try (Product.Server server =
            product.serve(folder.resolve("data"), "--set", "shutdown.delay=8s");
        HttpClient client = HttpClient.newHttpClient()) {
      awaitStatus(200, client, server);
      URI address = URI.create(server.address());
      try (Callers callers = new Callers(client, server);
          Socket slow = new Socket(address.getHost(), address.getPort())) {
        OutputStream out = slow.getOutputStream();
        out.write(text(head() + BODY.substring(0, 100)));
        out.flush();
        server.process().destroy();
        callers.awaitAnsweredLate(3 * CALLERS);
        callers.leave();
        awaitRefusal(address, server.process());
        out.write(text(BODY.substring(100)));
        out.flush();
        assertThat(firstLine(slow.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
      }
      assertThat(server.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(server.process().exitValue()).isZero();
    }
  }

  @Test
  void secondSignal_endsTheProcessAtOnce() throws Exception {
    try (Product.Server server =
            product.serve(folder.resolve("data"), "--set", "shutdown.delay=5m");
        HttpClient client = HttpClient.newHttpClient()) {
      awaitStatus(200, client, server);
      server.process().destroy();
      awaitStatus(503, client, server);
      server.process().destroy();
      assertThat(server.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server.process().exitValue()).isEqualTo(128 + 15);
    }
  }

  private static String head() {
    return "POST /v2/models/team/digits/infer HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\nContent-Length: "
        + BODY.length()
        + "\r\n\r\n";
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String firstLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  /** Callers that ask whether the server is ready and then for an answer, again and again. */
  private static final class Callers implements AutoCloseable {
    private final AtomicBoolean left = new AtomicBoolean();
    private final Semaphore answeredLate = new Semaphore(0);
    private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    private final List<Future<?>> callers = new ArrayList<>();

    Callers(HttpClient client, Product.Server server) {
      for (int i = 0; i < CALLERS; i++) {
        callers.add(threads.submit(() -> ask(client, server)));
      }
    }

    private Void ask(HttpClient client, Product.Server server) throws Exception {
      while (!left.get()) {
        boolean late = readiness(client, server) == 503;
        HttpResponse<String> answer = client.send(infer(server), strings());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        answeredLate.release(late ? 1 : 0);
      }
      return null;
    }

    /** Returns after so many answers of a server that is not ready; fails when a caller does. */
    void awaitAnsweredLate(int answers) throws Exception {
      while (!answeredLate.tryAcquire(answers, 100, TimeUnit.MILLISECONDS)) {
        for (Future<?> caller : callers) {
          if (caller.isDone()) {
            caller.get();
          }
        }
      }
    }

    /** Lets every caller have its last answer; fails when one has none. */
    void leave() throws Exception {
      left.set(true);
      for (Future<?> caller : callers) {
        caller.get();
      }
    }

    @Override
    public void close() {
      left.set(true);
      threads.close();
    }
  }

  /** Returns when the server says whether it is ready by this status; while it lives. */
  private static void awaitStatus(int expected, HttpClient client, Product.Server server)
      throws Exception {
    while (readiness(client, server) != expected) {
      requireLife(server.process());
    }
  }

  private static void requireLife(Process server) throws InterruptedException {
    assertThat(server.waitFor(50, TimeUnit.MILLISECONDS)).as("the server has ended").isFalse();
  }

  /** Returns when nobody listens any more; until then the server must live. */
  private static void awaitRefusal(URI address, Process server) throws Exception {
    while (true) {
      try (Socket probe = new Socket(address.getHost(), address.getPort())) {
        assertThat(probe.isConnected()).isTrue();
      } catch (ConnectException e) {
        return;
      }
      requireLife(server);
    }
  }

  private static int readiness(HttpClient client, Product.Server server) throws Exception {
    URI address = URI.create(server.address() + "/v2/health/ready");
    return client.send(HttpRequest.newBuilder(address).build(), strings()).statusCode();
  }

  private static HttpRequest infer(Product.Server server) {
    return HttpRequest.newBuilder(URI.create(server.address() + "/v2/models/team/digits/infer"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(BODY))
        .build();
  }

  private static HttpResponse.BodyHandler<String> strings() {
    return HttpResponse.BodyHandlers.ofString();
  }
}

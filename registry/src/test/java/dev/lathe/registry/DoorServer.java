package dev.lathe.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.ir.LatheException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** Both doors behind the JDK's own small HTTP server, as much as unmodified clients need. */
final class DoorServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final GitDoor git;
  private final LfsDoor lfs;

  DoorServer(Registry registry) {
    git = new GitDoor(registry);
    lfs = new LfsDoor(registry);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/git/", this::handle);
    server.start();
  }

  URI repository(ModelName model) {
    return URI.create(
        "http://127.0.0.1:" + server.getAddress().getPort() + "/git/" + model + ".git");
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String[] parts = exchange.getRequestURI().getPath().substring(5).split("\\.git/", 2);
      try {
        answer(exchange, ModelName.parse(parts[0]), parts[1]);
      } catch (LatheException e) {
        int status =
            switch (e.kind()) {
              case NOT_FOUND -> 404;
              case DENIED -> 403;
              case INVALID -> 400;
              case CONFLICT, UNSUPPORTED, EXHAUSTED, UNAVAILABLE, CANCELLED, INTERNAL -> 500;
            };
        send(exchange, status, "text/plain", e.getMessage().getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private void answer(HttpExchange exchange, ModelName model, String rest) throws IOException {
    String protocol =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Git-Protocol")).orElse("");
    if (rest.equals("info/refs")) {
      GitService service =
          GitService.parse(exchange.getRequestURI().getQuery().substring("service=".length()));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      git.advertise(model, service, protocol, out);
      send(exchange, 200, service.advertisementType(), out.toByteArray());
    } else if (rest.equals("git-upload-pack")) {
      exchange.getResponseHeaders().set("Content-Type", GitService.UPLOAD_PACK.resultType());
      exchange.sendResponseHeaders(200, 0);
      try (InputStream in = body(exchange);
          OutputStream out = exchange.getResponseBody()) {
        git.uploadPack(model, protocol, in, out);
      }
    } else if (rest.equals("info/lfs/objects/batch")) {
      LfsDoor.Answer answer =
          lfs.batch(
              model,
              exchange.getRequestBody(),
              digest ->
                  new LfsDoor.Download(URI.create(repository(model) + "/lfs/" + digest), Map.of()));
      send(exchange, answer.status(), LfsDoor.MEDIA_TYPE, answer.body());
    } else if (rest.startsWith("lfs/")) {
      object(exchange, model, rest.substring(4));
    } else {
      send(exchange, 404, "text/plain", new byte[0]);
    }
  }

  private static InputStream body(HttpExchange exchange) throws IOException {
    boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    return gzip ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
  }

  private void object(HttpExchange exchange, ModelName model, String digest) throws IOException {
    String header = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("");
    try (Blob blob = lfs.open(model, digest);
        OutputStream out = exchange.getResponseBody()) {
      switch (ByteRange.parse(header, blob.size())) {
        case ByteRange.Whole _ -> {
          exchange.sendResponseHeaders(200, blob.size());
          blob.copyTo(0, blob.size(), out);
        }
        case ByteRange.Part part -> {
          exchange.getResponseHeaders().set("Content-Range", part.contentRange());
          exchange.sendResponseHeaders(206, part.length());
          blob.copyTo(part.first(), part.length(), out);
        }
        case ByteRange.Unsatisfiable none -> {
          exchange.getResponseHeaders().set("Content-Range", none.contentRange());
          exchange.sendResponseHeaders(416, -1);
        }
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

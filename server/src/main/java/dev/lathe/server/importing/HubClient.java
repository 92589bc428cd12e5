package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Gets files from a hub, within limits of size and time. Follows redirections to encrypted
 * addresses only, unless the hub is on this machine itself, and shows the token to the hub itself
 * only. Where the hub tells the SHA-256 of a file, it must be that of what came.
 */
final class HubClient {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofMinutes(2);
  private static final int MOST_REDIRECTIONS = 5;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /**
   * How slow a hub may be.
   *
   * @param silence how long nothing may come
   * @param start how long a file may take however small it is
   * @param perSecond how many bytes a second must come over the whole time beyond that
   */
  record Patience(Duration silence, Duration start, long perSecond) {
    static final Patience USUAL =
        new Patience(Duration.ofMinutes(1), Duration.ofMinutes(10), 256 << 10);

    private Duration most(long bytes) {
      return start.plusSeconds(bytes / perSecond);
    }

    private Duration tick() {
      return silence.compareTo(start) < 0 ? silence : start;
    }
  }

  private final Patience patience;
  private final URI endpoint;
  private final String token;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT)
          .build();

  HubClient(String endpoint, String token) {
    this(endpoint, token, Patience.USUAL);
  }

  HubClient(String endpoint, String token, Patience patience) {
    this.patience = patience;
    this.endpoint = address(endpoint);
    this.token = token;
  }

  private static URI address(String text) {
    try {
      URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      if (uri.getHost() != null && isAllowed(uri)) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Refused like an address of another kind.
    }
    throw new LatheException(
        ServerError.BAD_CONFIGURATION,
        "HF_ENDPOINT \"" + text + "\" (expected: an https address, or http on this machine)");
  }

  /** Encrypted, or on this machine. */
  private static boolean isAllowed(URI uri) {
    return "https".equals(uri.getScheme())
        || ("http".equals(uri.getScheme()) && isLoopback(uri.getHost()));
  }

  private static boolean isLoopback(String host) {
    try {
      return host.equals("localhost")
          || (Character.isDigit(host.charAt(0)) || host.startsWith("["))
              && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** A small answer. */
  byte[] read(String path, int largest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    copy(path, get(path), out, largest);
    return out.toByteArray();
  }

  /** An answer as a file, made anew. */
  void save(String path, Path file, long largest) {
    Answer answer = get(path);
    try {
      long length = answer.response().headers().firstValueAsLong("Content-Length").orElse(0);
      long free = Files.getFileStore(file.getParent()).getUsableSpace();
      if (length > free) {
        answer.response().body().close();
        throw new LatheException(
            ServerError.BUSY,
            path + ": " + length + " bytes, and " + free + " are free (expected: room for it)");
      }
      try (OutputStream out = Files.newOutputStream(file)) {
        copy(path, answer, out, largest);
      }
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE, file + ": cannot be written: " + e.getMessage(), e);
    }
    answer.digest().ifPresent(expected -> requireDigest(path, file, expected));
  }

  private static void requireDigest(String path, Path file, String expected) {
    String found = FileDigest.of(file);
    if (!found.equals(expected)) {
      throw new LatheException(
          ServerError.BAD_ANSWER,
          path + ": SHA-256 " + found + " (expected: " + expected + ", as the hub says)");
    }
  }

  /** An answer, and the SHA-256 that the hub told of it on the way. */
  private record Answer(HttpResponse<InputStream> response, Optional<String> digest) {}

  private Answer get(String path) {
    URI at = URI.create(endpoint + path);
    Optional<String> digest = Optional.empty();
    for (int i = 0; i <= MOST_REDIRECTIONS; i++) {
      HttpResponse<InputStream> response = send(at);
      digest = digest.or(() -> digest(response));
      int status = response.statusCode();
      if (status == 200) {
        return new Answer(response, digest);
      }
      close(response);
      if (status / 100 != 3) {
        throw refused(path, status);
      }
      at = next(path, at, response.headers().firstValue("Location").orElse(""));
    }
    throw new LatheException(
        ServerError.BAD_ANSWER, path + ": more than " + MOST_REDIRECTIONS + " redirections");
  }

  URI next(String path, URI at, String location) {
    try {
      URI next = at.resolve(location);
      if (!location.isEmpty() && next.getHost() != null && isAllowed(next) && staysOutside(next)) {
        return next;
      }
    } catch (IllegalArgumentException e) {
      // Refused like an address that is not encrypted.
    }
    throw new LatheException(
        ServerError.BAD_ANSWER, path + ": redirected to no https address (expected: one)");
  }

  /** A hub of the world does not lead to what listens on this machine only. */
  private boolean staysOutside(URI next) {
    return isLoopback(endpoint.getHost()) || !isLoopback(next.getHost());
  }

  private static Optional<String> digest(HttpResponse<InputStream> response) {
    return response
        .headers()
        .firstValue("X-Linked-Etag")
        .map(tag -> tag.replace("\"", ""))
        .filter(tag -> SHA256.matcher(tag).matches());
  }

  private LatheException refused(String path, int status) {
    String what = endpoint + path + ": status " + status;
    return switch (status) {
      case 401, 403 ->
          new LatheException(
              ServerError.REFUSED,
              what + " (a private or gated model, or none: HF_TOKEN must be one that may read it)");
      case 404 -> new LatheException(ServerError.NOT_FOUND, what + " (no such model or revision)");
      case 429 -> new LatheException(ServerError.BUSY, what);
      default -> new LatheException(ServerError.UNREACHABLE, what);
    };
  }

  private HttpResponse<InputStream> send(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER).GET();
    if (!token.isEmpty() && uri.getAuthority().equals(endpoint.getAuthority())) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new LatheException(
          ServerError.UNREACHABLE,
          "no hub answers at " + endpoint + " (" + e.getClass().getSimpleName() + ")",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServerError.GIVEN_UP, uri + ": the caller was interrupted", e);
    }
  }

  /** Copies a body; one that stays silent, or comes too slowly, is broken off. */
  private void copy(String path, Answer answer, OutputStream out, long largest) {
    AtomicLong copied = new AtomicLong();
    CountDownLatch done = new CountDownLatch(1);
    try (InputStream in = answer.response().body()) {
      Thread.ofVirtual().name("hub-watch").start(() -> watch(in, copied, done));
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (copied.addAndGet(read) > largest) {
          throw new LatheException(
              ServerError.BAD_ANSWER, path + ": more than " + largest + " bytes");
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new LatheException(
          ServerError.UNREACHABLE,
          path
              + ": broke off after "
              + copied.get()
              + " bytes, or came too slowly: "
              + e.getMessage(),
          e);
    } finally {
      done.countDown();
    }
  }

  private void watch(InputStream in, AtomicLong copied, CountDownLatch done) {
    try {
      long begun = System.nanoTime();
      long before = -1;
      while (!done.await(patience.tick().toMillis(), TimeUnit.MILLISECONDS)) {
        long now = copied.get();
        boolean late = System.nanoTime() - begun > patience.most(now).toNanos();
        if (late || now == before) {
          in.close();
          return;
        }
        before = now;
      }
    } catch (InterruptedException | IOException e) {
      // The copy ends, or has ended, by itself.
    }
  }

  private static void close(HttpResponse<InputStream> response) {
    try {
      response.body().close();
    } catch (IOException e) {
      // Nothing was wanted of it.
    }
  }
}

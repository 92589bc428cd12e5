package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The keys of an issuer as it publishes them, fetched when they are first needed, every ten minutes
 * and when a token names one that is unknown, but never twice in half a minute. While the issuer
 * does not answer, the last keys stay in use.
 *
 * @see <a href="https://openid.net/specs/openid-connect-discovery-1_0.html">Discovery</a>
 */
final class IssuerKeys {
  private static final System.Logger LOG = System.getLogger(IssuerKeys.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long FRESH_NANOS = Duration.ofMinutes(10).toNanos();
  private static final long PAUSE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final int MAX_BYTES = 1 << 20;

  private final URI issuer;
  private final Optional<URI> location;
  private TokenKeys keys = new TokenKeys(Map.of());
  private long tried;
  private boolean ever;

  IssuerKeys(URI issuer, Optional<URI> location) {
    this.issuer = issuer;
    this.location = location;
  }

  /** The key of an id; nothing if the issuer has none such. */
  synchronized Optional<TokenKeys.Known> find(String id) {
    long age = System.nanoTime() - tried;
    boolean due = age > FRESH_NANOS || !keys.byId().containsKey(id) && age > PAUSE_NANOS;
    if (!ever || due) {
      fetch();
    }
    return Optional.ofNullable(keys.byId().get(id));
  }

  private void fetch() {
    ever = true;
    tried = System.nanoTime();
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build()) {
      keys = TokenKeys.read(document(http, location.orElseGet(() -> discovered(http))));
    } catch (IOException | JacksonException | LatheException e) {
      LOG.log(Level.WARNING, "the keys of " + issuer + " cannot be fetched: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private URI discovered(HttpClient http) {
    try {
      String base = issuer.toString().replaceFirst("/$", "");
      JsonNode about = document(http, URI.create(base + "/.well-known/openid-configuration"));
      if (!about.path("issuer").asString("").equals(issuer.toString())) {
        throw bad("its configuration names another issuer");
      }
      return URI.create(about.path("jwks_uri").asString(""));
    } catch (IOException e) {
      throw bad(e.getMessage());
    } catch (IllegalArgumentException e) {
      throw bad("its jwks_uri is no address");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw bad("interrupted");
    }
  }

  private JsonNode document(HttpClient http, URI address) throws IOException, InterruptedException {
    requireSafe(address);
    HttpRequest request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
    HttpResponse<InputStream> answer =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = answer.body()) {
      byte[] body = in.readNBytes(MAX_BYTES + 1);
      if (answer.statusCode() != 200 || body.length > MAX_BYTES) {
        throw bad(address + ": status " + answer.statusCode() + ", " + body.length + " bytes");
      }
      return JsonMapper.shared().readTree(body);
    }
  }

  /** Keys that somebody on the way may exchange are worth nothing. */
  private static void requireSafe(URI address) {
    boolean safe = "https".equals(address.getScheme());
    if (!safe && !("http".equals(address.getScheme()) && isLoopback(address.getHost()))) {
      throw bad(address + " (expected: an https address)");
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.UNREACHABLE, message);
  }
}

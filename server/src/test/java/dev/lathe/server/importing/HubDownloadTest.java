package dev.lathe.server.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models are fetched from a hub; this one is a server of ours. */
class HubDownloadTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final HubReference MODEL = HubReference.parse("hf://org/tiny");

  @TempDir private Path folder;
  private final Map<String, String> files = new TreeMap<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> shown = new ArrayList<>();
  private HttpServer hub;
  private HttpServer store;
  private String redirection = "";
  private boolean damaged;
  private String listing = "";

  @BeforeEach
  void start() throws IOException {
    hub = serve(this::answer);
    store = serve(this::answerFromStore);
    redirection = address(store);
    files.put("config.json", "{\"model_type\": \"llama\"}");
    files.put("tokenizer.json", "{}");
    files.put("model.safetensors", "weights");
    files.put("pytorch_model.bin", "a pickle");
    files.put("README.md", "# Tiny");
  }

  @AfterEach
  void stop() {
    hub.stop(0);
    store.stop(0);
  }

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private static HttpServer serve(Answer answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answer.to(exchange);
          }
        });
    server.start();
    return server;
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(path);
    shown.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    if (path.equals("/api/models/org/tiny/revision/main")) {
      send(exchange, listing.isEmpty() ? usualListing() : listing);
      return;
    }
    String prefix = "/org/tiny/resolve/" + COMMIT + "/";
    String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
    if (name.endsWith(".safetensors")) {
      exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + sha256(files.get(name)) + "\"");
      exchange.getResponseHeaders().add("Location", redirection + "/" + name);
      exchange.sendResponseHeaders(302, -1);
    } else if (files.containsKey(name)) {
      send(exchange, files.get(name));
    } else {
      exchange.sendResponseHeaders(path.contains("secret") ? 401 : 404, -1);
    }
  }

  private void answerFromStore(HttpExchange exchange) throws IOException {
    shown.add("store " + exchange.getRequestHeaders().getFirst("Authorization"));
    String content = files.get(exchange.getRequestURI().getPath().substring(1));
    send(exchange, damaged ? content.toUpperCase(java.util.Locale.ROOT) : content);
  }

  private String usualListing() {
    return files.keySet().stream()
        .map(name -> "{\"rfilename\":\"" + name + "\"}")
        .collect(Collectors.joining(",", "{\"sha\":\"" + COMMIT + "\",\"siblings\":[", "]}"));
  }

  private static void send(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private HubReference fetch() {
    return HubDownload.of(Map.of("HF_ENDPOINT", address(hub), "HF_TOKEN", "hf_secret"))
        .fetch(MODEL, folder);
  }

  @Test
  void adapter_isFetchedWithItsConfigAlone() {
    files.remove("model.safetensors");
    files.put("adapter_config.json", "{}");
    files.put("adapter_model.safetensors", "factors");
    assertThat(fetch()).hasToString("hf://org/tiny@" + COMMIT);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
    assertThat(folder.resolve("adapter_model.safetensors")).hasContent("factors");
  }

  @Test
  void whatMakesUpTheModel_isFetchedFromOneCommit() {
    assertThat(fetch()).hasToString("hf://org/tiny@" + COMMIT);
    assertThat(folder.resolve("config.json")).hasContent(files.get("config.json"));
    assertThat(folder.resolve("model.safetensors")).hasContent("weights");
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("config.json", "tokenizer.json", "model.safetensors");
    assertThat(asked)
        .filteredOn(path -> path.contains("/resolve/"))
        .allMatch(path -> path.contains(COMMIT));
  }

  @Test
  void token_isShownToTheHubOnly() {
    fetch();
    assertThat(shown)
        .contains("Bearer hf_secret", "store null")
        .doesNotContain("store Bearer hf_secret");
  }

  @Test
  void shards_areThoseOfTheIndex() {
    files.remove("model.safetensors");
    files.put("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"model-1.safetensors\"}}");
    files.put("model-1.safetensors", "a");
    files.put("consolidated.safetensors", "the same again");
    files.put("adapter_config.json", "{}");
    files.put("adapter_model.safetensors", "factors of another");
    fetch();
    assertThat(folder.toFile().list())
        .contains("model-1.safetensors", "model.safetensors.index.json")
        .doesNotContain("consolidated.safetensors", "adapter_model.safetensors");
  }

  @Test
  void damagedWeights_areRefused() {
    damaged = true;
    refused(ServerError.BAD_ANSWER, "(expected: " + sha256("weights") + ", as the hub says)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://example.org", "file:///etc", "ftp://127.0.0.1"})
  void redirectionToNoEncryptedAddress_isRefused(String elsewhere) {
    redirection = elsewhere;
    refused(ServerError.BAD_ANSWER, "redirected to no https address");
  }

  @Test
  void redirectionOfAHubOfTheWorldToThisMachine_isRefused() {
    HubClient world = new HubClient("https://hub.example", "");
    URI at = URI.create("https://hub.example/a/b");
    for (String here : List.of("http://127.0.0.1:80/x", "https://localhost/x", "http://[::1]/x")) {
      assertThatThrownBy(() -> world.next("a", at, here))
          .hasMessageContaining("a: redirected to no https address");
    }
    assertThat(world.next("a", at, "https://store.example/x")).hasHost("store.example");
    HubClient ours = new HubClient("http://127.0.0.1:1", "");
    assertThat(ours.next("a", URI.create("http://127.0.0.1:1/a"), "/b")).hasPath("/b");
  }

  @Test
  @Timeout(60)
  void fileThatComesDropByDrop_isBrokenOff() throws IOException {
    HttpServer dropping =
        serve(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              for (int i = 0; i < 20_000; i++) {
                exchange.getResponseBody().write(i);
                exchange.getResponseBody().flush();
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
              }
            });
    try {
      HubClient.Patience patience =
          new HubClient.Patience(Duration.ofSeconds(60), Duration.ofMillis(200), 1 << 20);
      HubClient client = new HubClient(address(dropping), "", patience);
      assertThatThrownBy(() -> client.read("/a", 1 << 20))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.UNREACHABLE))
          .hasMessageContaining("or came too slowly");
    } finally {
      dropping.stop(0);
    }
  }

  @Test
  void redirectionsWithoutEnd_areRefused() {
    redirection = address(hub) + "/org/tiny/resolve/" + COMMIT;
    refused(ServerError.BAD_ANSWER, "more than 5 redirections");
  }

  @Test
  void modelWithoutSafetensors_isRefused() {
    files.remove("model.safetensors");
    refused(ServerError.BAD_SOURCE, "no model.safetensors (expected: weights as safetensors)");
    files.remove("config.json");
    refused(ServerError.BAD_SOURCE, "no config.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "{}", "{\"sha\":\"../../x\",\"siblings\":[]}", "[]"})
  void answerThatIsNoListing_isRefused(String text) {
    listing = text;
    refused(ServerError.BAD_ANSWER, "the hub's answer");
  }

  @Test
  void hubThatDoesNotKnowTheModel_orDoesNotLetUs_isNamed() {
    HubDownload download = new HubDownload(address(hub), "");
    assertThatThrownBy(() -> download.fetch(HubReference.parse("hf://org/other@v1"), folder))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.NOT_FOUND))
        .hasMessageContaining("/api/models/org/other/revision/v1: status 404");
    assertThatThrownBy(() -> download.fetch(HubReference.parse("hf://org/secret"), folder))
        .hasMessageContaining("HF_TOKEN must be one that may read it");
  }

  @Test
  void hubThatDoesNotAnswer_isNamed() {
    String gone = address(hub);
    hub.stop(0);
    assertThatThrownBy(() -> new HubDownload(gone, "").fetch(MODEL, folder))
        .hasMessageContaining("no hub answers at " + gone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://example.org", "ftp://hub", "hub", "https://", ""})
  void addressThatIsNotEncrypted_isRefused(String address) {
    assertThatThrownBy(() -> new HubDownload(address, ""))
        .hasMessageContaining("HF_ENDPOINT \"" + address + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf://",
        "hf://a/b/c",
        "hf://../b",
        "hf://a/..",
        "hf://a/b@",
        "hf://a/b@../x",
        "hf://a b"
      })
  void whatIsNoReference_isRefused(String text) {
    assertThatThrownBy(() -> HubReference.parse(text)).hasMessageContaining("source \"" + text);
  }

  @Test
  void references_haveARevision() {
    assertThat(HubReference.parse("hf://gpt2")).isEqualTo(new HubReference("gpt2", "main"));
    assertThat(HubReference.parse("hf://a/b@refs/pr/1"))
        .isEqualTo(new HubReference("a/b", "refs/pr/1"));
  }

  private void refused(ServerError code, String message) {
    assertThatThrownBy(this::fetch)
        .isInstanceOfSatisfying(LatheException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }
}

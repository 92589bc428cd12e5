package dev.lathe.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ConfigSources;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {
  @TempDir private static Path folder;
  @TempDir private Path data;
  private static TestCertificate server;
  private static TestCertificate client;

  @BeforeAll
  static void make() throws Exception {
    server = TestCertificate.make(folder, "server", "CN=localhost");
    client = TestCertificate.make(folder, "client", "CN=robot, O=Lathe", "RSA");
  }

  @Test
  void server_speaksTlsAndNothingElse() throws Exception {
    try (LatheServer running = LatheServer.start(config(tls("none"), ""))) {
      assertThat(running.address().getScheme()).isEqualTo("https");
      assertThat(get(running, server.trusted(Map.of()), "/v2/health/live").statusCode())
          .isEqualTo(200);
      URI plain = URI.create("http://127.0.0.1:" + running.address().getPort() + "/v2");
      try (HttpClient http = HttpClient.newHttpClient()) {
        assertThatThrownBy(
                () ->
                    http.send(
                        HttpRequest.newBuilder(plain).build(),
                        HttpResponse.BodyHandlers.discarding()))
            .isInstanceOf(IOException.class);
      }
      assertThat(get(running, server.trusted(Map.of()), "/v2").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void clientCertificate_standsForItsScopes() throws Exception {
    String access =
        """
        access:
          required: true
          certificates:
            - subject: CN=robot,O=Lathe
              allow: [metrics]
        """;
    try (LatheServer running = LatheServer.start(config(tls("optional"), access))) {
      SSLContext robot = server.trusted(Map.of("own", client));
      assertThat(get(running, robot, "/metrics").statusCode()).isEqualTo(200);
      assertThat(get(running, robot, "/api/v1/models").statusCode()).isEqualTo(403);
      SSLContext nobody = server.trusted(Map.of());
      assertThat(get(running, nobody, "/metrics").statusCode()).isEqualTo(401);
      TestCertificate forged = TestCertificate.make(folder, "forged", "CN=robot, O=Lathe", "RSA");
      SSLContext stranger = server.trusted(Map.of("own", forged));
      assertThatThrownBy(() -> get(running, stranger, "/metrics")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void requiredClientCertificate_keepsOthersFromHttp() throws Exception {
    try (LatheServer running = LatheServer.start(config(tls("required"), ""))) {
      SSLContext robot = server.trusted(Map.of("own", client));
      assertThat(get(running, robot, "/v2").statusCode()).isEqualTo(200);
      SSLContext nobody = server.trusted(Map.of());
      assertThatThrownBy(() -> get(running, nobody, "/v2")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void replacedCertificate_isUsedWithoutARestart() throws Exception {
    TestCertificate first = TestCertificate.make(folder, "first", "CN=localhost");
    TestCertificate second = TestCertificate.make(folder, "second", "CN=localhost");
    String tls = "tls: {certificate: " + first.certificate() + ", key: " + first.key() + "}\n";
    try (LatheServer running = LatheServer.start(config(tls, ""))) {
      assertThat(get(running, first.trusted(Map.of()), "/v2").statusCode()).isEqualTo(200);
      Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);
      SSLContext fresh = second.trusted(Map.of());
      long patience = System.nanoTime() + 20_000_000_000L;
      int status = 0;
      while (status != 200 && System.nanoTime() < patience) {
        try {
          status = get(running, fresh, "/v2").statusCode();
        } catch (IOException e) {
          status = 0;
        }
      }
      assertThat(status).isEqualTo(200);
    }
  }

  @Test
  void publicAddress_needsAccessControlAndTls() throws Exception {
    String open = "listen: {host: 0.0.0.0, port: 0}\n";
    assertRefused(open, "access.required: true");
    assertRefused(open + "access: {required: true}\n", "tls.certificate");
    assertRefused(open + tls("none"), "access.required: true");
    String waived = open + "access: {required: true}\ntls: {waived: true}\n";
    LatheServer.start(read(waived)).close();
    LatheServer.start(read(open + "access: {required: true}\n" + tls("none"))).close();
  }

  @Test
  void filesThatAreNone_stopTheStart() throws Exception {
    Path text = Files.writeString(folder.resolve("text.pem"), "hello");
    assertRefused("tls: {certificate: " + text + ", key: " + text + "}", "text.pem");
    assertRefused("tls: {certificate: no.pem, key: no.pem}", "no such file");
    assertRefused("tls: {certificate: " + server.certificate() + "}", "belong together");
    assertRefused("tls: {clients: required}", "no client_authority");
    assertRefused(
        "tls: {certificate: " + server.certificate() + ", key: " + client.key() + "}",
        "is not the key of the certificate");
  }

  @Test
  void keyOfAnotherPair_stopsTheStart_thoughItIsOfTheSameAlgorithm() throws Exception {
    for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
      TestCertificate own = TestCertificate.make(folder, "pair", "CN=localhost", algorithm);
      TestCertificate other = TestCertificate.make(folder, "other", "CN=localhost", algorithm);
      assertRefused(
          "tls: {certificate: " + own.certificate() + ", key: " + other.key() + "}",
          "is not the key of the certificate");
    }
  }

  private void assertRefused(String text, String told) {
    assertThatThrownBy(() -> LatheServer.start(read(text)).close())
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(told)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(ServerError.BAD_CONFIGURATION);
  }

  private static String tls(String clients) {
    return "tls: {certificate: "
        + server.certificate()
        + ", key: "
        + server.key()
        + ", client_authority: "
        + client.certificate()
        + ", clients: "
        + clients
        + "}\n";
  }

  private ServerConfig config(String tls, String more) throws IOException {
    return read("listen: {port: 0}\n" + tls + more);
  }

  private ServerConfig read(String text) throws IOException {
    Path file = Files.writeString(data.resolve("server.yaml"), text);
    return ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of()));
  }

  private static HttpResponse<String> get(LatheServer running, SSLContext context, String path)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newBuilder().sslContext(context).build()) {
      URI address = URI.create(running.address() + path);
      return http.send(
          HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}

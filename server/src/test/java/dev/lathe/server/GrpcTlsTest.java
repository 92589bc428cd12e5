package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.tls.TestCertificate;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls over TLS, on the port that serves HTTPS, with and without a client's certificate. */
@Timeout(60)
class GrpcTlsTest {
  @TempDir private static Path folder;
  @TempDir private Path data;
  private static TestCertificate own;
  private static TestCertificate robot;
  private static TestCertificate forged;

  @BeforeAll
  static void make() throws Exception {
    own = TestCertificate.make(folder, "server", "CN=localhost");
    robot = TestCertificate.make(folder, "client", "CN=robot, O=Lathe");
    forged = TestCertificate.make(folder, "forged", "CN=robot, O=Lathe");
  }

  @Test
  void calls_goOverTls_andNotWithoutIt() throws Exception {
    try (LatheServer server = LatheServer.start(config("none", ""))) {
      int port = server.address().getPort();
      try (GrpcClient client = new GrpcClient(port, trusting().build())) {
        assertThat(live(client)).isEqualTo("1");
      }
      try (GrpcClient plain = new GrpcClient(port)) {
        // What the client makes of the bytes of TLS is its own word.
        refused(plain, Status.Code.UNAVAILABLE, Status.Code.INTERNAL);
      }
      SslContext stranger =
          GrpcSslContexts.forClient().trustManager(robot.certificate().toFile()).build();
      try (GrpcClient client = new GrpcClient(port, stranger)) {
        refused(client, Status.Code.UNAVAILABLE);
      }
    }
  }

  @Test
  void requiredCertificate_isAskedFor_andChecked() throws Exception {
    try (LatheServer server = LatheServer.start(config("required", ""))) {
      int port = server.address().getPort();
      try (GrpcClient client = new GrpcClient(port, showing(robot))) {
        assertThat(live(client)).isEqualTo("1");
      }
      try (GrpcClient nobody = new GrpcClient(port, trusting().build())) {
        refused(nobody, Status.Code.UNAVAILABLE);
      }
      try (GrpcClient liar = new GrpcClient(port, showing(forged))) {
        refused(liar, Status.Code.UNAVAILABLE);
      }
    }
  }

  @Test
  void certificate_standsForItsScopes() throws Exception {
    String access =
        """
        access:
          required: true
          certificates:
            - subject: CN=robot,O=Lathe
              allow: [read]
        """;
    try (LatheServer server = LatheServer.start(config("optional", access))) {
      int port = server.address().getPort();
      try (GrpcClient client = new GrpcClient(port, showing(robot))) {
        assertThat(code(client, "RepositoryIndex")).isEqualTo(Status.Code.OK);
        assertThat(code(client, "RepositoryModelUnload")).isEqualTo(Status.Code.PERMISSION_DENIED);
      }
      try (GrpcClient nobody = new GrpcClient(port, trusting().build())) {
        assertThat(code(nobody, "RepositoryIndex")).isEqualTo(Status.Code.UNAUTHENTICATED);
      }
    }
  }

  private static SslContextBuilder trusting() {
    return GrpcSslContexts.forClient().trustManager(own.certificate().toFile());
  }

  private static SslContext showing(TestCertificate certificate) throws SSLException {
    return trusting()
        .keyManager(certificate.certificate().toFile(), certificate.key().toFile())
        .build();
  }

  private static String live(GrpcClient client) {
    return GrpcClient.text(client.call(GrpcClient.SERVICE + "ServerLive", new WireWriter()), 1);
  }

  private static Status.Code code(GrpcClient client, String method) {
    try {
      client.call(GrpcClient.SERVICE + method, new WireWriter());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static void refused(GrpcClient client, Status.Code... codes) {
    assertThatThrownBy(() -> live(client))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isIn((Object[]) codes));
  }

  private ServerConfig config(String clients, String more) throws IOException {
    String text =
        """
        listen: {port: 0}
        tls: {certificate: %s, key: %s, client_authority: %s, clients: %s}
        """
            .formatted(own.certificate(), own.key(), robot.certificate(), clients);
    Path file = Files.writeString(data.resolve("server.yaml"), text + more);
    return ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of()));
  }
}

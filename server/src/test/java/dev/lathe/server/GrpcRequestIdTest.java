package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every answer of gRPC says by which id its call is found in the logs. */
@Timeout(60)
class GrpcRequestIdTest {
  private static final Metadata.Key<String> ID =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path data;
  private LatheServer server;
  private GrpcClient client;

  @BeforeEach
  void start() {
    server = LatheServer.start(ServerConfig.of(data, 0));
    client = new GrpcClient(server.address().getPort());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void callersOwnId_comesBack() {
    assertThat(id(GrpcClient.SERVICE + "ServerLive", "trace-7:a/b")).isEqualTo("trace-7:a/b");
    assertThat(id(GrpcClient.SERVICE + "ModelStreamInfer", "mine")).isEqualTo("mine");
  }

  @Test
  void failuresHaveIt_alsoOfMethodsThatAreNotThere() {
    assertThat(id(GrpcClient.SERVICE + "ModelMetadata", "lost")).isEqualTo("lost");
    assertThat(id("no.Service/Method", "nowhere")).isEqualTo("nowhere");
  }

  @Test
  void withoutASoundOne_theServerMakesOne() {
    String first = id(GrpcClient.SERVICE + "ServerLive", "");
    String second = id(GrpcClient.SERVICE + "ServerLive", "a b\tc");
    assertThat(first).matches("[0-9a-f]{16}").isNotEqualTo(second);
    assertThat(second).matches("[0-9a-f]{16}");
  }

  private String id(String method, String asked) {
    Metadata metadata = new Metadata();
    if (!asked.isEmpty()) {
      metadata.put(ID, asked);
    }
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel channel =
        ClientInterceptors.intercept(
            client.channel(),
            MetadataUtils.newAttachHeadersInterceptor(metadata),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    try {
      ClientCalls.blockingUnaryCall(
          channel,
          GrpcClient.descriptor(method, MethodDescriptor.MethodType.UNARY),
          CallOptions.DEFAULT,
          GrpcClient.bytes(new WireWriter().text(1, "no/model")));
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getDescription()).isNotEmpty();
    }
    Metadata said = headers.get() == null ? trailers.get() : headers.get();
    return String.valueOf(said.get(ID));
  }
}

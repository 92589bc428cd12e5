package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.access.KeyStore;
import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks all methods of gRPC: none answers without the right that it takes. */
class RpcRightsTest {
  private static final String STREAM = GrpcClient.SERVICE + "ModelStreamInfer";

  /** What answers anybody: probes must not need a key. */
  private static final Set<String> PUBLIC =
      Set.of(
          GrpcClient.SERVICE + "ServerLive",
          GrpcClient.SERVICE + "ServerReady",
          "grpc.health.v1.Health/Check",
          "grpc.health.v1.Health/Watch");

  @TempDir private Path data;
  private LatheServer server;
  private GrpcClient client;
  private KeyStore keys;

  @BeforeEach
  void start() {
    keys = new KeyStore(data, Clock.systemUTC());
    for (Right right : Right.values()) {
      if (right != Right.NONE && right != Right.KNOWN) {
        created.add(key(right.word(), right.word()));
      }
    }
    ServerConfig config = ServerConfig.of(data, 0);
    server =
        LatheServer.start(config.with(new AccessConfig(true, List.of(), List.of(), "changes")));
    client = new GrpcClient(server.address().getPort());
  }

  private final List<String> created = new ArrayList<>();

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void withoutCredentials_onlyThePublicMethodsAnswer() {
    Set<String> open = new TreeSet<>();
    server
        .rpcs()
        .forEach(
            (method, right) -> {
              if (right == Right.NONE) {
                open.add(method);
              } else {
                assertThat(status(method, "")).as(method).isEqualTo(Status.Code.UNAUTHENTICATED);
                assertThat(status(method, "Bearer lathe_x"))
                    .as(method)
                    .isEqualTo(Status.Code.UNAUTHENTICATED);
              }
            });
    assertThat(open).isEqualTo(PUBLIC);
    assertThat(server.rpcs()).hasSizeGreaterThan(20);
  }

  @Test
  void withAKeyForSomethingElse_everyMethodIsDenied() {
    Map<String, Right> methods = server.rpcs();
    methods.forEach(
        (method, right) -> {
          if (right != Right.NONE && right != Right.KNOWN && !method.equals(STREAM)) {
            for (String other : created) {
              if (!other.equals(keyOf(right))) {
                assertThat(status(method, "Bearer " + other))
                    .as(method)
                    .isEqualTo(Status.Code.PERMISSION_DENIED);
              }
            }
            assertThat(status(method, "Bearer " + keyOf(right)))
                .as(method)
                .isNotIn(Status.Code.PERMISSION_DENIED, Status.Code.UNAUTHENTICATED);
          }
        });
  }

  /** A stream begins before its model is known; its messages are looked at one by one. */
  @Test
  void streamWithAKeyForSomethingElse_answersEachMessageWithTheRefusal() {
    byte[] answer = call(STREAM, "Bearer " + keyOf(Right.READ));
    assertThat(GrpcClient.text(answer, 1)).contains("key:read may not infer demo/none");
    assertThat(GrpcClient.text(call(STREAM, "Bearer " + keyOf(Right.INFER)), 1))
        .contains("demo/none")
        .doesNotContain("may not");
  }

  private String keyOf(Right right) {
    int at = (int) Arrays.stream(Right.values()).takeWhile(one -> one != right).count();
    return created.get(at - 2);
  }

  private String key(String name, String scope) {
    return keys.create(new KeyWish(name, List.of(scope), Optional.empty(), Optional.empty())).key();
  }

  private Status.Code status(String method, String authorization) {
    try {
      call(method, authorization);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** A message that names a model where most methods look for it. */
  private byte[] call(String method, String authorization) {
    Metadata metadata = new Metadata();
    if (!authorization.isEmpty()) {
      metadata.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    }
    Channel channel =
        ClientInterceptors.intercept(
            client.channel(), MetadataUtils.newAttachHeadersInterceptor(metadata));
    return ClientCalls.blockingUnaryCall(
        channel,
        GrpcClient.descriptor(method, MethodDescriptor.MethodType.UNARY),
        CallOptions.DEFAULT,
        GrpcClient.bytes(new WireWriter().text(1, "demo/none")));
  }
}

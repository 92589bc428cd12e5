package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are cancelled at any moment leave the other calls of their connection alone. */
@Timeout(120)
class GrpcCancelTest {
  private static final int CALLS = 600;
  private static final int PER_STREAM = 20;

  @Test
  void otherCalls_areAnswered(@TempDir Path data) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.deploy(
          ModelName.parse("demo/adding"),
          Models.publish(registry, "demo/adding", Models.adding(1)),
          "prod");
    }
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        GrpcClient client = new GrpcClient(server.address().getPort())) {
      SplittableRandom random = new SplittableRandom(1);
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < CALLS; i++) {
        boolean cancels = i % 3 == 0;
        Status status = end(client, i % 4 == 1, cancels ? random.nextLong(3_000_000) : -1);
        boolean fine = status.isOk() || cancels && status.getCode() == Status.Code.CANCELLED;
        if (!fine) {
          wrong.add(i + ": " + status);
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  /** How a call ends that is cancelled after some nanoseconds, or never if these are negative. */
  private static Status end(GrpcClient client, boolean streamed, long nanos) throws Exception {
    ClientCall<byte[], byte[]> call =
        client
            .channel()
            .newCall(
                streamed
                    ? GrpcClient.descriptor(
                        GrpcClient.SERVICE + "ModelStreamInfer", MethodType.BIDI_STREAMING)
                    : GrpcClient.descriptor(GrpcClient.SERVICE + "ModelInfer", MethodType.UNARY),
                CallOptions.DEFAULT);
    CompletableFuture<Status> end = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(PER_STREAM + 1);
    for (int i = 0; i < (streamed ? PER_STREAM : 1); i++) {
      call.sendMessage(request());
    }
    call.halfClose();
    if (nanos >= 0) {
      LockSupport.parkNanos(nanos);
      call.cancel("left", null);
    }
    return end.get(30, TimeUnit.SECONDS);
  }

  private static byte[] request() {
    return GrpcClient.bytes(
        new WireWriter()
            .text(1, "demo/adding")
            .message(5, x -> x.text(1, "x").text(2, "FP32").packed(3, 1, 2))
            .bytes(7, new byte[8]));
  }
}

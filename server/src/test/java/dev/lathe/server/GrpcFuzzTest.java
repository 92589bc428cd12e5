package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that go wrong in all ways, to every method of gRPC: none is answered by an internal
 * error, none is left without an answer. More of them by {@code -Dlathe.fuzz.calls=}.
 */
@Timeout(300)
class GrpcFuzzTest {
  private static final int CALLS = Integer.getInteger("lathe.fuzz.calls", 150);
  private static final long SEED = Long.getLong("lathe.fuzz.seed", 20_261_127);
  private static final Set<Status.Code> WRONG =
      Set.of(
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN,
          Status.Code.DATA_LOSS,
          Status.Code.UNAVAILABLE,
          Status.Code.DEADLINE_EXCEEDED);

  @TempDir private Path data;

  @Test
  void anyMessage_isAnsweredAndNeverByAnInternalError() {
    ServedModel.publish(data, 1);
    TreeMap<Status.Code, Integer> seen = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        GrpcClient client = new GrpcClient(server.address().getPort())) {
      for (String method : new TreeSet<>(server.rpcs().keySet())) {
        for (int i = 0; i < CALLS; i++) {
          byte[] message = message(new SplittableRandom(SEED + i));
          Status status = call(client, method, message);
          seen.merge(status.getCode(), 1, Integer::sum);
          if (WRONG.contains(status.getCode())) {
            wrong.add(method + " " + i + ": " + status);
          }
        }
      }
      assertThat(wrong).as("seed %d", SEED).isEmpty();
      assertThat(seen).containsKeys(Status.Code.OK, Status.Code.INVALID_ARGUMENT);
      assertThat(seen).containsKey(Status.Code.NOT_FOUND);
      assertThat(server.underway()).isZero();
    }
  }

  /** What watches goes on for ever: its first answer is enough. */
  private static Status call(GrpcClient client, String method, byte[] message) {
    MethodDescriptor.MethodType type =
        method.endsWith("/Watch")
            ? MethodDescriptor.MethodType.SERVER_STREAMING
            : MethodDescriptor.MethodType.UNARY;
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    try {
      if (type == MethodDescriptor.MethodType.UNARY) {
        ClientCalls.blockingUnaryCall(
            client.channel(), GrpcClient.descriptor(method, type), options, message);
        return Status.OK;
      }
      return watched(client, method, options, message);
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  private static Status watched(
      GrpcClient client, String method, CallOptions options, byte[] message) {
    Context.CancellableContext context = Context.current().withCancellation();
    Context before = context.attach();
    try {
      Iterator<byte[]> answers =
          ClientCalls.blockingServerStreamingCall(
              client.channel(),
              GrpcClient.descriptor(method, MethodDescriptor.MethodType.SERVER_STREAMING),
              options,
              message);
      answers.next();
      return Status.OK;
    } finally {
      context.detach(before);
      context.cancel(null);
    }
  }

  /** A valid message, changed in some places; now and then nothing but bytes. */
  private static byte[] message(SplittableRandom random) {
    if (random.nextInt(10) == 0) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      return bytes;
    }
    byte[] valid = GrpcClient.bytes(valid(random));
    return switch (random.nextInt(5)) {
      case 0 -> valid;
      case 1 -> Arrays.copyOf(valid, random.nextInt(valid.length + 1));
      case 2 -> inserted(valid, random);
      default -> flipped(valid, random);
    };
  }

  private static WireWriter valid(SplittableRandom random) {
    String model = random.nextInt(3) == 0 ? "no/model" : "demo/linear";
    String datatype = List.of("FP32", "INT64", "BYTES", "BOOL", "XX", "").get(random.nextInt(6));
    long[] shape = {
      List.of(1L, 0L, -1L, Long.MAX_VALUE, 1L << 33).get(random.nextInt(random.nextInt(1, 6))),
      random.nextInt(3) == 0 ? 3 : 4
    };
    WireWriter message =
        new WireWriter()
            .text(1, model)
            .text(2, random.nextInt(3) == 0 ? "1" : "")
            .text(3, "id")
            .message(
                4,
                entry ->
                    entry
                        .text(1, List.of("timeout", "priority", "x").get(random.nextInt(3)))
                        .message(2, value -> value.text(3, "a")))
            .message(
                5,
                input ->
                    input
                        .text(1, "x")
                        .text(2, datatype)
                        .packed(3, shape)
                        .message(5, contents -> contents.bytes(6, new byte[random.nextInt(20)])));
    return random.nextBoolean() ? message.bytes(7, new byte[16]) : message;
  }

  private static byte[] flipped(byte[] valid, SplittableRandom random) {
    byte[] changed = valid.clone();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt();
    }
    return changed;
  }

  private static byte[] inserted(byte[] valid, SplittableRandom random) {
    int at = random.nextInt(valid.length);
    byte[] more = new byte[random.nextInt(1, 12)];
    random.nextBytes(more);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(valid, 0, at);
    out.writeBytes(more);
    out.write(valid, at, valid.length - at);
    return out.toByteArray();
  }
}

package dev.lathe.benchmarks.serving;

import dev.lathe.ir.Tensor;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

/** A connection of grpc-java's client, whose messages are bytes. */
final class GrpcConnection implements AutoCloseable {
  private static final String SERVICE = "inference.GRPCInferenceService/";
  private static final long CLOSING_SECONDS = 10;

  private final ManagedChannel channel;

  GrpcConnection(URI server) {
    this.channel =
        NettyChannelBuilder.forAddress(server.getHost(), server.getPort()).usePlaintext().build();
  }

  /** A call of one message, not yet begun. */
  ClientCall<byte[], byte[]> infer(CallOptions options) {
    return channel.newCall(method("ModelInfer", MethodType.UNARY), options);
  }

  /** A call of many messages, not yet begun. */
  ClientCall<byte[], byte[]> stream(CallOptions options) {
    return channel.newCall(method("ModelStreamInfer", MethodType.BIDI_STREAMING), options);
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(SERVICE + name)
        .setRequestMarshaller(new Raw())
        .setResponseMarshaller(new Raw())
        .build();
  }

  /** A task's request as {@code ModelInferRequest}, its tensor raw. */
  static byte[] request(Task task) {
    Tensor x = task.inputs().get("x");
    ProtoBytes input = new ProtoBytes().with(1, "x").with(2, "FP32").packed(3, x.dims());
    return new ProtoBytes()
        .with(1, Store.path(task).replaceAll("^/v2/models/|/infer$", ""))
        .with(5, input)
        .with(6, new ProtoBytes().with(1, "y"))
        .with(7, x.data().toArray(ValueLayout.JAVA_BYTE))
        .bytes();
  }

  /**
   * What an answer says.
   *
   * @param version which version answers
   * @param values its one output
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(String version, float[] values) {
    /** Reads a {@code ModelInferResponse}. */
    static Answer read(ByteBuffer message) {
      float[] values = new float[0];
      for (ByteBuffer raw : ProtoBytes.of(message, 6)) {
        values = new float[raw.remaining() / Float.BYTES];
        raw.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      }
      return new Answer(ProtoBytes.text(message, 2), values);
    }

    /** Reads a {@code ModelStreamInferResponse}; the version of an error is its message. */
    static Answer ofStream(ByteBuffer message) {
      String error = ProtoBytes.text(message, 1);
      return error.isEmpty()
          ? read(ProtoBytes.of(message, 2).getFirst())
          : new Answer(error, new float[0]);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try (stream) {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

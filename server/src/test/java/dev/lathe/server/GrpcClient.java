package dev.lathe.server;

import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The client of grpc-java; its messages are bytes. */
final class GrpcClient implements AutoCloseable {
  static final String SERVICE = "inference.GRPCInferenceService/";

  private final ManagedChannel channel;

  GrpcClient(int port) {
    this(builder(port).usePlaintext());
  }

  /** A client over TLS. */
  GrpcClient(int port, SslContext tls) {
    this(builder(port).sslContext(tls));
  }

  private GrpcClient(NettyChannelBuilder channel) {
    this.channel = channel.build();
  }

  private static NettyChannelBuilder builder(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).maxInboundMessageSize(64 << 20);
  }

  /** One call with one message. */
  byte[] call(String method, WireWriter request) {
    return call(method, request, CallOptions.DEFAULT);
  }

  byte[] call(String method, WireWriter request, CallOptions options) {
    return ClientCalls.blockingUnaryCall(
        channel, descriptor(method, MethodDescriptor.MethodType.UNARY), options, bytes(request));
  }

  /** A call of many messages. */
  StreamObserver<byte[]> stream(
      String method, StreamObserver<byte[]> answers, CallOptions options) {
    return ClientCalls.asyncBidiStreamingCall(
        channel.newCall(descriptor(method, MethodDescriptor.MethodType.BIDI_STREAMING), options),
        answers);
  }

  ManagedChannel channel() {
    return channel;
  }

  static MethodDescriptor<byte[], byte[]> descriptor(
      String method, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(method)
        .setRequestMarshaller(new Raw())
        .setResponseMarshaller(new Raw())
        .build();
  }

  static byte[] bytes(WireWriter message) {
    byte[] bytes = new byte[Math.toIntExact(message.size())];
    int at = 0;
    for (MemorySegment part : message.parts()) {
      int length = Math.toIntExact(part.byteSize());
      MemorySegment.copy(part, ValueLayout.JAVA_BYTE, 0, bytes, at, length);
      at += length;
    }
    return bytes;
  }

  /** The values of a field: texts, numbers as text, or hex of bytes as they are. */
  static List<byte[]> fields(byte[] message, int field) {
    List<byte[]> values = new ArrayList<>();
    WireReader reader = new WireReader(MemorySegment.ofArray(message));
    while (reader.next()) {
      if (reader.field() == field) {
        values.add(
            reader.wire() == WireReader.Wire.VARINT
                ? Long.toString(reader.number()).getBytes(java.nio.charset.StandardCharsets.UTF_8)
                : reader.bytes().toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return values;
  }

  static String text(byte[] message, int field) {
    List<byte[]> values = fields(message, field);
    return values.isEmpty()
        ? ""
        : new String(values.getLast(), java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    channel.shutdownNow();
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

package dev.lathe.server.grpc;

import dev.lathe.server.grpc.wire.WireWriter;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.FlowControl;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2FrameData;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2FrameTypes;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2StreamWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The answering half of a stream: headers, messages, and the status as trailers. Any thread may
 * send; what is sent after the status is dropped. A send waits as long as the caller's window is
 * full.
 */
final class Outbox {
  private static final HeaderName STATUS = HeaderNames.create("grpc-status");
  private static final HeaderName MESSAGE = HeaderNames.create("grpc-message");
  private static final HeaderName PUSHBACK = HeaderNames.create("grpc-retry-pushback-ms");
  private static final HeaderName ENCODING = HeaderNames.create("grpc-encoding");
  private static final HeaderName ACCEPTED = HeaderNames.create("grpc-accept-encoding");
  private static final int PREFIX = 5;
  private static final int LARGEST_FRAME = 1 << 16;
  private static final int LONGEST_MESSAGE = 1024;

  private final Http2StreamWriter writer;
  private final FlowControl.Outbound window;
  private final int stream;
  private final String id;
  private final ReentrantLock lock = new ReentrantLock();
  private Inflation compression;
  private boolean begun;
  private volatile boolean closed;

  /** A stream on which nothing was sent yet, of a call with an id. */
  Outbox(Http2StreamWriter writer, FlowControl.Outbound window, int stream, String id) {
    this.id = id;
    this.writer = writer;
    this.window = window;
    this.stream = stream;
    this.compression = new Inflation(Inflation.Encoding.IDENTITY, 0);
  }

  /** Has messages compressed. */
  void compress(Inflation with) {
    compression = with;
  }

  /** How messages are compressed, both ways. */
  Inflation compression() {
    return compression;
  }

  /** Sends nothing more: nobody reads. */
  void abort() {
    closed = true;
  }

  /** Whether the status was sent, or nothing is sent any more. */
  boolean isClosed() {
    return closed;
  }

  /** Sends a message. */
  void send(WireWriter message) {
    boolean packed = compression.encoding() != Inflation.Encoding.IDENTITY;
    List<MemorySegment> parts =
        packed ? List.of(MemorySegment.ofArray(compression.deflate(message))) : message.parts();
    long length = parts.stream().mapToLong(MemorySegment::byteSize).sum();
    lock.lock();
    try {
      if (!closed) {
        begin();
        write(parts, length, packed);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream; the first status counts. */
  void close(RpcStatus status) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      WritableHeaders<?> trailers = begun ? WritableHeaders.create() : initial();
      trailers.set(STATUS, Integer.toString(status.code()));
      if (!status.message().isEmpty()) {
        trailers.set(MESSAGE, encoded(status.message()));
      }
      if (status.retryAfter().isPositive()) {
        trailers.set(PUSHBACK, Long.toString(status.retryAfter().toMillis()));
      }
      headers(trailers, Http2Flag.END_OF_HEADERS | Http2Flag.END_OF_STREAM, !begun);
    } finally {
      lock.unlock();
    }
  }

  private void begin() {
    if (!begun) {
      begun = true;
      headers(initial(), Http2Flag.END_OF_HEADERS, true);
    }
  }

  private WritableHeaders<?> initial() {
    WritableHeaders<?> headers = WritableHeaders.create();
    headers.set(HeaderNames.CONTENT_TYPE, "application/grpc");
    headers.set(ENCODING, compression.encoding().word());
    headers.set(ACCEPTED, "identity,gzip,deflate");
    headers.set(RequestId.NAME, id);
    return headers;
  }

  private void headers(WritableHeaders<?> fields, int flags, boolean first) {
    Http2Headers headers = Http2Headers.create(fields);
    if (first) {
      headers.status(Status.OK_200);
    }
    writer.writeHeaders(headers, stream, Http2Flag.HeaderFlags.create(flags), window);
  }

  private void write(List<MemorySegment> parts, long length, boolean packed) {
    int largest = Math.min(LARGEST_FRAME, window.maxFrameSize());
    long left = length + PREFIX;
    byte[] frame = new byte[(int) Math.min(largest, left)];
    frame[0] = (byte) (packed ? 1 : 0);
    for (int i = 1; i < PREFIX; i++) {
      frame[i] = (byte) (length >>> 8 * (4 - i));
    }
    int used = PREFIX;
    for (MemorySegment part : parts) {
      for (long at = 0; at < part.byteSize(); ) {
        if (used == frame.length) {
          data(frame);
          left -= frame.length;
          frame = new byte[(int) Math.min(largest, left)];
          used = 0;
        }
        int bytes = (int) Math.min(frame.length - used, part.byteSize() - at);
        MemorySegment.copy(part, ValueLayout.JAVA_BYTE, at, frame, used, bytes);
        at += bytes;
        used += bytes;
      }
    }
    data(frame);
  }

  private void data(byte[] frame) {
    Http2FrameHeader header =
        Http2FrameHeader.create(
            frame.length, Http2FrameTypes.DATA, Http2Flag.DataFlags.create(0), stream);
    writer.writeData(new Http2FrameData(header, BufferData.create(frame)), window);
  }

  /** A text as metadata: what is not printable ASCII, and the percent sign, as its bytes in hex. */
  static String encoded(String message) {
    String cut = message.length() <= LONGEST_MESSAGE ? message : message.substring(0, 1024) + "…";
    StringBuilder text = new StringBuilder(cut.length());
    for (byte next : cut.getBytes(StandardCharsets.UTF_8)) {
      if (next >= ' ' && next <= '~' && next != '%') {
        text.append((char) next);
      } else {
        text.append(String.format("%%%02X", next));
      }
    }
    return text.toString();
  }
}

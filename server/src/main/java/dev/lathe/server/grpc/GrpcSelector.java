package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.Cancellation;
import dev.lathe.server.ServerError;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2FrameTypes;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2RstStream;
import io.helidon.http.http2.Http2Settings;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.http.http2.Http2WindowUpdate;
import io.helidon.http.http2.StreamFlowControl;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector;
import io.helidon.webserver.http2.spi.SubProtocolResult;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes the gRPC calls among the requests of one connection, and knows which are under way. */
final class GrpcSelector implements Http2SubProtocolSelector {
  private static final HeaderName TIMEOUT = HeaderNames.create("grpc-timeout");
  private static final HeaderName ENCODING = HeaderNames.create("grpc-encoding");
  private static final Pattern TIMEOUT_FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");
  private static final String CONTENT_TYPE = "application/grpc";

  /** A client's frames of a stream come closer to its reset than so many resets of others. */
  private static final int RESETS = 4096;

  private final GrpcCalls calls;
  private final FrameWatch watch;

  /** Streams that were reset here, and the web server does not know it. */
  private final Queue<Integer> resetHere = new ConcurrentLinkedQueue<>();

  /** Requests that are not over, with their calls once these have begun. */
  private final Map<Integer, Optional<GrpcStream>> open = new ConcurrentHashMap<>();

  /** The latest streams that their client has reset. */
  private final Set<Integer> reset =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                  return size() > RESETS;
                }
              }));

  /** Writes frames of the connection; absent before its first request. */
  private volatile @Nullable Http2StreamWriter writer;

  private volatile boolean gone;

  /** A connection without calls. */
  GrpcSelector(GrpcCalls calls, FrameWatch watch) {
    this.calls = calls;
    this.watch = watch;
  }

  /** What is known of all requests. */
  FrameWatch watch() {
    return watch;
  }

  /** A stream was reset because its client took too long. Called by any thread. */
  void resetHere(int stream) {
    if (mayReset(stream)) {
      resetHere.add(stream);
    }
    wasReset(stream);
  }

  /** A stream that the web server must yet be told of, once. */
  Optional<Integer> takeReset() {
    return Optional.ofNullable(resetHere.poll());
  }

  /** The connection is gone, and with it whoever called. */
  void lost() {
    gone = true;
    watch.lost();
    open.values().forEach(stream -> stream.ifPresent(GrpcStream::lose));
  }

  /** A request begins; called before the web server knows of it. */
  void requested(int stream) {
    open.putIfAbsent(stream, Optional.empty());
  }

  /** Whether a stream may get data: its request is not over, and was not reset. */
  boolean knows(int stream) {
    return !reset.contains(stream) && (watch.knows(stream) || open.containsKey(stream));
  }

  /** Whether the web server still knows a stream that its client resets. */
  boolean mayReset(int stream) {
    if (!reset.add(stream)) {
      return false;
    }
    Optional<GrpcStream> call = open.get(stream);
    return call == null ? watch.knows(stream) : call.map(GrpcStream::awaitReset).orElse(true);
  }

  /**
   * The web server knows by now that a stream was reset. It tells a call, but not one that is only
   * about to begin.
   */
  void wasReset(int stream) {
    watch.wasReset(stream);
    open.remove(stream, Optional.<GrpcStream>empty());
    Optional<GrpcStream> call = open.get(stream);
    if (call != null) {
      call.ifPresent(GrpcStream::lose);
    }
  }

  /**
   * Gives the client back what it sent of the connection's window and the web server never saw.
   *
   * @return how many bytes of it; fewer as long as no request has begun
   */
  int giveBack(int bytes) {
    Http2StreamWriter frames = writer;
    if (frames == null) {
      return 0;
    }
    frames.write(
        new Http2WindowUpdate(bytes)
            .toFrameData(Http2Settings.create(), 0, Http2Flag.NoFlags.create()));
    return bytes;
  }

  @Override
  public SubProtocolResult subProtocol(
      ConnectionContext connection,
      HttpPrologue prologue,
      Http2Headers headers,
      Http2StreamWriter writer,
      int streamId,
      Http2Settings serverSettings,
      Http2Settings clientSettings,
      StreamFlowControl window,
      Http2StreamState state,
      Router router) {
    this.writer = writer;
    Headers metadata = headers.httpHeaders();
    String type = metadata.first(HeaderNames.CONTENT_TYPE).orElse("");
    if (prologue.method() != Method.POST || !isGrpc(type)) {
      watch.answering(streamId).isRequest();
      open.remove(streamId);
      return NOT_SUPPORTED;
    }
    Runnable over = () -> open.remove(streamId);
    RequestId id = RequestId.of(metadata);
    Outbox outbox = new Outbox(writer, window.outbound(), streamId, id.text());
    try {
      String path = prologue.uriPath().path();
      Rpc rpc =
          calls
              .method(path.substring(1))
              .orElseThrow(
                  () ->
                      new LatheException(
                          ServerError.NOT_OFFERED, "\"" + path + "\": no such method"));
      RpcCall.Origin origin =
          new RpcCall.Origin(headers.authority(), metadata, connection.remotePeer(), id);
      RpcCall call = new RpcCall(rpc.name(), rpc.right(), "", origin, timing(metadata));
      Inflation inflation =
          new Inflation(
              Inflation.Encoding.parse(metadata.first(ENCODING).orElse("identity")), calls.limit());
      outbox.compress(inflation);
      GrpcStream stream = new GrpcStream(rpc, call, calls, outbox);
      stream.whenOver(over);
      watch.answering(streamId).isCall(stream);
      open.put(streamId, Optional.of(stream));
      if (gone || reset.contains(streamId)) {
        stream.lose();
      }
      return new SubProtocolResult(true, stream);
    } catch (LatheException e) {
      return new SubProtocolResult(true, new Refused(outbox, RpcStatus.of(e), state, over));
    }
  }

  private static boolean isGrpc(String type) {
    return type.startsWith(CONTENT_TYPE)
        && (type.length() == CONTENT_TYPE.length() || "+;".indexOf(type.charAt(16)) >= 0);
  }

  private static RpcCall.Timing timing(Headers metadata) {
    Cancellation cancellation = new Cancellation();
    String timeout = metadata.first(TIMEOUT).orElse("");
    if (timeout.isEmpty()) {
      return new RpcCall.Timing(0, false, cancellation);
    }
    return new RpcCall.Timing(System.nanoTime() + duration(timeout).toNanos(), true, cancellation);
  }

  /** A timeout as metadata has it: at most eight digits and a unit; half a century at most. */
  static Duration duration(String timeout) {
    Matcher form = TIMEOUT_FORM.matcher(timeout);
    if (!form.matches()) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "grpc-timeout \"" + timeout + "\" (expected: up to eight digits and H, M, S, m, u or n)");
    }
    long amount = Long.parseLong(form.group(1));
    Duration time =
        switch (form.group(2)) {
          case "H" -> Duration.ofHours(amount);
          case "M" -> Duration.ofMinutes(amount);
          case "S" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMillis(amount);
          case "u" -> Duration.ofNanos(amount * 1000);
          default -> Duration.ofNanos(amount);
        };
    Duration most = Duration.ofDays(365 * 50);
    return time.compareTo(most) > 0 ? most : time;
  }

  /** A call that is over before it begins; what it sends is thrown away. */
  private static final class Refused implements SubProtocolHandler {
    private final Outbox outbox;
    private final RpcStatus status;
    private final Runnable whenOver;
    private boolean remoteClosed;

    Refused(Outbox outbox, RpcStatus status, Http2StreamState state, Runnable whenOver) {
      this.outbox = outbox;
      this.status = status;
      this.whenOver = whenOver;
      this.remoteClosed = state == Http2StreamState.HALF_CLOSED_REMOTE;
    }

    @Override
    public void init() {
      outbox.close(status);
    }

    @Override
    public Http2StreamState streamState() {
      if (!remoteClosed) {
        return Http2StreamState.HALF_CLOSED_LOCAL;
      }
      whenOver.run();
      return Http2StreamState.CLOSED;
    }

    @Override
    public void rstStream(Http2RstStream reset) {
      whenOver.run();
    }

    @Override
    public void windowUpdate(Http2WindowUpdate update) {}

    @Override
    public void data(Http2FrameHeader header, BufferData data) {
      remoteClosed |= header.flags(Http2FrameTypes.DATA).endOfStream();
    }
  }
}

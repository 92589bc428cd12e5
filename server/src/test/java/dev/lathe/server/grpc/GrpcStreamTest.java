package dev.lathe.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.Registry;
import dev.lathe.serve.Cancellation;
import dev.lathe.server.BodyBudget;
import dev.lathe.server.Metrics;
import dev.lathe.server.Right;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.observe.Observatory;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderNames;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.FlowControl;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2FrameData;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2FrameTypes;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2StreamWriter;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a stream ends whose server stops; frames are given by hand. */
@Timeout(30)
class GrpcStreamTest {
  private static final String OK = "0";
  private static final String UNAVAILABLE = "14";

  /** Answers, as "answer", and the number of the status. */
  private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  @TempDir private Path data;
  private Registry registry;
  private Metrics metrics;
  private Observatory observatory;
  private GrpcCalls calls;
  private GrpcStream stream;

  @BeforeEach
  void open() {
    registry = Registry.open(data.resolve("registry"));
    metrics = new Metrics();
    observatory = new Observatory(metrics, registry, ServerConfig.of(data, 0));
    Rpc rpc = new Rpc("test.Service/Each", Right.INFER, 0, new Slow());
    calls =
        new GrpcCalls(
            List.of(rpc),
            call -> "somebody",
            new Sight(observatory),
            new BodyBudget(1 << 20, 1 << 20));
    PeerInfo peer =
        (PeerInfo)
            Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PeerInfo.class}, (_, _, _) -> null);
    WritableHeaders<?> metadata = WritableHeaders.create();
    RequestId id = RequestId.of(metadata);
    RpcCall call =
        new RpcCall(
            rpc.name(),
            rpc.right(),
            "",
            new RpcCall.Origin("", metadata, peer, id),
            new RpcCall.Timing(0, false, new Cancellation()));
    stream =
        new GrpcStream(
            rpc, call, calls, new Outbox(new Sent(), FlowControl.Outbound.NOOP, 1, id.text()));
    stream.init();
  }

  @AfterEach
  void close() {
    mayAnswer.countDown();
    calls.close();
    observatory.close();
    metrics.close();
    registry.close();
  }

  @Test
  void messageThatIsDroppedAtTheStop_isNoSuccess_thoughTheCallerHasSaidAll() throws Exception {
    asks(false);
    begun.await();
    stream.stop();
    // The first answer is not there yet, and the caller says that this is the last message.
    Thread reader = Thread.ofVirtual().start(() -> asks(true));
    awaitWaiting(reader);
    mayAnswer.countDown();
    reader.join();
    assertThat(sent.take()).isEqualTo("answer");
    assertThat(sent.take()).isEqualTo(UNAVAILABLE);
    assertThat(sent).isEmpty();
  }

  @Test
  void whatIsAnsweredWhole_isASuccess_thoughTheServerStops() throws Exception {
    asks(false);
    begun.await();
    stream.stop();
    Thread reader = Thread.ofVirtual().start(() -> says(true, new byte[0]));
    awaitWaiting(reader);
    mayAnswer.countDown();
    reader.join();
    assertThat(sent.take()).isEqualTo("answer");
    assertThat(sent.take()).isEqualTo(OK);
    assertThat(sent).isEmpty();
  }

  @Test
  void callerThatHasNotSaidAll_isToldThatTheServerStops() throws Exception {
    asks(false);
    begun.await();
    stream.stop();
    mayAnswer.countDown();
    assertThat(sent.take()).isEqualTo("answer");
    assertThat(sent.take()).isEqualTo(UNAVAILABLE);
  }

  /** Until it waits for the first answer. */
  private static void awaitWaiting(Thread reader) {
    while (reader.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  /** Sends an empty message. */
  private void asks(boolean last) {
    says(last, new byte[5]);
  }

  private void says(boolean last, byte[] data) {
    Http2FrameHeader header =
        Http2FrameHeader.create(
            data.length,
            Http2FrameTypes.DATA,
            Http2Flag.DataFlags.create(last ? Http2Flag.END_OF_STREAM : 0),
            1);
    stream.data(header, BufferData.create(data));
  }

  private final class Slow implements Rpc.Each {
    @Override
    public Optional<Object> lane(Message message) {
      return Optional.empty();
    }

    @Override
    public WireWriter answer(RpcCall.Admitted call, Message message) {
      begun.countDown();
      try {
        mayAnswer.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new WireWriter();
    }

    @Override
    public WireWriter failed(Message message, Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  private final class Sent implements Http2StreamWriter {
    @Override
    public void write(Http2FrameData frame) {}

    @Override
    public void writeData(Http2FrameData frame, FlowControl.Outbound window) {
      sent.add("answer");
    }

    @Override
    public int writeHeaders(
        Http2Headers headers, int id, Http2Flag.HeaderFlags flags, FlowControl.Outbound window) {
      headers.httpHeaders().first(HeaderNames.create("grpc-status")).ifPresent(sent::add);
      return 0;
    }

    @Override
    public int writeHeaders(
        Http2Headers headers,
        int id,
        Http2Flag.HeaderFlags flags,
        Http2FrameData frame,
        FlowControl.Outbound window) {
      throw new IllegalStateException("not used");
    }
  }
}

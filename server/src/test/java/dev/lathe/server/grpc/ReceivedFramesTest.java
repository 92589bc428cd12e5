package dev.lathe.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.Registry;
import dev.lathe.server.BodyBudget;
import dev.lathe.server.Endings;
import dev.lathe.server.Metrics;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.observe.Observatory;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.Http2FrameData;
import io.helidon.http.http2.Http2FrameType;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2Settings;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.webserver.ConnectionContext;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client sends of a request that it has reset already. */
class ReceivedFramesTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int PING = 6;
  private static final int PART = 1 << 14;

  @TempDir private Path data;
  private final List<Integer> givenBack = new ArrayList<>();
  private Registry registry;
  private Metrics metrics;
  private Observatory observatory;
  private GrpcCalls calls;

  @BeforeEach
  void open() {
    registry = Registry.open(data.resolve("registry"));
    metrics = new Metrics();
    observatory = new Observatory(metrics, registry, ServerConfig.of(data, 0));
    calls =
        new GrpcCalls(
            List.of(),
            call -> "somebody",
            new Sight(observatory),
            new BodyBudget(1 << 20, 1 << 20));
  }

  @AfterEach
  void close() {
    calls.close();
    observatory.close();
    metrics.close();
    registry.close();
  }

  @Test
  void dataBehindAReset_areDroppedAndGivenBack() {
    GrpcSelector selector =
        new GrpcSelector(calls, new FrameWatch(ServerConfig.of(data, 0).patience(), new Endings()));
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    sent.writeBytes(new byte[24]);
    frame(sent, HEADERS, 1, 0);
    frame(sent, RESET, 1, 4);
    for (int i = 0; i < 5; i++) {
      frame(sent, DATA, 1, PART);
    }
    frame(sent, RESET, 1, 4);
    frame(sent, PING, 0, 8);
    begins(selector);
    DataReader frames = over(sent, selector);
    frames.skip(24);
    assertThat(List.of(next(frames), next(frames), next(frames)))
        .containsExactly(HEADERS, RESET, PING);
    assertThat(givenBack).containsExactly(2 * PART, 2 * PART);
  }

  private DataReader over(ByteArrayOutputStream sent, GrpcSelector selector) {
    return ReceivedFrames.over(
        DataReader.create(sent::toByteArray),
        selector,
        new SentFrames(proxy(DataWriter.class), selector.watch(), selector));
  }

  private static void frame(ByteArrayOutputStream out, int type, int stream, int length) {
    out.writeBytes(
        new byte[] {
          0, (byte) (length >> 8), (byte) length, (byte) type, 0, 0, 0, 0, (byte) stream
        });
    out.writeBytes(new byte[length]);
  }

  /** The type of the next frame. */
  private static int next(DataReader frames) {
    byte[] header = frames.readBytes(9);
    frames.skip((header[1] & 0xFF) << 8 | header[2] & 0xFF);
    return header[3];
  }

  /** Some request begins, and with it the selector knows who writes. */
  private void begins(GrpcSelector selector) {
    HttpPrologue prologue = HttpPrologue.create("HTTP/2.0", "HTTP", "2.0", Method.GET, "/", true);
    selector.subProtocol(
        proxy(ConnectionContext.class),
        prologue,
        Http2Headers.create(WritableHeaders.create()),
        proxy(Http2StreamWriter.class),
        3,
        Http2Settings.create(),
        Http2Settings.create(),
        null,
        Http2StreamState.OPEN,
        null);
  }

  private <T> T proxy(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (_, _, arguments) -> {
              if (arguments != null && arguments[0] instanceof Http2FrameData frame) {
                assertThat(frame.header().type()).isEqualTo(Http2FrameType.WINDOW_UPDATE);
                assertThat(frame.header().streamId()).isZero();
                givenBack.add(frame.data().readInt32());
              }
              return null;
            }));
  }
}

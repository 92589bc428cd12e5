package dev.lathe.server.grpc;

import dev.lathe.server.Endings;
import dev.lathe.server.PassedContext;
import dev.lathe.server.Rounds;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;

/**
 * HTTP/2 connections of which some requests are gRPC calls; the others go to the doors' routes. A
 * connection that ends, however it does, ends its calls.
 */
final class GrpcConnections implements ServerConnectionSelector {
  private final Http2Config config;
  private final GrpcCalls calls;
  private final Rounds rounds;
  private final Endings endings;

  /**
   * Connections for calls.
   *
   * @param config limits of HTTP/2
   * @param calls what is called
   * @param rounds has each connection looked at
   * @param endings counts what is ended
   */
  GrpcConnections(Http2Config config, GrpcCalls calls, Rounds rounds, Endings endings) {
    this.config = config;
    this.calls = calls;
    this.rounds = rounds;
    this.endings = endings;
  }

  private GrpcSelector unwatched() {
    return new GrpcSelector(calls, new FrameWatch(rounds.patience(), endings));
  }

  @Override
  public int bytesToIdentifyConnection() {
    return selector(unwatched()).bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return selector(unwatched()).supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return Set.of("h2");
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    GrpcSelector selector = unwatched();
    Context watched = new Context(context, selector);
    rounds.watch(context.remotePeer().address(), selector.watch());
    return new Connection(selector(selector).connection(watched), selector);
  }

  private Http2ConnectionSelector selector(GrpcSelector selector) {
    return Http2ConnectionSelector.builder()
        .http2Config(config)
        .addSubProtocolSelector(selector)
        .build();
  }

  private record Connection(ServerConnection inner, GrpcSelector selector)
      implements ServerConnection, InterruptableTask<Void> {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        inner.handle(limit);
      } finally {
        selector.lost();
      }
    }

    @Override
    public Duration idleTime() {
      return inner.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      inner.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
      return inner instanceof InterruptableTask<?> task && task.canInterrupt();
    }
  }

  /** A connection read by {@link ReceivedFrames} and written by {@link SentFrames}. */
  private static final class Context extends PassedContext {
    private final DataReader reader;
    private final SentFrames writer;

    Context(ConnectionContext inner, GrpcSelector calls) {
      super(inner);
      this.writer = new SentFrames(inner.dataWriter(), calls.watch(), calls);
      this.reader = ReceivedFrames.over(inner.dataReader(), calls, writer);
      calls.watch().endedBy(writer);
    }

    @Override
    public DataWriter dataWriter() {
      return writer;
    }

    @Override
    public DataReader dataReader() {
      return reader;
    }
  }
}

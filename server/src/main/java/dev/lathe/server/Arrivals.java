package dev.lathe.server;

import io.helidon.common.socket.SocketOptions;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends connections whose clients take too long: to finish a handshake, to send a request's headers
 * or the next part of a body, or to ask again. A client that sends a byte now and then is not
 * waited for either: headers have one deadline for all of them, and a body must come at 1 KiB a
 * second or more once it has taken ten seconds. What a client has sent in time is not held against
 * it when this server is too busy to read it.
 *
 * <p>HTTP/1.1 only; what is found to be HTTP/2 has limits of its own and is left alone.
 */
final class Arrivals implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Arrivals.class.getName());
  private static final Duration ROUND = Duration.ofMillis(250);
  private static final Duration REPRIEVE = Duration.ofSeconds(1);
  private static final long GRACE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long LEAST_BYTES_PER_SECOND = 1024;
  private static final long NEVER = Long.MAX_VALUE;

  private final Patience patience;
  private final long begin = System.nanoTime();
  private final Map<SocketAddress, Arrival> open = new ConcurrentHashMap<>();
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lathe-arrivals").factory());

  /** A connection, and when its client must have sent more. */
  private static final class Arrival {
    private final SocketChannel channel;
    private final AtomicLong deadline;
    private volatile boolean readAhead;

    Arrival(SocketChannel channel, long deadline) {
      this.channel = channel;
      this.deadline = new AtomicLong(deadline);
    }

    /**
     * Whether the client should have sent more by now. If it has, and nobody has read it, it is
     * this server that is late, and the client gets some more time.
     */
    private boolean isLate(long now) {
      long expected = deadline.get();
      if (expected >= now) {
        return false;
      }
      try {
        if (channel.socket().getInputStream().available() == 0) {
          return true;
        }
      } catch (IOException e) {
        return true;
      }
      deadline.compareAndSet(expected, now + REPRIEVE.toNanos());
      return false;
    }
  }

  Arrivals(Patience patience) {
    this.patience = patience;
    rounds.scheduleWithFixedDelay(
        this::look, ROUND.toNanos(), ROUND.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Nanoseconds since this was made, so that a deadline can be compared. */
  private long in(Duration time) {
    return System.nanoTime() - begin + time.toNanos();
  }

  private void look() {
    long now = System.nanoTime() - begin;
    open.forEach(
        (address, arrival) -> {
          if (arrival.isLate(now)) {
            close(arrival.channel);
          }
          if (!arrival.channel.isOpen()) {
            open.remove(address, arrival);
          }
        });
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a connection that took too long cannot be closed", e);
    }
  }

  private void accepted(SocketChannel channel) {
    try {
      open.put(channel.getRemoteAddress(), new Arrival(channel, in(patience.header())));
    } catch (IOException e) {
      close(channel);
    }
  }

  /**
   * Gives reads from a client a limit of time, until its next request begins. Who reads ahead, to
   * see whether the client is still there, takes a connection without one for closed after a tenth
   * of a second; all other reads are better off without, because each would set an alarm.
   *
   * @return false if no such client is connected
   */
  boolean readAhead(SocketAddress address) {
    Arrival arrival = open.get(address);
    return arrival != null && (arrival.readAhead || limitReads(arrival, ClientWatch.LONGEST_WAIT));
  }

  private static boolean limitReads(Arrival arrival, Duration limit) {
    try {
      arrival.channel.socket().setSoTimeout(Math.toIntExact(limit.toMillis()));
      arrival.readAhead = !limit.isZero();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void begun(SocketAddress address) {
    Arrival arrival = open.get(address);
    if (arrival != null) {
      arrival.deadline.set(in(patience.header()));
      if (arrival.readAhead) {
        limitReads(arrival, Duration.ZERO);
      }
    }
  }

  private void expect(SocketAddress address, long deadline) {
    Arrival arrival = open.get(address);
    if (arrival != null) {
      arrival.deadline.set(deadline);
    }
  }

  /** Connections of another protocol, which are not looked at once they are known to be some. */
  ServerConnectionSelector letting(ServerConnectionSelector others) {
    return new PassingSelector(
        others,
        context -> {
          open.remove(context.remotePeer().address());
          return context;
        });
  }

  /** What the web server does with each new connection; with our look at it. */
  SocketOptions options(SocketOptions options) {
    return new Noticed(options, this);
  }

  /** Learns how far a request has come; for the web server. */
  Http1ConnectionListener listener() {
    return new Http1ConnectionListener() {
      @Override
      public void prologue(ConnectionContext context, HttpPrologue prologue) {
        begun(context.remotePeer().address());
      }

      @Override
      public void headers(ConnectionContext context, Headers headers) {
        expect(context.remotePeer().address(), NEVER);
      }
    };
  }

  /** Lays a limit of time over the body of each request, and over what follows the answer. */
  void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    SocketAddress address = request.remotePeer().address();
    request.streamFilter(in -> new Timed(in, address));
    try {
      chain.proceed();
    } finally {
      expect(address, in(patience.idle()));
    }
  }

  @Override
  public void close() {
    rounds.shutdownNow();
  }

  private final class Timed extends FilterInputStream {
    private final SocketAddress address;
    private final long start = System.nanoTime();
    private long bytes;

    Timed(InputStream in, SocketAddress address) {
      super(in);
      this.address = address;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      int read = read(one, 0, 1);
      return read < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      long waited = System.nanoTime() - start;
      if (waited > GRACE_NANOS && bytes < waited / 1_000_000_000 * LEAST_BYTES_PER_SECOND) {
        throw new IOException(
            "the body comes too slowly: " + bytes + " bytes in " + waited + " ns");
      }
      expect(address, in(patience.body()));
      try {
        int read = in.read(into, offset, length);
        bytes += Math.max(0, read);
        return read;
      } finally {
        expect(address, NEVER);
      }
    }
  }

  /** Options of connections that tell of each. */
  private record Noticed(SocketOptions inner, Arrivals arrivals) implements SocketOptions {
    @Override
    public void configureSocket(SocketChannel channel) {
      inner.configureSocket(channel);
      arrivals.accepted(channel);
    }

    @Override
    public Map<java.net.SocketOption<?>, Object> socketOptions() {
      return inner.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
      return inner.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
      return inner.readTimeout();
    }

    @Override
    public java.util.Optional<Integer> socketReceiveBufferSize() {
      return inner.socketReceiveBufferSize();
    }

    @Override
    public java.util.Optional<Integer> socketSendBufferSize() {
      return inner.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
      return inner.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
      return inner.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
      return inner.tcpNoDelay();
    }
  }
}

package dev.lathe.server;

import dev.lathe.server.Endings.Reason;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends connections whose clients take too long: to finish a handshake, to send a request's headers
 * or the next part of a body, to ask again, or to read an answer. A client that sends or reads a
 * byte now and then is not waited for either: headers have one deadline for all of them, and bodies
 * and answers must come to a number of bytes a second. What a client has sent in time is not held
 * against it when this server is too busy to read it.
 *
 * <p>Of a connection of HTTP/2, what is read is looked at by who knows its frames.
 */
final class Arrivals implements Rounds, AutoCloseable {
  private static final long NEVER = Arrival.NEVER;

  private final Patience patience;
  private final Endings endings = new Endings();
  private final AddressCounts addresses;
  private final long begin = System.nanoTime();
  private final Map<SocketAddress, Arrival> open = new ConcurrentHashMap<>();
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lathe-arrivals").factory());

  /**
   * No connections yet.
   *
   * @param patience how long clients may take
   * @param addresses how many connections each address may have
   */
  Arrivals(Patience patience, AddressCounts addresses) {
    this.patience = patience;
    this.addresses = addresses;
    rounds.scheduleWithFixedDelay(
        this::look, EVERY.toNanos(), EVERY.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public Patience patience() {
    return patience;
  }

  /** Why connections and requests were ended. */
  Endings endings() {
    return endings;
  }

  /** Open connections. */
  int count() {
    return open.size();
  }

  /** Nanoseconds since this was made, so that a deadline can be compared. */
  private long in(Duration time) {
    return System.nanoTime() - begin + time.toNanos();
  }

  private void look() {
    long now = System.nanoTime() - begin;
    open.forEach(
        (address, arrival) -> {
          Optional<Reason> late = arrival.look(now, patience.sending());
          late.ifPresent(endings::ended);
          if (late.isPresent() || arrival.isToClose()) {
            arrival.close();
          }
          if (!arrival.channel().isOpen()) {
            forget(address, arrival);
          }
        });
  }

  private void forget(SocketAddress address, Arrival arrival) {
    if (open.remove(address, arrival)) {
      addresses.left(address);
    }
  }

  private void accepted(SocketChannel channel) {
    try {
      SocketAddress address = channel.getRemoteAddress();
      Arrival arrival = new Arrival(channel, in(patience.header()));
      Arrival before = open.put(address, arrival);
      if (before != null) {
        addresses.left(address);
      }
      if (!addresses.comes(address, this::forgetClosed)) {
        endings.ended(Reason.ADDRESS);
        open.remove(address, arrival);
        arrival.close();
      }
    } catch (IOException e) {
      Arrival.close(channel);
    }
  }

  private void forgetClosed() {
    open.forEach(
        (address, arrival) -> {
          if (!arrival.channel().isOpen()) {
            forget(address, arrival);
          }
        });
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
    return arrival != null
        && (arrival.isReadAhead() || limitReads(arrival, ClientWatch.LONGEST_WAIT));
  }

  private static boolean limitReads(Arrival arrival, Duration limit) {
    try {
      arrival.limitReads(limit);
      return true;
    } catch (SocketException e) {
      return false;
    }
  }

  private void begun(SocketAddress address) {
    Arrival arrival = open.get(address);
    if (arrival != null) {
      arrival.expect(in(patience.header()), Reason.HEADERS);
      arrival.begins();
      if (arrival.isReadAhead()) {
        limitReads(arrival, Duration.ZERO);
      }
    }
  }

  private void expect(SocketAddress address, long deadline, Reason otherwise) {
    Arrival arrival = open.get(address);
    if (arrival != null) {
      arrival.expect(deadline, otherwise);
    }
  }

  @Override
  public void watch(SocketAddress client, Watched connection) {
    Arrival arrival = open.get(client);
    if (arrival != null) {
      arrival.watchedBy(connection);
    }
  }

  /** Connections whose answers have a limit of time. */
  ServerConnectionSelector timed(ServerConnectionSelector selector) {
    return new PassingSelector(
        selector,
        context -> {
          Arrival arrival = open.get(context.remotePeer().address());
          return arrival == null ? context : new Timed(context, arrival);
        });
  }

  /** What the web server does with each new connection; with our look at it. */
  SocketOptions options(SocketOptions options) {
    return new NoticedOptions(options, this::accepted);
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
        expect(context.remotePeer().address(), NEVER, Reason.HEADERS);
      }
    };
  }

  /** Lays a limit of time over the body of each request, and over what follows the answer. */
  void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    Optional<StreamRequest> stream = StreamRequest.current();
    if (stream.isPresent()) {
      StreamRequest known = stream.get();
      request.streamFilter(in -> new TimedBody(in, new OfStream(known)));
      try {
        chain.proceed();
      } finally {
        known.isDone();
      }
      return;
    }
    SocketAddress address = request.remotePeer().address();
    request.streamFilter(in -> new TimedBody(in, new OfConnection(address)));
    try {
      chain.proceed();
    } finally {
      expect(address, in(patience.idle()), Reason.IDLE);
    }
  }

  @Override
  public void close() {
    rounds.shutdownNow();
  }

  /** Waits for the body of a request of HTTP/1.1. */
  private final class OfConnection implements TimedBody.Wait {
    private final SocketAddress address;

    OfConnection(SocketAddress address) {
      this.address = address;
    }

    @Override
    public void begins() {
      expect(address, in(patience.body()), Reason.BODY);
    }

    @Override
    public void ends() {
      expect(address, NEVER, Reason.BODY);
    }

    @Override
    public boolean isTooSlow(long nanos, long bytes) {
      boolean slow = patience.sending().isTooSlow(nanos, bytes);
      if (slow) {
        endings.ended(Reason.RATE);
      }
      return slow;
    }
  }

  /** Waits for the body of a request of HTTP/2. */
  private static final class OfStream implements TimedBody.Wait {
    private final StreamRequest stream;

    OfStream(StreamRequest stream) {
      this.stream = stream;
    }

    @Override
    public void begins() {
      stream.waits();
    }

    @Override
    public void ends() {
      stream.waited();
    }

    /** Who looks at the stream says so. */
    @Override
    public boolean isTooSlow(long nanos, long bytes) {
      return false;
    }
  }

  /** A connection whose answers have a limit of time. */
  private static final class Timed extends PassedContext {
    private final ConnectionContext inner;
    private final DataWriter writer;

    Timed(ConnectionContext inner, Arrival arrival) {
      super(inner);
      this.inner = inner;
      this.writer = new TimedWriter(inner.dataWriter(), arrival);
    }

    @Override
    public DataReader dataReader() {
      return inner.dataReader();
    }

    @Override
    public DataWriter dataWriter() {
      return writer;
    }
  }
}

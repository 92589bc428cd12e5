package dev.lathe.server;

import dev.lathe.serve.Cancellation;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a client has gone while its request waits, so that nobody computes for it. A thread
 * looks at the requests that have waited for a while; only their connections are read ahead, so
 * that short requests cost nothing. That is for HTTP/1.1, where one request at a time has a
 * connection; a client of HTTP/2 says what it gives up.
 */
public final class ClientWatch implements AutoCloseable {
  /** More than the longest that a request may wait. */
  static final Duration LONGEST_WAIT = Duration.ofHours(2);

  private static final Duration ROUND = Duration.ofMillis(50);

  private final Predicate<SocketAddress> readAhead;
  private final ThreadLocal<@Nullable ConnectionContext> connection = new ThreadLocal<>();
  private final Set<Watched> waiting = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lathe-clients").factory());

  /**
   * Begins to look.
   *
   * @param readAhead readies a client's connection to be read ahead; false if it has none
   */
  public ClientWatch(Predicate<SocketAddress> readAhead) {
    this.readAhead = readAhead;
    rounds.scheduleWithFixedDelay(
        this::look, ROUND.toNanos(), ROUND.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Learns whose connection a thread serves; for the web server. */
  Http1ConnectionListener listener() {
    return new Http1ConnectionListener() {
      @Override
      public void prologue(ConnectionContext context, HttpPrologue prologue) {
        connection.set(context);
      }
    };
  }

  /**
   * Watches the client of the request that the current thread handles. Its body must have been
   * read.
   *
   * @return the watch; the caller closes it before it reads from the connection again
   */
  public Watched watch() {
    Optional<StreamRequest> stream = StreamRequest.current();
    if (stream.isPresent()) {
      Watched told = new Watched(null);
      stream.get().whenGone(told.cancellation::cancel);
      return told;
    }
    Watched watched = new Watched(connection.get());
    waiting.add(watched);
    return watched;
  }

  private void look() {
    long now = System.nanoTime();
    for (Watched watched : waiting) {
      if (now - watched.since >= ROUND.toNanos()) {
        watched.look();
      }
    }
  }

  @Override
  public void close() {
    rounds.shutdownNow();
  }

  /** A request that waits for its answer. */
  public final class Watched implements AutoCloseable {
    private final @Nullable ConnectionContext client;
    private final Cancellation cancellation = new Cancellation();
    private final long since = System.nanoTime();
    private boolean ended;

    private Watched(@Nullable ConnectionContext client) {
      this.client = client;
    }

    /**
     * What is cancelled when the client is gone.
     *
     * @return the handle for the request's options
     */
    public Cancellation cancellation() {
      return cancellation;
    }

    /** Reads ahead from the connection, which ends where the client closed it. */
    private void look() {
      synchronized (this) {
        if (ended || client == null || isThere(client)) {
          return;
        }
        ended = true;
      }
      waiting.remove(this);
      cancellation.cancel();
    }

    private boolean isThere(ConnectionContext known) {
      if (!readAhead.test(known.remotePeer().address())) {
        return true;
      }
      known.serverSocket().idle();
      return known.serverSocket().isConnected();
    }

    /** Looks no more. */
    @Override
    public void close() {
      synchronized (this) {
        ended = true;
      }
      waiting.remove(this);
    }
  }
}

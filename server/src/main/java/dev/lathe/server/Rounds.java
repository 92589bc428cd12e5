package dev.lathe.server;

import java.net.SocketAddress;
import java.time.Duration;

/** Connections that are looked at several times a second, by one thread. */
public interface Rounds {
  /** How often each is looked at; times that clients take are counted in these. */
  Duration EVERY = Duration.ofMillis(250);

  /**
   * Has a connection of HTTP/2 looked at until it ends.
   *
   * @param client the connection's other end
   * @param connection what looks
   */
  void watch(SocketAddress client, Watched connection);

  /**
   * How long clients may take.
   *
   * @return the limits
   */
  Patience patience();

  /** A connection that knows what its client owes. */
  interface Watched {
    /**
     * Looks once; must not wait for anything.
     *
     * @return false if the connection is to be closed
     */
    boolean look();
  }
}

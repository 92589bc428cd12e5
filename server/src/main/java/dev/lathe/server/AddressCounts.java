package dev.lathe.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many connections each address has. A network of IPv6 that one subscriber gets, the first 64
 * bits, is one address.
 */
final class AddressCounts {
  private static final int SUBSCRIBER = 8;

  private final int most;
  private final boolean local;
  private final Map<InetAddress, Integer> counts = new ConcurrentHashMap<>();

  /**
   * Counts with a limit.
   *
   * @param configured the most for each address; 0 for three quarters of all, where connections
   *     from this machine, as from a proxy on it, may be all
   * @param all the most for all addresses together
   */
  AddressCounts(int configured, int all) {
    this.most = configured == 0 ? Math.max(1, all - all / 4) : configured;
    this.local = configured != 0;
  }

  /**
   * A connection comes.
   *
   * @param from its other end
   * @param forgetClosed what makes sure that only open ones are counted
   * @return false if the address has too many; it is not counted then
   */
  boolean comes(SocketAddress from, Runnable forgetClosed) {
    InetAddress address = address(from);
    if (address.isLoopbackAddress() && !local) {
      return true;
    }
    if (counts.merge(address, 1, Integer::sum) <= most) {
      return true;
    }
    forgetClosed.run();
    if (counts.getOrDefault(address, 0) <= most) {
      return true;
    }
    left(from);
    return false;
  }

  /** A connection that was counted is no more. */
  void left(SocketAddress from) {
    counts.computeIfPresent(address(from), (same, count) -> count == 1 ? null : count - 1);
  }

  private static InetAddress address(SocketAddress from) {
    InetAddress address =
        from instanceof InetSocketAddress known && known.getAddress() != null
            ? known.getAddress()
            : InetAddress.getLoopbackAddress();
    if (!(address instanceof Inet6Address) || address.isLoopbackAddress()) {
      return address;
    }
    byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), SUBSCRIBER), 16);
    try {
      return InetAddress.getByAddress(network);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}

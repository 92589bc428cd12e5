package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Whom a server may be reached by. Others than this machine reach it only where callers must say
 * who they are, and where nobody on the way can listen.
 */
final class Exposure {
  private static final System.Logger LOG = System.getLogger(Exposure.class.getName());

  private Exposure() {}

  /** The address to listen on, if that is allowed. */
  static InetAddress address(ServerConfig config) {
    InetAddress address = address(config.listen().host());
    if (address.isLoopbackAddress()) {
      return address;
    }
    if (!config.access().required()) {
      throw refused(config, "callers must say who they are: access.required: true");
    }
    if (!config.tls().on() && !config.tls().waived()) {
      throw refused(
          config,
          "TLS: tls.certificate and tls.key, or tls.waived: true where something in front of this"
              + " server has it");
    }
    if (!config.tls().on()) {
      LOG.log(
          Level.WARNING,
          "listening on "
              + config.listen().host()
              + " without TLS, as tls.waived says: who is on the way reads keys and data");
    }
    return address;
  }

  private static LatheException refused(ServerConfig config, String expected) {
    return new LatheException(
        ServerError.BAD_CONFIGURATION,
        "host \""
            + config.listen().host()
            + "\" is reachable from outside (expected: "
            + expected
            + "; or a loopback address such as 127.0.0.1)");
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new LatheException(
          ServerError.BAD_CONFIGURATION, "host \"" + host + "\": unknown name", e);
    }
  }
}

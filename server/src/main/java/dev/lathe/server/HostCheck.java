package dev.lathe.server;

import dev.lathe.ir.LatheException;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Refuses requests made for another host name than the loopback's or a configured one. A web page
 * whose name was made to resolve to 127.0.0.1 (DNS rebinding) carries its own name in {@code Host}
 * and so gets nothing. Refuses as well what a page of another origin has its browser send here
 * (cross-site request forgery): browsers say so in {@code Origin}, other clients do not send it.
 */
final class HostCheck implements Filter {
  /**
   * Systems connect to this machine by it, as clients that were given a listening address do. It is
   * no name, so that none can be made to resolve elsewhere.
   */
  private static final Set<String> UNSPECIFIED = Set.of("0.0.0.0", "[::]");

  private static final Pattern LOOPBACK = Pattern.compile("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

  private final Set<String> names;
  private final boolean any;

  private HostCheck(Set<String> names, boolean any) {
    this.names = names;
    this.any = any;
  }

  /**
   * A check for the names of a server. Where callers must say who they are, a foreign page gains
   * nothing by a name: it has no key, and the browser keeps the cookie for our own name.
   */
  static HostCheck of(ServerConfig config) {
    Set<String> names = new HashSet<>();
    config.listen().names().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return new HostCheck(Set.copyOf(names), names.isEmpty() && config.access().required());
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String host = request.headers().first(HeaderNames.HOST).orElse("");
    requireKnown(host);
    String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
    if (!origin.isEmpty() && !isOwn(origin, host)) {
      throw new LatheException(
          ServerError.WRONG_HOST, "origin \"" + origin + "\" (expected: this server's own pages)");
    }
    chain.proceed();
  }

  /** Refuses a host that is none of ours. */
  void requireKnown(String host) {
    String name = named(host);
    if (!any && !isLoopback(host) && !UNSPECIFIED.contains(name) && !names.contains(name)) {
      throw new LatheException(
          ServerError.WRONG_HOST,
          "host \"" + host + "\" (expected: localhost, 127.0.0.1 or a name of listen.names)");
    }
  }

  static boolean isLoopback(String hostAndPort) {
    String host = withoutPort(hostAndPort);
    return host.equalsIgnoreCase("localhost")
        || host.equals("[::1]")
        || host.equals("127.0.0.1")
        || LOOPBACK.matcher(host).matches();
  }

  static boolean isOwn(String origin, String host) {
    return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
  }

  private static String named(String hostAndPort) {
    return withoutPort(hostAndPort).toLowerCase(Locale.ROOT);
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }
}

package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.server.access.AskedTimeout;
import dev.lathe.server.grpc.GrpcDoor;
import dev.lathe.server.observe.Departures;
import dev.lathe.server.observe.Leaving;
import dev.lathe.server.tls.ServerTls;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The running server: doors over one data directory, on one port. */
public final class LatheServer implements AutoCloseable {
  private static final String GRPC = "grpc";

  private final WebServer web;
  private final Wiring wiring;
  private final InetAddress bound;
  private final List<RouteBook.Entry> routes;
  private final Duration delay;

  private LatheServer(WebServer web, Wiring wiring, ServerConfig config, RouteBook routing) {
    this.routes = routing.entries();
    this.web = web;
    this.wiring = wiring;
    this.bound = Exposure.address(config);
    this.delay = config.operation().shutdown().delay();
  }

  /**
   * Starts a server; it answers when this returns.
   *
   * @param config where and how
   * @param more doors of the program that embeds this server
   * @return the server, to be closed
   * @throws LatheException BAD_CONFIGURATION if the server would be open to others, PORT_IN_USE if
   *     another process listens on the port
   */
  public static LatheServer start(ServerConfig config, Door... more) {
    InetAddress host = Exposure.address(config);
    requireFree(host, config.listen().port());
    config.listen().grpcPort().ifPresent(port -> requireFree(host, port));
    Wiring wiring = Wiring.of(config);
    boolean complete = false;
    try {
      List<Door> doors = new ArrayList<>(wiring.doors());
      doors.addAll(List.of(more));
      RouteBook routing = new RouteBook(new Guard(wiring.access()));
      routing.addFilter(wiring.arrivals()::filter);
      routing.addFilter(wiring.filter());
      routing.addFilter(new Leaving(wiring.health()));
      fill(routing, limit(config, wiring.bodies()), config, doors);
      WebServer web = web(config, host, routing, wiring);
      Departures.keepQuiet();
      web.start();
      if (!web.isRunning()) {
        throw portInUse(host, config.listen().port(), null);
      }
      complete = true;
      return new LatheServer(web, wiring, config, routing);
    } finally {
      if (!complete) {
        wiring.close();
      }
    }
  }

  /**
   * Where the server listens.
   *
   * @return an address with the real port
   */
  public URI address() {
    String host = bound.getHostAddress();
    boolean secure = web.hasTls();
    return URI.create(
        (secure ? "https://" : "http://")
            + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
            + ":"
            + web.port());
  }

  /**
   * Where gRPC is served alone.
   *
   * @return the real port; empty if none was configured
   */
  public OptionalInt grpcPort() {
    int port = web.port(GRPC);
    return port < 0 ? OptionalInt.empty() : OptionalInt.of(port);
  }

  /** All methods of gRPC, with the rights that they take. */
  Map<String, Right> rpcs() {
    return wiring.grpc().methods();
  }

  /** Calls of gRPC that go on. */
  int underway() {
    return wiring.grpc().underway();
  }

  /** All routes of all doors. */
  List<RouteBook.Entry> routes() {
    return routes;
  }

  /**
   * Says that the server is not ready, answers on for the configured delay, then stops accepting,
   * lets requests in flight finish for the configured grace, and closes all parts. The delay ends
   * early where the calling thread is interrupted.
   */
  @Override
  public void close() {
    wiring.health().drain(delay);
    // Jobs first: whoever follows one hears how it ended, and no stream holds up the rest.
    wiring.stopJobs();
    wiring.grpc().close();
    web.stop();
    wiring.close();
  }

  private static void fill(
      RouteBook routing, BodyLimit limit, ServerConfig config, List<Door> doors) {
    routing.addFilter(HostCheck.of(config));
    routing.addFilter(ReceivedBody::filter);
    routing.addFilter(limit);
    routing.addFilter(AskedTimeout::filter);
    doors.forEach(door -> door.routes(routing));
  }

  private static BodyLimit limit(ServerConfig config, BodyBudget bodies) {
    return new BodyLimit(config.openAi().files().maxBytes(), bodies);
  }

  private static WebServer web(
      ServerConfig config, InetAddress host, RouteBook routing, Wiring wiring) {
    WebServerConfig.Builder web =
        listening(WebServer.builder(), config, wiring)
            .address(host)
            .port(config.listen().port())
            .shutdownHook(false)
            .routing(routing.finished());
    config
        .listen()
        .grpcPort()
        .ifPresent(
            port ->
                web.putSocket(
                    GRPC, socket -> listening(socket, config, wiring).address(host).port(port)));
    return web.build();
  }

  private static SocketOptions options() {
    return SocketOptions.builder().tcpNoDelay(true).buildPrototype();
  }

  /** HTTP/1.1 without a way up to HTTP/2: clients of HTTP/2 begin with it. */
  private static ServerConnectionSelector http1(ServerConfig config, Wiring wiring) {
    Received watching = new Received(wiring.arrivals().listener(), wiring.clients().listener());
    Received listener = new Received(LongReads.listener(), watching);
    return wiring
        .arrivals()
        .timed(
            LongReads.over(
                Http1ConnectionSelector.builder()
                    .config(
                        Http1Config.builder()
                            .maxHeadersSize(config.patience().maxHeaderBytes())
                            .addReceiveListener(listener)
                            .build())
                    .build()));
  }

  /** What holds for every port. */
  private static <B extends ListenerConfig.BuilderBase<B, ?>> B listening(
      B socket, ServerConfig config, Wiring wiring) {
    socket
        .shutdownGracePeriod(config.operation().shutdown().grace())
        .maxPayloadSize(
            Math.max(2 * config.limits().maxBodyBytes(), limit(config, wiring.bodies()).most()))
        .maxTcpConnections(config.limits().maxConnections())
        // Only such a socket can be read ahead while its request waits. With TLS it would not ask
        // for clients' certificates.
        .useNio(config.tls().on())
        .connectionOptions(wiring.arrivals().options(options()))
        .protocolsDiscoverServices(false)
        .addProtocol(GrpcDoor.http2(config.patience().sending().write()))
        .addConnectionSelector(
            wiring
                .arrivals()
                .timed(wiring.grpc().connections(wiring.arrivals(), wiring.arrivals().endings())))
        .addConnectionSelector(http1(config, wiring))
        .contentEncoding(Inflating.context())
        .errorHandling(ErrorHandling.builder().includeEntity(true).build())
        .directHandlers(ErrorMapping.direct());
    if (config.tls().on()) {
      socket.tls(ServerTls.of(config.tls()));
    }
    return socket;
  }

  /** The web server only logs when it cannot bind; asking first gives the caller a reason. */
  private static void requireFree(InetAddress host, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw portInUse(host, port, e);
    }
  }

  private static LatheException portInUse(InetAddress host, int port, @Nullable Exception cause) {
    return new LatheException(
        ServerError.PORT_IN_USE,
        "port "
            + port
            + " on "
            + host.getHostAddress()
            + " is in use (choose another with --port, or 0 for any free one)",
        cause);
  }
}

package dev.lathe.server;

import dev.lathe.registry.Registry;
import dev.lathe.registry.Serving;
import dev.lathe.serve.Tuned;
import dev.lathe.server.config.ServerSettings;
import dev.lathe.server.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a server is set up.
 *
 * @param data the data directory: registry, jobs
 * @param listen where it listens
 * @param environment the environment that answers where a request names none
 * @param limits what a request may take
 * @param access who is let in
 * @param tls how the way to it is protected
 * @param patience how long clients may take
 * @param operation how it is watched and stopped
 * @param openAi what the OpenAI API keeps for callers
 * @param text how text models are held in memory where their deployments say nothing else
 */
public record ServerConfig(
    Path data,
    Listen listen,
    String environment,
    Limits limits,
    AccessConfig access,
    TlsSettings tls,
    Patience patience,
    OperationConfig operation,
    OpenAiConfig openAi,
    Serving.Text text) {
  private static final int MEBIBYTE = 1 << 20;

  /**
   * Checks the environment's name.
   *
   * @throws dev.lathe.ir.LatheException BAD_NAME if no environment can have that name
   */
  public ServerConfig {
    Registry.requireEnvironment(environment);
  }

  /**
   * Reads a configuration.
   *
   * @param data the data directory
   * @param sources where the rest comes from
   * @return the configuration
   * @throws dev.lathe.ir.LatheException BAD_CONFIGURATION that says where and what is expected, for
   *     an unknown key or a value that is none
   */
  public static ServerConfig read(Path data, ConfigSources sources) {
    Settings all = ServerSettings.read(sources);
    return new ServerConfig(
        data,
        Listen.of(all.section("listen")),
        all.section("serving").text("environment"),
        Limits.of(all.section("limits")),
        AccessConfig.of(all.section("access")),
        TlsSettings.of(all.section("tls")),
        Patience.of(all.section("limits")),
        OperationConfig.of(all, sources.variables()),
        OpenAiConfig.of(all.section("openai")),
        text(all));
  }

  private static Serving.Text text(Settings all) {
    Settings section = all.section("text");
    Optional<Long> cache = optional(section, "cache");
    long memory = all.section("limits").whole("memory");
    if (cache.isPresent() && cache.get() % MEBIBYTE != 0) {
      throw section.bad("cache", cache.get() + " bytes (expected: whole MiB)");
    }
    if (cache.isPresent() && memory > 0 && cache.get() > memory) {
      throw section.bad(
          "cache", cache.get() + " bytes (expected: at most limits.memory, " + memory + " bytes)");
    }
    return new Serving.Text(
        Optional.of(section.text("weights")),
        optional(section, "slots").map(Math::toIntExact),
        optional(section, "context").map(Math::toIntExact),
        cache.map(bytes -> Math.toIntExact(bytes / MEBIBYTE)));
  }

  private static Optional<Long> optional(Settings section, String key) {
    return section.has(key) ? Optional.of(section.whole(key)) : Optional.empty();
  }

  /**
   * A server on loopback with default limits that serves environment {@code prod}.
   *
   * @param data the data directory
   * @param port the port; 0 takes any free one
   * @return the configuration
   */
  public static ServerConfig of(Path data, int port) {
    ServerConfig usual = read(data, ConfigSources.NONE);
    return usual.with(new Listen(usual.listen.host(), port));
  }

  /**
   * This configuration with another place to listen.
   *
   * @param other the place
   * @return a new configuration
   */
  public ServerConfig with(Listen other) {
    return new ServerConfig(
        data, other, environment, limits, access, tls, patience, operation, openAi, text);
  }

  /**
   * This configuration with other limits.
   *
   * @param other the limits
   * @return a new configuration
   */
  public ServerConfig with(Limits other) {
    return new ServerConfig(
        data, listen, environment, other, access, tls, patience, operation, openAi, text);
  }

  /**
   * This configuration with other access.
   *
   * @param other who is let in
   * @return a new configuration
   */
  public ServerConfig with(AccessConfig other) {
    return new ServerConfig(
        data, listen, environment, limits, other, tls, patience, operation, openAi, text);
  }

  /**
   * This configuration with other TLS.
   *
   * @param other how the way to the server is protected
   * @return a new configuration
   */
  public ServerConfig with(TlsSettings other) {
    return new ServerConfig(
        data, listen, environment, limits, access, other, patience, operation, openAi, text);
  }

  /**
   * This configuration with another operation.
   *
   * @param other how the server is watched and stopped
   * @return a new configuration
   */
  public ServerConfig with(OperationConfig other) {
    return new ServerConfig(
        data, listen, environment, limits, access, tls, patience, other, openAi, text);
  }

  /**
   * This configuration with other bounds of what is kept for callers.
   *
   * @param other the bounds
   * @return a new configuration
   */
  public ServerConfig with(OpenAiConfig other) {
    return new ServerConfig(
        data, listen, environment, limits, access, tls, patience, operation, other, text);
  }

  /**
   * Where a server listens: section {@code listen}.
   *
   * @param host the address to listen on; others than loopback only with access control and TLS
   * @param port the port; 0 takes any free one
   * @param grpcPort a port for gRPC alone, beside the other; 0 takes any free one
   * @param names what callers may call this machine; any if empty and access control is on
   * @param serverName what clients are told that this server is
   */
  public record Listen(
      String host, int port, OptionalInt grpcPort, List<String> names, String serverName) {
    /** Copies the names. */
    public Listen {
      names = List.copyOf(names);
    }

    /**
     * A place to listen, without names.
     *
     * @param host the address to listen on
     * @param port the port; 0 takes any free one
     */
    public Listen(String host, int port) {
      this(host, port, OptionalInt.empty(), List.of(), "lathe");
    }

    /**
     * This place with another port for gRPC alone.
     *
     * @param other the port; 0 takes any free one
     * @return a new place
     */
    public Listen withGrpcPort(int other) {
      return new Listen(host, port, OptionalInt.of(other), names, serverName);
    }

    static Listen of(Settings section) {
      return new Listen(
          section.text("host"),
          section.small("port"),
          section.has("grpc_port")
              ? OptionalInt.of(section.small("grpc_port"))
              : OptionalInt.empty(),
          section.texts("names"),
          section.text("server_name"));
    }
  }

  /**
   * What requests may take: section {@code limits}.
   *
   * @param maxBodyBytes the largest body, also once inflated
   * @param queueCapacity requests that may wait for one model
   * @param maxBatchRows rows that are joined into one run
   * @param maxDelay how long a batch may wait for more rows; zero joins only what waits already,
   *     measured it depends on the load
   * @param timeout how long a request may wait where it names no deadline of its own
   * @param maxConnections open connections
   * @param versionCache versions kept loaded that no environment follows
   * @param memoryBytes what all models together may take; 0 for half of the machine's memory
   * @param adapters adapters in memory beside each text model
   * @param maxPerAddress open connections from one address; 0 for three quarters of all, and any
   *     number from this machine
   * @param maxBodies bytes of all bodies in memory together; 0 for eight of the largest, at most
   *     half of the heap
   */
  public record Limits(
      long maxBodyBytes,
      int queueCapacity,
      int maxBatchRows,
      Tuned<Duration> maxDelay,
      Duration timeout,
      int maxConnections,
      int versionCache,
      long memoryBytes,
      int adapters,
      int maxPerAddress,
      long maxBodies) {
    static Limits of(Settings section) {
      return new Limits(
          section.whole("max_body"),
          section.small("queue_capacity"),
          section.small("max_batch_rows"),
          section.spanUnlessAuto("max_delay").map(Tuned::fixed).orElse(Tuned.auto()),
          section.span("timeout"),
          section.small("max_connections"),
          section.small("version_cache"),
          section.whole("memory"),
          section.small("adapters"),
          section.small("max_connections_per_address"),
          section.whole("max_bodies"));
    }

    /**
     * Limits for a small machine: the standard values.
     *
     * @return 64 MiB bodies, 256 waiting requests, 64 rows, a measured delay, 30 s, 1024
     *     connections, 4 versions, half of the memory
     */
    public static Limits defaults() {
      return of(ServerSettings.read(ConfigSources.NONE).section("limits"));
    }
  }
}

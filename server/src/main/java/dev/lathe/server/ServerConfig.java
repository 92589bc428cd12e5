package dev.lathe.server;

import dev.lathe.registry.Registry;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a server is set up.
 *
 * @param data the data directory: registry, jobs
 * @param host the address to listen on; loopback only
 * @param port the port; 0 takes any free one
 * @param environment the environment that answers where a request names none
 * @param limits what a request may take
 */
public record ServerConfig(Path data, String host, int port, String environment, Limits limits) {
  /**
   * Checks the environment's name.
   *
   * @throws dev.lathe.ir.LatheException BAD_NAME if no environment can have that name
   */
  public ServerConfig {
    Registry.requireEnvironment(environment);
  }

  /**
   * What requests may take.
   *
   * @param maxBodyBytes the largest body, also once inflated
   * @param queueCapacity requests that may wait for one model
   * @param maxBatchRows rows that are joined into one run
   * @param maxDelay how long a batch may wait for more rows; zero joins only what waits already
   * @param timeout how long a request may wait where it names no deadline of its own
   * @param maxConnections open connections
   * @param versionCache versions kept loaded that no environment follows
   */
  public record Limits(
      long maxBodyBytes,
      int queueCapacity,
      int maxBatchRows,
      Duration maxDelay,
      Duration timeout,
      int maxConnections,
      int versionCache) {
    /**
     * Limits for a small machine.
     *
     * @return 64 MiB bodies, 256 waiting requests, 64 rows, no delay, 30 s, 1024 connections, 4
     *     versions
     */
    public static Limits defaults() {
      return new Limits(64L << 20, 256, 64, Duration.ZERO, Duration.ofSeconds(30), 1024, 4);
    }
  }

  /**
   * A server on loopback with default limits that serves environment {@code prod}.
   *
   * @param data the data directory
   * @param port the port; 0 takes any free one
   * @return the configuration
   */
  public static ServerConfig of(Path data, int port) {
    return new ServerConfig(data, "127.0.0.1", port, "prod", Limits.defaults());
  }

  /**
   * This configuration with other limits.
   *
   * @param other the limits
   * @return a new configuration
   */
  public ServerConfig with(Limits other) {
    return new ServerConfig(data, host, port, environment, other);
  }
}

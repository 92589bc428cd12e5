package dev.lathe.serve;

import com.sun.management.OperatingSystemMXBean;
import dev.lathe.ir.LatheException;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * How models are kept loaded.
 *
 * @param environment the environment whose models are loaded ahead of their first request
 * @param batching how requests wait and share runs
 * @param threads platform threads that run models, for all models together
 * @param versionCache versions kept loaded that were asked for by number
 * @param poll how often environments are looked at
 * @param retry how long a version that could not be loaded is left alone
 * @param memory bytes that all models together may take
 * @param text how text models are held in memory
 */
public record ServeOptions(
    String environment,
    BatchPolicy batching,
    int threads,
    int versionCache,
    Duration poll,
    Duration retry,
    long memory,
    TextSettings text) {
  /** Refuses numbers out of range. */
  public ServeOptions {
    if (memory < 1) {
      throw new LatheException(
          ServeError.BAD_OPTION, "memory " + memory + " (expected: at least 1 byte)");
    }
  }

  /**
   * Options with text models held as usual.
   *
   * @param environment the environment whose models are loaded ahead of their first request
   * @param batching how requests wait and share runs
   * @param threads platform threads that run models, for all models together
   * @param versionCache versions kept loaded that were asked for by number
   * @param poll how often environments are looked at
   * @param retry how long a version that could not be loaded is left alone
   * @param memory bytes that all models together may take
   */
  public ServeOptions(
      String environment,
      BatchPolicy batching,
      int threads,
      int versionCache,
      Duration poll,
      Duration retry,
      long memory) {
    this(environment, batching, threads, versionCache, poll, retry, memory, TextSettings.USUAL);
  }

  /** Half of the machine's memory, or of what the process may have of it. */
  private static long half() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(1, system.getTotalMemorySize() / 2)
        : Long.MAX_VALUE;
  }

  /** What models share. */
  TextSettings.Machine machine() {
    return new TextSettings.Machine(threads, memory);
  }

  /**
   * These options with another budget of memory.
   *
   * @param bytes what all models together may take
   * @return new options
   */
  public ServeOptions withMemory(long bytes) {
    return new ServeOptions(environment, batching, threads, versionCache, poll, retry, bytes, text);
  }

  /**
   * Options for this machine: one thread for each processor.
   *
   * @param environment the environment whose models are loaded ahead
   * @return the options
   */
  public static ServeOptions defaults(String environment) {
    int threads = Runtime.getRuntime().availableProcessors();
    return new ServeOptions(
        environment,
        BatchPolicy.defaults(),
        threads,
        4,
        Duration.ofMillis(250),
        Duration.ofSeconds(30),
        half());
  }

  /**
   * These options with another batching policy.
   *
   * @param policy the policy
   * @return new options
   */
  public ServeOptions with(BatchPolicy policy) {
    return new ServeOptions(environment, policy, threads, versionCache, poll, retry, memory, text);
  }

  /**
   * These options with another size of the cache of versions.
   *
   * @param versions versions kept loaded that were asked for by number
   * @return new options
   */
  public ServeOptions withVersionCache(int versions) {
    return new ServeOptions(environment, batching, threads, versions, poll, retry, memory, text);
  }

  /**
   * These options with text models held in another way.
   *
   * @param other how
   * @return new options
   */
  public ServeOptions with(TextSettings other) {
    return new ServeOptions(
        environment, batching, threads, versionCache, poll, retry, memory, other);
  }
}

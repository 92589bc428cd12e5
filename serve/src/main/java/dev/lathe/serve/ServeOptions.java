package dev.lathe.serve;

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
 */
public record ServeOptions(
    String environment,
    BatchPolicy batching,
    int threads,
    int versionCache,
    Duration poll,
    Duration retry) {
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
        Duration.ofSeconds(30));
  }

  /**
   * These options with another batching policy.
   *
   * @param policy the policy
   * @return new options
   */
  public ServeOptions with(BatchPolicy policy) {
    return new ServeOptions(environment, policy, threads, versionCache, poll, retry);
  }

  /**
   * These options with another size of the cache of versions.
   *
   * @param versions versions kept loaded that were asked for by number
   * @return new options
   */
  public ServeOptions withVersionCache(int versions) {
    return new ServeOptions(environment, batching, threads, versions, poll, retry);
  }
}

package dev.lathe.server;

import dev.lathe.server.config.Settings;
import java.time.Duration;

/**
 * How a server is watched and stopped.
 *
 * @param health section {@code health}
 * @param shutdown section {@code shutdown}
 */
public record OperationConfig(Health health, Shutdown shutdown) {
  static OperationConfig of(Settings all) {
    return new OperationConfig(
        Health.of(all.section("health")), Shutdown.of(all.section("shutdown")));
  }

  /**
   * How it is found out whether models answer.
   *
   * @param interval how often a model that nobody asked meanwhile is run; zero for never
   * @param timeout how long that run may take
   * @param wholeServer whether a live model that does not answer makes the server not ready
   */
  public record Health(Duration interval, Duration timeout, boolean wholeServer) {
    static Health of(Settings section) {
      return new Health(
          section.span("interval"),
          section.span("timeout"),
          section.text("server_ready").equals("all_models"));
    }
  }

  /**
   * How a server stops.
   *
   * @param delay how long it goes on answering after it said that it is not ready any more
   * @param grace how long requests in flight may take from then on
   */
  public record Shutdown(Duration delay, Duration grace) {
    static Shutdown of(Settings section) {
      return new Shutdown(section.span("delay"), section.span("grace"));
    }
  }
}

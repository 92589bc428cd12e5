package dev.lathe.server;

import dev.lathe.server.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a server is watched and stopped.
 *
 * @param health section {@code health}
 * @param shutdown section {@code shutdown}
 * @param accessLog section {@code access_log}
 * @param telemetry section {@code telemetry}
 */
public record OperationConfig(
    Health health, Shutdown shutdown, AccessLog accessLog, Telemetry telemetry) {
  static OperationConfig of(Settings all, Map<String, String> variables) {
    return new OperationConfig(
        Health.of(all.section("health")),
        Shutdown.of(all.section("shutdown")),
        AccessLog.of(all.section("access_log")),
        Telemetry.of(all.section("telemetry"), variables));
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

  /**
   * Where it is noted who asked what.
   *
   * @param file where; nowhere if empty
   * @param common whether in the Common Log Format instead of JSON
   * @param maxBytes the size at which a new file is begun
   * @param old how many full files are kept
   */
  public record AccessLog(Optional<Path> file, boolean common, long maxBytes, int old) {
    static AccessLog of(Settings section) {
      return new AccessLog(
          section.file("file"),
          section.text("format").equals("common"),
          section.whole("max_size"),
          section.small("old"));
    }
  }

  /**
   * Where traces go.
   *
   * @param endpoint the collector's address, without {@code /v1/traces}; empty for nowhere
   * @param sampleRatio how many of the traces that begin here are kept, 0 to 1; of one that began
   *     elsewhere it was decided there
   * @param headers sent along, by name
   */
  public record Telemetry(String endpoint, double sampleRatio, Map<String, String> headers) {
    private static final String VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /** Copies the headers. */
    public Telemetry {
      headers = Map.copyOf(headers);
    }

    static Telemetry of(Settings section, Map<String, String> variables) {
      String given = section.text("endpoint");
      Map<String, String> headers = new LinkedHashMap<>();
      for (String header : section.texts("headers")) {
        int equals = header.indexOf('=');
        headers.put(header.substring(0, equals).strip(), header.substring(equals + 1).strip());
      }
      String endpoint = given.isEmpty() ? variables.getOrDefault(VARIABLE, "") : given;
      if (!endpoint.isEmpty() && !endpoint.matches("https?://[^\\s/]+(/\\S*)?")) {
        throw section.bad("endpoint", "\"" + endpoint + "\" (expected: an http or https address)");
      }
      return new Telemetry(endpoint, section.real("sample_ratio"), headers);
    }

    /**
     * Where spans go.
     *
     * @return the full address
     */
    public String traces() {
      String base =
          endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
      return base.endsWith("/v1/traces") ? base : base + "/v1/traces";
    }
  }
}

package dev.lathe.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** The reference page of the metrics, made from what a server exports. */
final class MetricsPage {
  static final String FIX =
      "mvn -pl server -am test -Dtest=InferenceDoorTest -Ddocs.fix=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";
  static final String HEAD =
      """
      # Metrics

      `GET /metrics` answers in Prometheus' text format 0.0.4. Names that begin with `nv_` are
      Triton's and mean what they mean there, so that its dashboards work; those that begin with
      `lathe_` are ours; `vllm:num_requests_waiting`, `vllm:num_requests_running` and
      `vllm:kv_cache_usage_perc` are those of text models under vLLM's names, by which routers
      choose a server. Beside them are the virtual machine's own (`jvm_`, `process_`, `system_`),
      as Micrometer names them.

      Labels are only what the server itself has loaded: of versions that were closed the latest
      200 keep their figures, and a name that somebody makes up adds nothing.

      This page is made from what a server exports; write it anew with

          %s

      | name | type | what |
      | --- | --- | --- |
      """
          .formatted(FIX);

  private MetricsPage() {}

  static String row(PrometheusText.Family family) {
    return "| `" + family.name() + "` | " + family.type() + " | " + family.help() + " |\n";
  }

  static Path file() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
    }
    return folder.resolve("docs/reference/metrics.md");
  }
}

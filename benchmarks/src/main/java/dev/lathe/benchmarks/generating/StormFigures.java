package dev.lathe.benchmarks.generating;

import java.util.List;

/**
 * A server's metrics at one time.
 *
 * @param lines in Prometheus' text format
 */
record StormFigures(List<String> lines) {
  static StormFigures of(StormWire.Reply reply) {
    if (reply.status() != 200) {
      throw new IllegalStateException("/metrics: " + reply);
    }
    return new StormFigures(reply.body().lines().toList());
  }

  /** A figure of all that have it. */
  double sum(String name) {
    return of(name, "");
  }

  /** A figure of one version of the model that chats. */
  double of(String name, String version) {
    String label = version.isEmpty() ? "" : "version=\"" + version + "\"";
    String model = version.isEmpty() ? "" : "model=\"" + StormModels.CHAT + "\"";
    return lines.stream()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> line.contains(label) && line.contains(model))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Requests to text models that were taken and are not accounted for. */
  long lost() {
    double ended = sum("lathe_text_finished_total") + sum("lathe_text_failures_total");
    return (long) (sum("lathe_text_requests_total") - ended);
  }
}

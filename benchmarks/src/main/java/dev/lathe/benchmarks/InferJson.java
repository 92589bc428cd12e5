package dev.lathe.benchmarks;

import java.net.URI;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicLong;

/** JSON inference of an MLP beside a bare echo of the same body on the same server. */
final class InferJson {
  private static final int CONNECTIONS = 8;

  private InferJson() {}

  static Report run(Effort effort) {
    Report report =
        new Report(
            "JSON inference",
            "One request of 784 floats to an MLP 784-256-128-10, against a handler on the same"
                + " server that reads the same body and sends it back. The server is a process of"
                + " its own; the load comes from "
                + CONNECTIONS
                + " connections kept alive on the same machine. Reproduce: `benchmarks/run"
                + " infer`.");
    report.fact("pairs", effort.pairs() + " of " + effort.block().toMillis() + " ms each");
    String body = body();
    report.fact("request body", body.length() + " bytes");
    try (ServerProcess server = ServerProcess.start()) {
      Side infer = new Side(server, "/v2/models/bench/mlp/infer", body);
      Side echo = new Side(server, "/echo", body);
      double seconds = effort.block().toNanos() / 1e9;
      infer.warmUp(seconds * 3);
      echo.warmUp(seconds);
      Pairs rates =
          Pairs.measure(effort.pairs(), () -> echo.measure(seconds), () -> infer.measure(seconds));
      report.header("", "requests/s", "CPU per request, µs");
      report.row("infer", whole(rates.medianB()), infer.microsPerRequest());
      report.row("echo", whole(rates.medianA()), echo.microsPerRequest());
      report.row("infer ÷ echo, median (min–max)", rates.ratios(), "");
    }
    return report;
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String body() {
    SplittableRandom random = new SplittableRandom(3);
    StringJoiner numbers = new StringJoiner(",");
    for (int i = 0; i < ServerProcess.INPUTS; i++) {
      numbers.add(String.valueOf(Math.round(random.nextDouble() * 1e4) / 1e4));
    }
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,"
        + ServerProcess.INPUTS
        + "],\"datatype\":\"FP32\",\"data\":["
        + numbers
        + "]}]}";
  }

  /** One of the two routes, with the server's CPU time over all its measurements. */
  private static final class Side {
    private final ServerProcess server;
    private final Load load;
    private final AtomicLong nanos = new AtomicLong();
    private double requests;

    Side(ServerProcess server, String path, String body) {
      this.server = server;
      this.load = new Load(URI.create(server.address() + path), body, CONNECTIONS);
    }

    void warmUp(double seconds) {
      load.requestsPerSecond(seconds);
    }

    double measure(double seconds) {
      long before = server.cpu().toNanos();
      double rate = load.requestsPerSecond(seconds);
      nanos.addAndGet(server.cpu().toNanos() - before);
      requests += rate * seconds;
      return rate;
    }

    String microsPerRequest() {
      return String.format(Locale.ROOT, "%.0f", nanos.get() / 1e3 / requests);
    }
  }
}

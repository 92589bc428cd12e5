package dev.lathe.benchmarks.serving;

import static dev.lathe.benchmarks.serving.Scenario.text;

import dev.lathe.benchmarks.Report;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Models loaded and unloaded over and over, and more models than memory holds. */
public final class Cycles {
  private static final int MODELS = 50;
  private static final double MEBI = 1 << 20;

  /** Memory is read once in so many cycles. */
  private static final int STEP = 25;

  private Cycles() {}

  /**
   * Loads, asks and unloads one model many times; then asks many models under a small budget.
   *
   * @param cycles how often
   * @return the report
   */
  public static Report run(int cycles) {
    Report report =
        new Report(
            "Loading and unloading",
            "One model of 0.9 MB is loaded, asked and unloaded over and over by Triton's repository"
                + " extension, as often before as those that count; the server's resident"
                + " memory is read from `/proc` every 25 cycles, after a garbage collection. Then 50 models under a budget for about 10 are asked in turn. Every"
                + " answer is checked. Reproduce: `benchmarks/run cycles`.");
    report.header("", "expected", "measured");
    Known known = Known.of(MODELS);
    try (Store store = Store.temporary().with("mlp", Known.model(1));
        ServerProcess server = ServerProcess.start(store.data(), Map.of())) {
      cycles(server, known, cycles, report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (Store store = Store.temporary()) {
      for (int seed = 1; seed <= MODELS; seed++) {
        store.with("m" + seed, Known.model(seed));
      }
      budget(store, known, report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return report;
  }

  private static void cycles(ServerProcess server, Known known, int cycles, Report report)
      throws IOException {
    byte[] load = command("load");
    byte[] unload = command("unload");
    byte[] ask = Payload.json("/v2/models/bench/mlp/infer", Task.MLP.json()).wire("localhost");
    List<Double> resident = new ArrayList<>();
    int wrong = 0;
    try (Connection connection = new Connection(server.address())) {
      for (int i = -cycles; i < cycles; i++) {
        require(connection.exchange(load));
        Connection.Answer answer = connection.exchange(ask);
        wrong += answer.status() == 200 && known.fits(answer.body(), 1) ? 0 : 1;
        require(connection.exchange(unload));
        if (i >= 0 && i % STEP == 0) {
          server.process().collect();
          resident.add(server.process().residentBytes() / MEBI);
        }
      }
    }
    Line line = Line.through(resident);
    report.row(cycles + " cycles: wrong answers", "0", String.valueOf(wrong));
    report.row(
        "resident memory, KiB per cycle",
        "level",
        text("%.2f ± %.2f", line.slope() * 1024 / STEP, line.error() * 1024 / STEP));
    report.row(
        "resident MiB at the start, after a half, at the end",
        "",
        text(
            "%.0f, %.0f, %.0f",
            resident.getFirst(), resident.get(resident.size() / 2), resident.getLast()));
  }

  private static void budget(Store store, Known known, Report report) throws IOException {
    long one = 4L * (784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);
    try (ServerProcess server =
            ServerProcess.start(store.data(), Map.of("limits.memory", String.valueOf(12 * one)));
        Connection connection = new Connection(server.address())) {
      int wrong = 0;
      for (int round = 0; round < 3; round++) {
        for (int seed = 1; seed <= MODELS; seed++) {
          Payload ask = Payload.json("/v2/models/bench/m" + seed + "/infer", Task.MLP.json());
          Connection.Answer answer = connection.exchange(ask.wire("localhost"));
          wrong += answer.status() == 200 && known.fits(answer.body(), seed) ? 0 : 1;
        }
      }
      report.row(
          MODELS + " models, 3 rounds, budget of " + 12 * one / 1024 + " KiB: wrong or missing",
          "0",
          String.valueOf(wrong));
    }
  }

  private static byte[] command(String verb) {
    return Payload.json("/v2/repository/models/bench/mlp/" + verb, "{}").wire("localhost");
  }

  private static void require(Connection.Answer answer) throws IOException {
    if (answer.status() != 200) {
      throw new IOException(
          answer.status() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    }
  }
}

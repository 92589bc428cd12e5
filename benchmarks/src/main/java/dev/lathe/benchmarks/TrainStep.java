package dev.lathe.benchmarks;

import dev.lathe.transform.Adam;
import dev.lathe.transform.Optimizer;
import dev.lathe.transform.Sgd;
import java.util.List;
import java.util.Locale;

/** One training step of a multilayer perceptron, ours and PyTorch's in turn, one thread each. */
final class TrainStep {
  /**
   * One row of the table.
   *
   * @param sizes units of each layer, from the inputs to the classes
   * @param batch examples in a step
   * @param optimizer {@code sgd} or {@code adam}
   */
  record Work(List<Integer> sizes, int batch, String optimizer) {
    Optimizer rule() {
      return optimizer.equals("adam") ? Adam.standard() : Sgd.plain();
    }

    String name() {
      return "MLP " + String.join("-", sizes.stream().map(String::valueOf).toList());
    }
  }

  private static final List<Work> ROWS =
      List.of(
          new Work(List.of(20, 32, 16, 3), 8, "sgd"),
          new Work(List.of(20, 32, 16, 3), 8, "adam"),
          new Work(List.of(784, 200, 200, 10), 10, "sgd"),
          new Work(List.of(784, 200, 200, 10), 64, "sgd"),
          new Work(List.of(784, 200, 200, 10), 64, "adam"));

  private TrainStep() {}

  static Report run(Effort effort) {
    Report report =
        new Report(
            "Training step",
            "Milliseconds per step, cross-entropy, one thread; the ratio is PyTorch's time over"
                + " ours, so above 1 we are faster. Reproduce: `benchmarks/run train`.");
    report.fact("ONNX Runtime", "1.28.0");
    try (TorchPeer torch = TorchPeer.start(ROWS.getFirst())) {
      report.fact("PyTorch", torch.version());
    }
    report.fact("pairs", effort.pairs() + " of " + effort.block().toMillis() + " ms each");
    report.header("model", "batch", "optimizer", "Lathe, ms", "PyTorch, ms", "ratio (min–max)");
    for (Work work : ROWS) {
      row(report, work, effort);
    }
    return report;
  }

  private static void row(Report report, Work work, Effort effort) {
    double seconds = effort.block().toNanos() / 1e9;
    try (StepLoop ours = new StepLoop(work);
        TorchPeer torch = TorchPeer.start(work)) {
      Pairs pairs =
          Pairs.measure(
              effort.pairs(),
              () -> ours.millisPerStep(seconds),
              () -> torch.isThere() ? torch.millisPerStep(seconds) : Double.NaN);
      report.row(
          work.name(),
          String.valueOf(work.batch()),
          work.optimizer(),
          String.format(Locale.ROOT, "%.4f", pairs.medianA()),
          torch.isThere() ? String.format(Locale.ROOT, "%.4f", pairs.medianB()) : "not here",
          torch.isThere() ? pairs.ratios() : "–");
    }
  }
}

package dev.lathe.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One training step of each {@link Subject}, ours and PyTorch's in turn. */
final class TrainStep {
  private static final String SGD = "sgd";
  private static final String ADAM = "adam";

  private TrainStep() {}

  /** All rows, one thread first; a smoke run takes each model once. */
  private static List<Work> rows(Effort effort) {
    List<Work> rows = new ArrayList<>();
    for (int threads = 1; threads <= (effort == Effort.SMOKE ? 1 : 2); threads++) {
      rows.add(new Work(Subject.MLP_TINY, 8, SGD, threads));
      rows.add(new Work(Subject.MLP_TINY, 8, ADAM, threads));
      for (int batch : new int[] {10, 64}) {
        rows.add(new Work(Subject.MLP, batch, SGD, threads));
        rows.add(new Work(Subject.MLP, batch, ADAM, threads));
      }
      rows.add(new Work(Subject.CNN, 10, SGD, threads));
      rows.add(new Work(Subject.CNN, 64, SGD, threads));
      rows.add(new Work(Subject.CNN_BN, 64, ADAM, threads));
      rows.add(new Work(Subject.TRANSFORMER, 16, SGD, threads));
      rows.add(new Work(Subject.TRANSFORMER, 16, ADAM, threads));
      rows.add(new Work(Subject.LSTM, 32, SGD, threads));
      rows.add(new Work(Subject.RESNET8, 64, SGD, threads));
    }
    String only = System.getProperty("lathe.bench.only", "");
    rows.removeIf(row -> !row.toString().contains(only));
    return effort == Effort.SMOKE
        ? List.of(Subject.values()).stream().map(s -> new Work(s, 2, ADAM, 1)).toList()
        : rows;
  }

  static Report run(Effort effort) {
    Report report =
        new Report(
            "Training step",
            "Milliseconds per step, cross-entropy, and the most memory that the process ever had"
                + " resident; each side in a process of its own, in turn. The ratio is PyTorch's"
                + " time over ours, so above 1 we are faster; the ratio of processor time says the"
                + " same where other work on the machine takes turns with both. Reproduce:"
                + " `benchmarks/run train`.");
    report.fact("load before", Report.load());
    report.fact("ONNX Runtime", "1.28.0");
    report.fact("pairs", effort.pairs() + " of " + effort.block().toMillis() + " ms each");
    List<String[]> cells = new ArrayList<>();
    String version = "not here";
    for (Work work : rows(effort)) {
      double seconds = effort.block().toNanos() / 1e9;
      Optional<StepPeer> torch = StepPeer.torch(work);
      try (StepPeer ours = StepPeer.lathe(work)) {
        version = torch.map(StepPeer::version).orElse(version);
        Pairs pairs =
            Pairs.measure(
                effort.pairs(),
                () -> ours.millisPerStep(seconds),
                () -> torch.map(peer -> peer.millisPerStep(seconds)).orElse(Double.NaN));
        cells.add(row(work, pairs, ours, torch));
      } finally {
        torch.ifPresent(StepPeer::close);
      }
    }
    report.fact("PyTorch", version);
    report.fact("load after", Report.load());
    report.header(
        "model",
        "batch",
        "optimizer",
        "threads",
        "Lathe, ms",
        "PyTorch, ms",
        "ratio (min–max)",
        "ratio of CPU (min–max)",
        "Lathe, MiB",
        "PyTorch, MiB");
    cells.forEach(report::row);
    return report;
  }

  private static String[] row(Work work, Pairs pairs, StepPeer ours, Optional<StepPeer> torch) {
    return new String[] {
      work.subject().title(),
      String.valueOf(work.batch()),
      work.optimizer(),
      String.valueOf(work.threads()),
      number("%.4f", pairs.medianA()),
      number("%.4f", pairs.medianB()),
      torch.isPresent() ? pairs.ratios() : "–",
      torch.map(peer -> cpu(pairs.a().length, ours, peer).ratios()).orElse("–"),
      number("%.0f", ours.peakMebibytes()),
      number("%.0f", torch.map(StepPeer::peakMebibytes).orElse(Double.NaN))
    };
  }

  private static Pairs cpu(int pairs, StepPeer ours, StepPeer torch) {
    return new Pairs(ours.cpuMillisPerStep(pairs), torch.cpuMillisPerStep(pairs));
  }

  private static String number(String form, double value) {
    return Double.isNaN(value) ? "not here" : String.format(Locale.ROOT, form, value);
  }
}

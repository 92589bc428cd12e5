package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.Report;
import dev.lathe.ir.Model;
import dev.lathe.runtime.Cpu;
import dev.lathe.transform.WeightForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A decoder of random weights: how many tokens of prompts it reads and how many it writes in a
 * second, in each form of its weights, on one core.
 */
public final class Generate {
  private final Scale scale;
  private final int tries;
  private final Report report;

  private Generate(Scale scale, int tries) {
    this.scale = scale;
    this.tries = tries;
    this.report =
        new Report(
            "Reading and writing text",
            "A Llama of random weights on one thread: prompts of some length read at once, and texts"
                + " that grow side by side behind "
                + scale.begun()
                + " tokens, the likeliest token taken each time. Tokens a second, the best of "
                + tries
                + " tries. Forms and peers are measured in turn. Reproduce: `benchmarks/run"
                + " generate`.");
  }

  /**
   * Measures.
   *
   * @param scale how large and how long
   * @param tries how often each is measured; the best counts
   * @return the report
   */
  public static Report run(Scale scale, int tries) {
    try {
      Path folder = Files.createTempDirectory("lathe-generate");
      try {
        return new Generate(scale, tries).measure(folder);
      } finally {
        remove(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Report measure(Path folder) {
    boolean smoke = scale.equals(Scale.SMOKE);
    Ceiling ceiling = Ceiling.measure(smoke ? 256 : 2048, smoke ? 1 << 20 : 256 << 20);
    report.fact("ONNX Runtime", "1.28.0");
    report.fact("shape", scale.size() + ", vocabulary " + scale.vocabulary());
    report.fact("weights of projections", number(scale.weights() / 1e6) + " million");
    report.fact("memory read by one core", number(ceiling.bytesPerSecond() / 1e9) + " GB/s");
    report.fact(
        "bytes multiplied and added by one core, [M, K] = [K, N] = 2048²",
        number(ceiling.operationsPerSecond() / 1e9) + " GOP/s");
    report.fact("load before", Report.load());
    List<String> cells = new ArrayList<>(List.of("side", "weights, MB"));
    scale.prompts().forEach(prompt -> cells.add("prompt of " + prompt));
    scale.streams().forEach(streams -> cells.add(streams + (streams == 1 ? " text" : " texts")));
    cells.add("of the memory's speed, 1 text");
    cells.add("of the kernel's, longest prompt");
    report.header(cells.toArray(String[]::new));
    Model plain = RandomLlama.build(scale);
    List<Speeds> all = new ArrayList<>();
    for (WeightForm form : forms()) {
      try (OurSide side = new OurSide(plain, form, scale, folder)) {
        all.add(side.measure(tries));
        row("Lathe " + form, side.bytesPerStep(), all.getLast(), ceiling);
      }
    }
    for (LlamaCpp.Kind kind : LlamaCpp.Kind.values()) {
      Optional<Speeds> peer = LlamaCpp.measure(kind, scale, tries, folder);
      if (peer.isPresent()) {
        all.add(peer.get());
        row("llama.cpp " + kind, kind.bytes(scale.weights()), peer.get(), ceiling);
      } else {
        report.row("llama.cpp " + kind + " (not installed)");
      }
    }
    arrivals(plain, all, folder);
    return report;
  }

  /** Requests come as quickly as half of what the slowest side could do in the long run. */
  private void arrivals(Model plain, List<Speeds> all, Path folder) {
    double perSecond =
        all.stream()
                .mapToDouble(
                    speeds ->
                        1
                            / (scale.begun() / speeds.read().get(scale.begun())
                                + scale.steps() / speeds.written().get(scale.streams().getLast())))
                .min()
                .orElseThrow()
            / 2;
    Arrivals arrivals = Arrivals.of(scale.requests(), perSecond);
    report.section(
        "Requests at random times: "
            + scale.requests()
            + " prompts of "
            + scale.begun()
            + " tokens, "
            + scale.steps()
            + " tokens each, "
            + String.format(Locale.ROOT, "%.3f", perSecond)
            + " a second");
    report.header(
        "side",
        "first token, ms, half within",
        "99 of 100 within",
        "next token, ms, half within",
        "99 of 100 within");
    Path released = Arrivals.release(plain, folder);
    for (WeightForm form : forms().subList(0, 2)) {
      row("Lathe " + form, arrivals.ours(released, form, scale));
    }
    for (LlamaCpp.Kind kind : LlamaCpp.Kind.values()) {
      LlamaCpp.waits(kind, scale, arrivals, folder)
          .ifPresent(waits -> row("llama.cpp " + kind, waits));
    }
  }

  private void row(String side, Arrivals.Waits waits) {
    report.row(
        side,
        number(waits.first().half()),
        number(waits.first().most()),
        number(waits.next().half()),
        number(waits.next().most()));
  }

  private static List<WeightForm> forms() {
    return Cpu.current().multipliesBytesExactly()
        ? List.of(
            WeightForm.W8A8, WeightForm.INT4_BLOCK128, WeightForm.INT4_BLOCK32, WeightForm.INT8)
        : List.of(WeightForm.INT4_BLOCK128, WeightForm.INT4_BLOCK32, WeightForm.INT8);
  }

  private void row(String side, long bytes, Speeds speeds, Ceiling ceiling) {
    List<String> cells = new ArrayList<>(List.of(side, number(bytes / 1e6)));
    scale.prompts().forEach(prompt -> cells.add(number(speeds.read().get(prompt))));
    scale.streams().forEach(streams -> cells.add(number(speeds.written().get(streams))));
    double alone = speeds.written().get(scale.streams().getFirst());
    cells.add(number(100 * alone * bytes / ceiling.bytesPerSecond()) + " %");
    double longest = speeds.read().get(scale.prompts().getLast());
    cells.add(number(100 * longest * 2 * scale.weights() / ceiling.operationsPerSecond()) + " %");
    report.row(cells.toArray(String[]::new));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%.0f", value);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

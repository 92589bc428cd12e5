package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.Report;
import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextOptions;
import dev.lathe.generate.TextStream;
import dev.lathe.runtime.Cpu;
import dev.lathe.transform.WeightForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What the first token of an answer takes after a beginning that is computed, that a row holds, or
 * that comes from the store of beginnings.
 */
public final class Prefixes {
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
  private static final int TAIL = 8;

  private final Scale scale;
  private final int tries;
  private final Random random = new Random(3);

  private Prefixes(Scale scale, int tries) {
    this.scale = scale;
    this.tries = tries;
  }

  /**
   * Measures.
   *
   * @param scales decoders by what they are called
   * @param tries of which the middle one counts
   * @return the report
   */
  public static Report run(Map<String, Scale> scales, int tries) {
    Report report =
        new Report(
            "Prefixes",
            "CPU time of the engine's thread, which alone computes and copies, in milliseconds, for"
                + " the first token of an answer to a prompt of a beginning and "
                + TAIL
                + " tokens more, the middle of "
                + tries
                + " tries, one row. Without a store of beginnings: all computed, or the"
                + " beginning held by the row. With it: the row holds another text as long, which"
                + " is copied to the store first, and then the beginning is computed, or copied"
                + " from the store. Random weights. Reproduce: `benchmarks/run prefixes`.");
    scales.forEach((name, scale) -> new Prefixes(scale, tries).run(name, report));
    return report;
  }

  private void run(String name, Report report) {
    WeightForm form =
        Cpu.current().multipliesBytesExactly() ? WeightForm.W8A8 : WeightForm.INT4_BLOCK128;
    report.section(name + ", " + form);
    report.header(
        "beginning", "computed", "in the row", "computed, another kept", "from the store");
    try {
      Path folder = Files.createTempDirectory("prefixes");
      Path released = Arrivals.release(RandomLlama.build(scale), folder);
      for (int length : scale.prompts()) {
        List<String> cells = new ArrayList<>(List.of(length + " tokens"));
        try (TextModel model = open(released, form, 0)) {
          cells.add(middle(() -> first(model, drawn(length))));
          int[] head = drawn(length);
          cells.add(middle(() -> first(model, head)));
        }
        try (TextModel model = open(released, form, 1L << 28)) {
          cells.add(middle(() -> first(model, drawn(length))));
          int[] head = drawn(length);
          first(model, head);
          cells.add(
              middle(
                  () -> {
                    first(model, drawn(length));
                    return first(model, head);
                  }));
        }
        report.row(cells.toArray(String[]::new));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TextModel open(Path released, WeightForm form, long prefixBytes) {
    return TextModel.open(
        released,
        TextOptions.of(1, scale.capacity())
            .withPrefixBytes(prefixBytes)
            .withRuns(256, 0)
            .withThreads(1)
            .with(TextOptions.Weights.of(form, released.resolve("forms"))));
  }

  private int[] drawn(int length) {
    return random.ints(length, 0, scale.vocabulary()).toArray();
  }

  /** A measurement, in milliseconds. */
  private interface Try {
    double millis();
  }

  private String middle(Try one) {
    one.millis();
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < tries; i++) {
      all.add(one.millis());
    }
    Collections.sort(all);
    return String.format(Locale.ROOT, "%.2f", all.get(tries / 2));
  }

  /** What the first token after a beginning and new tokens takes. */
  private double first(TextModel model, int[] head) {
    int[] prompt = Arrays.copyOf(head, head.length + TAIL);
    System.arraycopy(drawn(TAIL), 0, prompt, head.length, TAIL);
    long thread = engine();
    long before = CPU.getThreadCpuTime(thread);
    GenerateRequest request = GenerateRequest.of(prompt, Ending.after(1).ignoringEndTokens());
    try (TextStream stream = model.generate(request)) {
      while (stream.next().isPresent()) {
        // until its end
      }
    }
    return (CPU.getThreadCpuTime(thread) - before) / 1e6;
  }

  private static long engine() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("lathe-generate"))
        .mapToLong(Thread::threadId)
        .findFirst()
        .orElseThrow();
  }
}

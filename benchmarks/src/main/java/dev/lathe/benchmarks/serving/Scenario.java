package dev.lathe.benchmarks.serving;

import dev.lathe.benchmarks.Effort;
import dev.lathe.benchmarks.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Sides measured in turn, A B C A B C …; the first is what the others are compared with. */
final class Scenario {
  /** Measurements without a clearly cheaper one that end the warm-up. */
  private static final int STEADY = 3;

  private static final double CLEARLY = 0.97;
  private static final int MOST_WARM_UP = 60;

  private final String title;
  private final int warmUpBlocks;
  private final List<Side> sides = new ArrayList<>();
  private final Map<Side, List<Side.Sample>> samples = new LinkedHashMap<>();

  /**
   * No sides yet.
   *
   * @param warmUpBlocks at least how many measurements of each side do not count before the first
   *     that does: a virtual machine needs some time until its code is compiled
   */
  Scenario(String title, int warmUpBlocks) {
    this.title = title;
    this.warmUpBlocks = warmUpBlocks;
  }

  Scenario with(Side side) {
    sides.add(side);
    samples.put(side, new ArrayList<>());
    return this;
  }

  /** Measures all sides and adds their table to the report. */
  Scenario run(Effort effort, Report report) {
    double seconds = effort.block().toNanos() / 1e9;
    sides.forEach(side -> warmUp(side, seconds));
    for (int i = 0; i < effort.pairs(); i++) {
      sides.forEach(side -> samples.get(side).add(side.measure(seconds)));
    }
    report.section(title);
    report.header(
        "", "answers/s", "CPU ms per answer", "answers per CPU s", "first ÷ this, per CPU s");
    for (Side side : sides) {
      double millis = median(side, Side.Sample::cpuMillis);
      report.row(
          side.title(),
          text("%,.0f", median(side, Side.Sample::rate)),
          text("%.3f", millis),
          text("%,.0f", 1e3 / millis),
          side == sides.getFirst() ? "" : times(ratios(side)));
    }
    return this;
  }

  /** Until it does not get cheaper any more: compiling costs CPU time of the same process. */
  private void warmUp(Side side, double seconds) {
    double best = Double.MAX_VALUE;
    int since = 0;
    for (int block = 0; block < MOST_WARM_UP && (block < warmUpBlocks || since < STEADY); block++) {
      double millis = side.measure(seconds).cpuMillis();
      since = millis < CLEARLY * best ? 0 : since + 1;
      best = Math.min(best, millis);
    }
  }

  /** How many times the answers per CPU second of another side the first one gives. */
  double ratio(String other) {
    return cpuMillis(other) / cpuMillis(sides.getFirst().title());
  }

  /** Milliseconds of CPU time of a side for each answer. */
  double cpuMillis(String side) {
    return median(find(side), Side.Sample::cpuMillis);
  }

  /** Answers of a side per second. */
  double rate(String side) {
    return median(find(side), Side.Sample::rate);
  }

  private Side find(String title) {
    return sides.stream().filter(side -> side.title().equals(title)).findFirst().orElseThrow();
  }

  private double median(Side side, ToDoubleFunction<Side.Sample> what) {
    return middle(samples.get(side).stream().mapToDouble(what).toArray());
  }

  private double[] ratios(Side side) {
    List<Side.Sample> first = samples.get(sides.getFirst());
    List<Side.Sample> other = samples.get(side);
    double[] ratios = new double[first.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = other.get(i).cpuMillis() / first.get(i).cpuMillis();
    }
    return ratios;
  }

  private static double middle(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static String times(double[] ratios) {
    return text(
        "%.2f (%.2f–%.2f)",
        middle(ratios),
        Arrays.stream(ratios).min().orElse(0),
        Arrays.stream(ratios).max().orElse(0));
  }

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

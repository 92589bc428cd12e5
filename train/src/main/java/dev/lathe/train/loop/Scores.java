package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Sums over examples, from which metrics are made; they can be written down and taken up again. */
final class Scores {
  private static final int COUNT = 0;
  private static final int LOSS = 1;
  private static final int CORRECT = 2;
  private static final int ABSOLUTE = 3;
  private static final int WEIGHT = 4;
  private static final int OUTPUTS = 5;

  private static final Set<String> MORE_IS_BETTER = Set.of("accuracy", "r2");

  private final Task task;
  private final int outputs;
  private final long ignored;

  /**
   * COUNT, LOSS, CORRECT, ABSOLUTE, WEIGHT; then for each output squared error, target, target².
   */
  private final double[] sums;

  Scores(Plan plan) {
    this.task = plan.recipe().task();
    this.outputs = plan.data().outputs();
    this.ignored = Losses.ignored(plan.recipe().loss(), plan.data());
    this.sums = new double[OUTPUTS + 3 * outputs];
  }

  /**
   * A batch that was predicted.
   *
   * @param scores raw scores, FLOAT [B, K]
   * @param targets INT64 [B] or FLOAT [B, K]
   * @param count how many of the B count
   */
  record Seen(Tensor scores, Tensor targets, int count) {}

  /**
   * The loss of a batch.
   *
   * @param loss the weighted mean
   * @param weight the sum of the weights
   */
  record Mean(double loss, double weight) {}

  void add(Seen seen, Mean mean) {
    sums[LOSS] += mean.loss() * mean.weight();
    sums[WEIGHT] += mean.weight();
    if (task == Task.LANGUAGE_MODEL || task == Task.TRANSLATION) {
      return;
    }
    for (int n = 0; n < seen.count(); n++) {
      if (task == Task.CLASSIFICATION && seen.targets().longAt(n) == ignored) {
        continue;
      }
      sums[COUNT]++;
      switch (task) {
        case CLASSIFICATION ->
            sums[CORRECT] += largest(seen.scores(), n) == seen.targets().longAt(n) ? 1 : 0;
        case BINARY ->
            sums[CORRECT] +=
                seen.scores().doubleAt(n) >= 0 == seen.targets().doubleAt(n) >= 0.5 ? 1 : 0;
        case REGRESSION -> addErrors(seen, n);
        case LANGUAGE_MODEL, TRANSLATION -> throw new IllegalStateException("counted by places");
      }
    }
  }

  /** Counts right tokens, where the task asks for that; it costs a look at every score. */
  void addPlaces(Seen seen) {
    if (task != Task.TRANSLATION) {
      return;
    }
    long places = seen.targets().size() / seen.targets().dim(0) * seen.count();
    for (int place = 0; place < places; place++) {
      long target = seen.targets().longAt(place);
      if (target >= 0) {
        sums[COUNT]++;
        sums[CORRECT] += largest(seen.scores(), place) == target ? 1 : 0;
      }
    }
  }

  private int largest(Tensor scores, int n) {
    long row = (long) n * outputs;
    int best = 0;
    for (int k = 1; k < outputs; k++) {
      if (scores.doubleAt(row + k) > scores.doubleAt(row + best)) {
        best = k;
      }
    }
    return best;
  }

  private void addErrors(Seen seen, int n) {
    for (int k = 0; k < outputs; k++) {
      long at = (long) n * outputs + k;
      double target = seen.targets().doubleAt(at);
      double error = seen.scores().doubleAt(at) - target;
      sums[ABSOLUTE] += Math.abs(error);
      sums[OUTPUTS + 3 * k] += error * error;
      sums[OUTPUTS + 3 * k + 1] += target;
      sums[OUTPUTS + 3 * k + 2] += target * target;
    }
  }

  /** Whether a metric is the better the larger it is. */
  static boolean isMoreBetter(String metric) {
    return MORE_IS_BETTER.contains(metric);
  }

  double loss() {
    return sums[WEIGHT] == 0 ? 0 : sums[LOSS] / sums[WEIGHT];
  }

  /** Loss and the task's metrics. R² is the mean over outputs; 0 where a target never varies. */
  Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    double count = Math.max(1, sums[COUNT]);
    metrics.put("loss", loss());
    switch (task) {
      case LANGUAGE_MODEL -> metrics.put("perplexity", Math.exp(loss()));
      case TRANSLATION -> {
        metrics.put("perplexity", Math.exp(loss()));
        if (sums[COUNT] > 0) {
          metrics.put("accuracy", sums[CORRECT] / count);
        }
      }
      case CLASSIFICATION, BINARY -> metrics.put("accuracy", sums[CORRECT] / count);
      case REGRESSION -> {
        metrics.put("mse", squared() / (count * outputs));
        metrics.put("mae", sums[ABSOLUTE] / (count * outputs));
        metrics.put("r2", determination(count));
      }
    }
    return metrics;
  }

  private double squared() {
    double squared = 0;
    for (int k = 0; k < outputs; k++) {
      squared += sums[OUTPUTS + 3 * k];
    }
    return squared;
  }

  private double determination(double count) {
    double sum = 0;
    for (int k = 0; k < outputs; k++) {
      double mean = sums[OUTPUTS + 3 * k + 1] / count;
      double variation = sums[OUTPUTS + 3 * k + 2] - count * mean * mean;
      sum += variation > 1e-12 ? 1 - sums[OUTPUTS + 3 * k] / variation : 0;
    }
    return sum / outputs;
  }

  /** The sums as text, exactly. */
  String text() {
    return Arrays.stream(sums)
        .mapToObj(sum -> Long.toHexString(Double.doubleToRawLongBits(sum)))
        .collect(Collectors.joining(","));
  }

  void take(String text) {
    String[] parts = text.split(",");
    if (parts.length != sums.length) {
      throw new LatheException(
          TrainError.CHECKPOINT_CORRUPT,
          "checkpoint: " + parts.length + " sums (expected: " + sums.length + ")");
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Double.longBitsToDouble(Long.parseUnsignedLong(parts[i], 16));
    }
  }

  void clear() {
    Arrays.fill(sums, 0);
  }
}

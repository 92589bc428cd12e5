package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.transform.TrainingGraphs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** The mean of each of several losses, before it is multiplied by its weight; none for one loss. */
final class LossTerms {
  private final List<String> names = new ArrayList<>();

  /** Each loss's sum, and the sum of what counted in it. */
  private final double[] sums;

  LossTerms(Recipe recipe) {
    if (!recipe.wiring().objectives().isEmpty()) {
      names.add(recipe.loss().key());
      recipe.wiring().objectives().forEach(objective -> names.add(objective.name()));
    }
    sums = new double[2 * names.size()];
  }

  /** Outputs of step and evaluation graphs that say what {@link #add} asks for. */
  List<String> readings() {
    List<String> readings = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      readings.add(TrainingGraphs.loss(i));
      readings.add(TrainingGraphs.totalWeight(i));
    }
    return readings;
  }

  /** Adds a batch, of which a graph's outputs can be asked for. */
  void add(ToDoubleFunction<String> reading) {
    for (int i = 0; i < names.size(); i++) {
      double weight = reading.applyAsDouble(TrainingGraphs.totalWeight(i));
      sums[2 * i] += weight * reading.applyAsDouble(TrainingGraphs.loss(i));
      sums[2 * i + 1] += weight;
    }
  }

  /** Means by what they are called; without those in which nothing counted. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      if (sums[2 * i + 1] != 0) {
        values.put(names.get(i) + "_loss", sums[2 * i] / sums[2 * i + 1]);
      }
    }
    return values;
  }

  void clear() {
    Arrays.fill(sums, 0);
  }

  /** All sums as text, exactly. */
  String text() {
    return DoubleStream.of(sums)
        .mapToObj(sum -> Long.toHexString(Double.doubleToRawLongBits(sum)))
        .collect(Collectors.joining(","));
  }

  /**
   * Takes up sums.
   *
   * @param text what {@link #text} gave
   * @throws LatheException CHECKPOINT_CORRUPT if there are not as many
   */
  void take(String text) {
    String[] parts = text.isEmpty() ? new String[0] : text.split(",");
    if (parts.length != sums.length) {
      throw new LatheException(
          TrainError.CHECKPOINT_CORRUPT,
          "checkpoint: " + parts.length + " sums of losses (expected: " + sums.length + ")");
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Double.longBitsToDouble(Long.parseUnsignedLong(parts[i], 16));
    }
  }
}

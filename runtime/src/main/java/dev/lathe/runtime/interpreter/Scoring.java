package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/** Losses over classes. Scores are [N, C, …], labels [N, …], weights of classes [C]. */
final class Scoring {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("NegativeLogLikelihoodLoss", one(call -> loss(call, call.reals(0)))),
          entry("SoftmaxCrossEntropyLoss", Scoring::softmaxCrossEntropy));

  private Scoring() {}

  /** Outputs: the loss and the logarithms of the probabilities. */
  private static List<Array> softmaxCrossEntropy(Call call) {
    Array.Reals logs = (Array.Reals) Reducing.lines(call, new int[] {1}, Reducing::logSoftmax);
    return List.of(loss(call, logs), logs);
  }

  /** Each label's number, negated and weighted; labels to be ignored count 0, and not at all. */
  private static Array loss(Call call, Array.Reals logs) {
    long[] labels = call.longs(1);
    int classes = logs.dims()[1];
    int area = Sizes.count(logs.dims(), 2, logs.rank());
    boolean ignores = call.node().attribute("ignore_index").isPresent();
    double[] losses = new double[labels.length];
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < labels.length; i++) {
      if (ignores && labels[i] == call.number("ignore_index", 0)) {
        continue;
      }
      if (labels[i] < 0 || labels[i] >= classes) {
        throw call.bad("label " + labels[i] + " (expected: 0 to " + (classes - 1) + ")");
      }
      int label = (int) labels[i];
      double weight = call.has(2) ? call.in(2).real(label) : 1;
      losses[i] = -logs.values()[(i / area * classes + label) * area + i % area] * weight;
      sum += losses[i];
      weights += weight;
    }
    String reduction = call.node().stringAttribute("reduction", "mean");
    return switch (reduction) {
      case "none" -> new Array.Reals(logs.type(), call.in(1).dims(), losses);
      case "sum" -> new Array.Reals(logs.type(), new int[0], new double[] {sum});
      case "mean" -> new Array.Reals(logs.type(), new int[0], new double[] {sum / weights});
      default -> throw call.bad("reduction \"" + reduction + "\" (expected: none, sum, mean)");
    };
  }
}

package dev.lathe.train.metric;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Evaluation;
import dev.lathe.train.Evaluation.ClassScore;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The metrics that a run was asked for, over examples seen so far. */
public final class Scoring {
  private final List<Metric> metrics;
  private final Question question;
  private final List<Tally> tallies = new ArrayList<>();

  /** The sum of weighted losses, and of the weights. */
  private final double[] loss = new double[2];

  private Scoring(List<Metric> metrics, Question question) {
    this.metrics = metrics;
    this.question = question;
    metrics.forEach(metric -> tally(metric).forEach(this::addNew));
  }

  /** What a metric is made from, if it needs more than the loss. */
  private Stream<Tally> tally(Metric metric) {
    if (metric.isWritten(question.task())) {
      return Stream.empty();
    }
    return switch (metric.kind()) {
      case LOSS, BLEU -> Stream.empty();
      case ACCURACY, PRECISION, RECALL, F1, PRECISION_MICRO, RECALL_MICRO, F1_MICRO ->
          Stream.of(
              question.task() == Task.MULTI_LABEL
                  ? new MarkTally(question)
                  : new ClassTally(question));
      case TOP_ACCURACY -> Stream.of(new TopTally(metric, question));
      case AUC -> Stream.of(new CurveTally(question));
      case CONFUSION ->
          question.classes() <= ConfusionTally.MAX_CLASSES
              ? Stream.of(new ConfusionTally(question))
              : Stream.empty();
      case ENTITY_PRECISION, ENTITY_RECALL, ENTITY_F1 -> Stream.of(new EntityTally(question));
      case EXACT_MATCH ->
          Stream.of(
              question.task() == Task.MULTI_LABEL ? new MarkTally(question) : new MatchTally());
      case PERPLEXITY ->
          question.plainLoss() ? Stream.empty() : Stream.of(new SurpriseTally(question));
      case MSE, RMSE, MAE, R2 -> Stream.of(new ErrorTally(question));
    };
  }

  /** Adds a tally, unless there is one of its kind; those of the k best are all different. */
  private void addNew(Tally tally) {
    boolean known = tallies.stream().anyMatch(other -> other.getClass() == tally.getClass());
    if (!known || tally instanceof TopTally) {
      tallies.add(tally);
    }
  }

  /**
   * What is measured while training: all of it can be written down and taken up again.
   *
   * @param metrics what was asked for
   * @param question what the model is asked
   * @return nothing added yet
   */
  public static Scoring training(List<Metric> metrics, Question question) {
    return new Scoring(
        metrics.stream().filter(metric -> metric.isSummed(question)).toList(), question);
  }

  /**
   * What is measured on examples that are held out.
   *
   * @param metrics what was asked for
   * @param question what the model is asked
   * @return nothing added yet
   * @throws LatheException TOO_LARGE if there are too many classes for a metric
   */
  public static Scoring heldOut(List<Metric> metrics, Question question) {
    return new Scoring(metrics, question);
  }

  /**
   * A batch that was predicted.
   *
   * @param scores raw scores, FLOAT [B, ..., K]
   * @param targets INT64 [B, ...] or FLOAT [B, K]
   * @param count how many of the B count
   */
  public record Seen(Tensor scores, Tensor targets, int count) {}

  /**
   * The loss of a batch.
   *
   * @param value the weighted mean
   * @param weight the sum of the weights
   */
  public record Loss(double value, double weight) {}

  /**
   * Adds a batch.
   *
   * @param seen what was predicted
   * @param batchLoss its loss
   */
  public void add(Seen seen, Loss batchLoss) {
    loss[0] += batchLoss.value() * batchLoss.weight();
    loss[1] += batchLoss.weight();
    Answers answers = new Answers(question, seen.scores(), seen.targets(), seen.count());
    tallies.forEach(tally -> tally.add(answers));
  }

  /**
   * The metrics by name, the loss first; those that have no value are left out, the loss too where
   * no target counts.
   *
   * @return a new map in the order that was asked for
   */
  public Map<String, Double> values() {
    Map<String, Double> known = new LinkedHashMap<>();
    Map<String, Double> values = new LinkedHashMap<>();
    if (loss[1] != 0) {
      double mean = loss[0] / loss[1];
      values.put("loss", mean);
      if (question.plainLoss()) {
        known.put("perplexity", Math.exp(mean));
      }
    }
    tallies.forEach(tally -> tally.put(known));
    for (Metric metric : metrics) {
      Double value = known.get(metric.key());
      if (value != null) {
        values.put(metric.key(), value);
      }
    }
    return values;
  }

  /**
   * What is known beyond single numbers.
   *
   * @param part what the examples are, such as {@code test}
   * @return scores of classes and what they were taken for; empty lists where neither was measured
   */
  public Evaluation evaluation(String part) {
    List<ClassScore> scores = List.of();
    List<List<Long>> confusion = List.of();
    for (Tally tally : tallies) {
      if (tally instanceof ClassTally classes && question.hasFewClasses()) {
        scores = classes.scores();
      } else if (tally instanceof MarkTally marks && question.hasFewClasses()) {
        scores = marks.scores();
      } else if (tally instanceof ConfusionTally matrix) {
        confusion = matrix.matrix();
      }
    }
    return new Evaluation(part, scores, confusion);
  }

  /**
   * All sums as text, exactly.
   *
   * @return hexadecimal digits
   */
  public String text() {
    return all().stream()
        .flatMap(sums -> Arrays.stream(sums).boxed())
        .map(sum -> Long.toHexString(Double.doubleToRawLongBits(sum)))
        .collect(Collectors.joining(","));
  }

  /**
   * Takes up sums.
   *
   * @param text what {@link #text} gave
   * @throws LatheException CHECKPOINT_CORRUPT if there are not as many
   */
  public void take(String text) {
    String[] parts = text.split(",");
    int expected = all().stream().mapToInt(sums -> sums.length).sum();
    if (parts.length != expected) {
      throw new LatheException(
          TrainError.CHECKPOINT_CORRUPT,
          "checkpoint: " + parts.length + " sums (expected: " + expected + ")");
    }
    int at = 0;
    for (double[] sums : all()) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = Double.longBitsToDouble(Long.parseUnsignedLong(parts[at++], 16));
      }
    }
  }

  /** Forgets all that was added. */
  public void clear() {
    all().forEach(sums -> Arrays.fill(sums, 0));
  }

  private List<double[]> all() {
    List<double[]> all = new ArrayList<>();
    all.add(loss);
    tallies.forEach(tally -> all.add(tally.sums()));
    return all;
  }
}

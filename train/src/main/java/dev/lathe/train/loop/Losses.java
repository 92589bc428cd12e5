package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.ir.Tensor;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.LossRecipe.ClassWeights;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.WiringRecipe;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.metric.Question;
import dev.lathe.transform.AbsoluteError;
import dev.lathe.transform.BinaryCrossEntropy;
import dev.lathe.transform.CrossEntropy;
import dev.lathe.transform.Ctc;
import dev.lathe.transform.Huber;
import dev.lathe.transform.KullbackLeibler;
import dev.lathe.transform.Loss;
import dev.lathe.transform.MeanSquaredError;
import dev.lathe.transform.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** From a recipe's loss to the graph's, with what it takes from the data. */
final class Losses {
  private static final int COUNTED = 256;

  private final PreparedData data;

  private Losses(PreparedData data) {
    this.data = data;
  }

  /**
   * Follows a recipe.
   *
   * @throws LatheException BAD_RECIPE if there is not one weight for each class, or no such label
   */
  static Loss of(LossRecipe recipe, PreparedData data) {
    Losses losses = new Losses(data);
    return switch (recipe) {
      case LossRecipe.MeanSquaredError _ -> new MeanSquaredError();
      case LossRecipe.AbsoluteError _ -> new AbsoluteError();
      case LossRecipe.Huber huber -> Huber.of(huber.delta());
      case LossRecipe.SmoothL1 smooth -> Huber.smoothL1(smooth.beta());
      case LossRecipe.KullbackLeibler _ -> new KullbackLeibler();
      case LossRecipe.Ctc ctc -> new Ctc(ctc.blank());
      case LossRecipe.CrossEntropy entropy ->
          new CrossEntropy(
              entropy.smoothing(),
              entropy.focus(),
              losses.classWeights(entropy.classWeights()),
              losses.ignored(entropy.ignore()));
      case LossRecipe.BinaryCrossEntropy binary ->
          new BinaryCrossEntropy(losses.positiveWeights(binary.positiveWeights()));
    };
  }

  /**
   * What is measured where no step follows: without smoothing, so that perplexity is what it says.
   */
  private static Loss measured(Loss loss) {
    return loss instanceof CrossEntropy entropy
        ? new CrossEntropy(0, entropy.focus(), entropy.classWeights(), entropy.ignored())
        : loss;
  }

  /** What a model is asked while it is trained, as far as its answers are measured. */
  static Question question(Recipe recipe, PreparedData data) {
    return question(recipe.task(), data, recipe.loss());
  }

  /** What a model is asked where no step follows. */
  static Question measuredQuestion(Recipe recipe, PreparedData data) {
    return question(
        recipe.task(),
        data,
        recipe.loss() instanceof LossRecipe.CrossEntropy e
            ? new LossRecipe.CrossEntropy(e.classWeights(), 0, e.focus(), e.ignore())
            : recipe.loss());
  }

  /**
   * Follows further objectives as well.
   *
   * @param wiring the objectives and the data of the recipe's own loss
   * @param predictions the scores that each looks at, the recipe's own first
   * @return what is made small, the recipe's own first
   * @throws LatheException as {@link #of}
   */
  static List<Objective> all(Recipe recipe, Wiring wiring, List<String> predictions) {
    List<Objective> objectives = new ArrayList<>();
    objectives.add(new Objective(of(recipe.loss(), wiring.data()), predictions.getFirst()));
    for (Wiring.Head head : wiring.heads()) {
      objectives.add(
          new Objective(
              of(head.recipe().loss(), head.data()),
              predictions.get(objectives.size()),
              head.target().name(),
              head.recipe().weight()));
    }
    return objectives;
  }

  /** What is measured where no step follows, as {@link #measured(Loss)}. */
  static List<Objective> measured(List<Objective> objectives) {
    return objectives.stream()
        .map(
            one ->
                new Objective(measured(one.loss()), one.prediction(), one.target(), one.weight()))
        .toList();
  }

  /** What a further objective is asked. */
  static Question question(WiringRecipe.Objective objective, PreparedData data) {
    return question(objective.task(), data, objective.loss());
  }

  private static Question question(Task task, PreparedData data, LossRecipe loss) {
    boolean entropy = loss instanceof LossRecipe.CrossEntropy;
    String ignore = loss instanceof LossRecipe.CrossEntropy e ? e.ignore() : "";
    return new Question(
        task,
        data.outputs(),
        entropy ? new Losses(data).ignored(ignore) : CrossEntropy.NEGATIVE,
        loss.equals(new LossRecipe.CrossEntropy(ClassWeights.EQUAL, 0, 0, ignore)),
        data.answers().labels());
  }

  private long ignored(String label) {
    if (label.isEmpty()) {
      return CrossEntropy.NEGATIVE;
    }
    List<String> labels = data.answers().labels();
    int found = labels.indexOf(label);
    if (found >= 0) {
      return found;
    }
    if (labels.isEmpty() && label.matches("\\d{1,9}")) {
      int token = Integer.parseInt(label);
      if (token < data.outputs()) {
        return token;
      }
    }
    String known = labels.isEmpty() ? "0 to " + (data.outputs() - 1) : shown(labels);
    throw bad(
        "loss.ignore: \"" + label + "\" (expected: " + Nearest.hint(label, labels) + known + ")");
  }

  private List<Double> classWeights(ClassWeights weights) {
    return switch (weights.kind()) {
      case EQUAL -> List.of();
      case GIVEN -> given("loss.class_weights", weights.given());
      case BALANCED -> balanced();
    };
  }

  private List<Double> positiveWeights(ClassWeights weights) {
    return switch (weights.kind()) {
      case EQUAL -> List.of();
      case GIVEN -> given("loss.positive_weights", weights.given());
      case BALANCED -> balancedPositives();
    };
  }

  private List<Double> given(String key, List<Double> weights) {
    if (weights.size() != data.outputs()) {
      List<String> labels = data.answers().labels();
      boolean named = labels.size() == data.outputs();
      throw bad(
          key
              + ": "
              + weights.size()
              + " numbers (expected: "
              + data.outputs()
              + (named ? ", one for each of " + shown(labels) : "")
              + ")");
    }
    return weights;
  }

  /** N / (K·Nₖ), of the K classes that there are; 1 for others. */
  private List<Double> balanced() {
    double[] counts = new double[data.outputs()];
    count(
        (targets, elements) -> {
          for (long i = 0; i < elements; i++) {
            long target = targets.longAt(i);
            if (target >= 0) {
              counts[Math.toIntExact(target)]++;
            }
          }
        });
    double all = DoubleStream.of(counts).sum();
    long classes = DoubleStream.of(counts).filter(count -> count > 0).count();
    return DoubleStream.of(counts)
        .map(count -> count > 0 ? all / (classes * count) : 1)
        .boxed()
        .toList();
  }

  /** Negatives divided by positives; 1 where there is no example of one kind. */
  private List<Double> balancedPositives() {
    int outputs = data.outputs();
    double[] positives = new double[outputs];
    count(
        (targets, elements) -> {
          for (long i = 0; i < elements; i++) {
            positives[(int) (i % outputs)] += targets.doubleAt(i);
          }
        });
    double all = data.train().size();
    return DoubleStream.of(positives)
        .map(count -> count > 0 && count < all ? (all - count) / count : 1)
        .boxed()
        .toList();
  }

  /** What is done with the targets of some examples. */
  @FunctionalInterface
  private interface Count {
    void of(Tensor targets, long elements);
  }

  private void count(Count count) {
    Part part = data.train();
    try (Batch batch = new Batch(part.columns(), Math.min(COUNTED, part.size()));
        Cursor cursor = part.inOrder()) {
      while (batch.fill(cursor) > 0) {
        Tensor targets = batch.column(Part.TARGET).tensor();
        count.of(targets, targets.size() / batch.size() * batch.count());
      }
    }
  }

  private static String shown(List<String> labels) {
    String first = String.join(", ", labels.stream().limit(8).toList());
    return labels.size() > 8 ? first + ", and " + (labels.size() - 8) + " more" : first;
  }

  private static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_RECIPE, message);
  }
}

package dev.lathe.train.recipe;

import dev.lathe.train.LossRecipe;
import dev.lathe.train.LossRecipe.AbsoluteError;
import dev.lathe.train.LossRecipe.BinaryCrossEntropy;
import dev.lathe.train.LossRecipe.ClassWeights;
import dev.lathe.train.LossRecipe.CrossEntropy;
import dev.lathe.train.LossRecipe.Ctc;
import dev.lathe.train.LossRecipe.Huber;
import dev.lathe.train.LossRecipe.KullbackLeibler;
import dev.lathe.train.LossRecipe.MeanSquaredError;
import dev.lathe.train.LossRecipe.SmoothL1;
import dev.lathe.train.Task;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Either;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The losses of a recipe: their keys, the way there and back, and which tasks they fit. */
final class LossKeys {
  private static final int MAX_CLASSES = 65_536;
  private static final String BALANCED = "balanced";
  private static final String CLASS_WEIGHTS = "class_weights";
  private static final String POSITIVE_WEIGHTS = "positive_weights";
  private static final String SMOOTHING = "label_smoothing";
  private static final String FOCUS = "focus";
  private static final String IGNORE = "ignore";

  private LossKeys() {}

  static Form form() {
    Fields none = new Fields(List.of());
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("mean_squared_error", none);
    cases.put("absolute_error", none);
    cases.put("huber", turn("delta"));
    cases.put("smooth_l1", turn("beta"));
    cases.put("kullback_leibler", none);
    cases.put("cross_entropy", crossEntropy());
    cases.put(
        "binary_cross_entropy",
        new Fields(
            List.of(
                Key.optional(
                    POSITIVE_WEIGHTS,
                    weights(0, true),
                    "",
                    "What a positive counts against a negative, for each label."))));
    Form blank = new Whole(0, MAX_CLASSES - 1);
    cases.put(
        "ctc",
        new Fields(
            List.of(
                Key.optional(
                    "blank",
                    blank,
                    0L,
                    "Class of frames without a label. The columns of label are an example's number"
                        + " of frames, then its labels, -1 behind the last."))));
    return new Named(new Variants("kind", "Which loss.", cases));
  }

  private static Fields turn(String name) {
    return new Fields(
        List.of(
            Key.optional(
                name, new Real(0, true, 1e9), 1.0, "Error where square turns to straight.")));
  }

  private static Fields crossEntropy() {
    return new Fields(
        List.of(
            Key.optional(
                CLASS_WEIGHTS,
                weights(0, false),
                "",
                "What an example of each class counts, in the order of the labels."),
            Key.optional(
                SMOOTHING,
                new Real(0, false, 0.999),
                0.0,
                "Part of the target that is spread over all classes."),
            Key.optional(
                FOCUS,
                new Real(0, false, 100),
                0.0,
                "Power by which what is well known counts less: 0, or from 1."),
            Key.optional(
                IGNORE,
                new Either(
                    new Text(Pattern.compile("[^\\x00-\\x1f]{1,1024}"), "a label"),
                    new Whole(0, Integer.MAX_VALUE),
                    "a label, or a token's number"),
                "",
                "Label of examples that do not count, or a token's number.")));
  }

  private static Form weights(double least, boolean excluded) {
    return new Either(
        new Choice(List.of(BALANCED)),
        new Many(new Real(least, excluded, 1e9), 1, MAX_CLASSES),
        "balanced, or a list of numbers");
  }

  /** Names of the losses that fit a task, the usual one first. */
  static List<String> of(Task task) {
    return switch (task) {
      case CLASSIFICATION,
          LANGUAGE_MODEL,
          TRANSLATION,
          TEXT_CLASSIFICATION,
          TOKEN_CLASSIFICATION,
          QUESTION_ANSWERING ->
          List.of("cross_entropy");
      case BINARY, MULTI_LABEL -> List.of("binary_cross_entropy");
      case REGRESSION ->
          List.of(
              "mean_squared_error",
              "absolute_error",
              "huber",
              "smooth_l1",
              "kullback_leibler",
              "ctc");
    };
  }

  static LossRecipe read(Values values) {
    return switch (values.text("kind")) {
      case "absolute_error" -> new AbsoluteError();
      case "huber" -> new Huber(values.real("delta"));
      case "smooth_l1" -> new SmoothL1(values.real("beta"));
      case "kullback_leibler" -> new KullbackLeibler();
      case "ctc" -> new Ctc(values.small("blank"));
      case "cross_entropy" ->
          new CrossEntropy(
              weights(values, CLASS_WEIGHTS),
              values.real(SMOOTHING),
              values.real(FOCUS),
              String.valueOf(values.any(IGNORE)));
      case "binary_cross_entropy" -> new BinaryCrossEntropy(weights(values, POSITIVE_WEIGHTS));
      default -> new MeanSquaredError();
    };
  }

  private static ClassWeights weights(Values values, String key) {
    return switch (values.any(key)) {
      case List<?> given ->
          ClassWeights.of(given.stream().map(weight -> ((Double) weight).doubleValue()).toList());
      case Object named -> named.equals(BALANCED) ? ClassWeights.BALANCED : ClassWeights.EQUAL;
    };
  }

  /** What must hold between a loss and the rest of a recipe. */
  static void check(Values recipe, Task task) {
    if (!recipe.has("loss")) {
      return;
    }
    Values loss = recipe.fields("loss");
    String kind = loss.text("kind");
    if (!of(task).contains(kind)) {
      throw recipe.bad(
          "loss",
          "loss: "
              + kind
              + " (expected: "
              + String.join(", ", of(task))
              + " for task "
              + task.key()
              + ")");
    }
    if (kind.equals("cross_entropy")) {
      crossEntropy(loss, task);
    }
  }

  private static void crossEntropy(Values loss, Task task) {
    double focus = loss.real(FOCUS);
    if (focus > 0 && focus < 1) {
      throw loss.bad(FOCUS, "loss.focus: " + focus + " (expected: 0, or a number from 1)");
    }
    if (focus > 0 && loss.real(SMOOTHING) > 0) {
      throw loss.bad(
          FOCUS, "loss.focus: " + focus + " with label_smoothing (expected: one of them)");
    }
    boolean places = task == Task.QUESTION_ANSWERING;
    if (places && (loss.real(SMOOTHING) > 0 || loss.has(CLASS_WEIGHTS) || loss.has(IGNORE))) {
      throw loss.bad(
          "kind",
          "loss: "
              + String.join(", ", List.of(SMOOTHING, CLASS_WEIGHTS, IGNORE))
              + " (expected: none of them for task question_answering, whose classes are places)");
    }
    boolean tokens = task == Task.LANGUAGE_MODEL || task == Task.TRANSLATION;
    if (tokens && loss.any(CLASS_WEIGHTS).equals(BALANCED)) {
      throw loss.bad(
          CLASS_WEIGHTS, "loss.class_weights: balanced (expected: task classification, or a list)");
    }
  }

  /** Writes the key and what is under it, each line behind some blanks. */
  static void write(LossRecipe loss, RecipeWriter writer, String indent) {
    Map<String, Object> keys = new LinkedHashMap<>();
    switch (loss) {
      case MeanSquaredError _, AbsoluteError _, KullbackLeibler _ -> {
        // The name says it all.
      }
      case Ctc ctc -> keys.put("blank", ctc.blank());
      case Huber huber -> keys.put("delta", huber.delta());
      case SmoothL1 smooth -> keys.put("beta", smooth.beta());
      case CrossEntropy entropy -> {
        write(CLASS_WEIGHTS, entropy.classWeights(), keys);
        keys.put(SMOOTHING, entropy.smoothing());
        keys.put(FOCUS, entropy.focus());
        if (!entropy.ignore().isEmpty()) {
          keys.put(IGNORE, RecipeWriter.quoted(entropy.ignore()));
        }
      }
      case BinaryCrossEntropy binary -> write(POSITIVE_WEIGHTS, binary.positiveWeights(), keys);
    }
    writer.line(indent + "loss", "");
    writer.line(indent + "  kind", loss.key());
    keys.forEach((key, value) -> writer.line(indent + "  " + key, value));
  }

  private static void write(String key, ClassWeights weights, Map<String, Object> keys) {
    switch (weights.kind()) {
      case EQUAL -> {
        // That is how it is without the key.
      }
      case BALANCED -> keys.put(key, BALANCED);
      case GIVEN -> keys.put(key, weights.given());
    }
  }
}

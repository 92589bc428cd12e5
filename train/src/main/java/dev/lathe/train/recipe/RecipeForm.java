package dev.lathe.train.recipe;

import dev.lathe.train.LastLayer;
import dev.lathe.train.Normalization;
import dev.lathe.train.ReleaseRecipe;
import dev.lathe.train.Task;
import dev.lathe.train.metric.Metric;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a recipe may hold: the one table behind reader and schema. */
final class RecipeForm {
  static final int MAX_TARGETS = 1024;
  static final int MAX_SIDE = 1 << 20;

  private static final String PART = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,95})";
  private static final Text MODEL = new Text(Pattern.compile(PART + "/" + PART), "namespace/name");

  /** A version of a model, in place of a file. */
  static final Pattern VERSION = Pattern.compile(PART + "/" + PART + "@" + PART);

  static final Text PATH = new Text(Pattern.compile("[^\\x00\\n\\r]{1,4096}"), "a file's path");
  private static final Text BASE =
      new Text(Pattern.compile("[^\\x00\\n\\r]{1,4096}"), "a version, or a file's path");
  private static final Text ENVIRONMENT =
      new Text(Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}"), "an environment's name");
  private static final Text MESSAGE =
      new Text(Pattern.compile("[^\\x00]{1,10000}"), "1 to 10000 characters");

  static final Fields RECIPE =
      new Fields(
          List.of(
              Key.required("model", MODEL, "Name of the model to release."),
              Key.required("task", names(Task.values()), "What the model is asked."),
              Key.optional(
                  "seed",
                  new Whole(Long.MIN_VALUE, Long.MAX_VALUE),
                  1L,
                  "What everything random comes from."),
              Key.required("data", data(), "Where examples come from."),
              Key.optional(
                  "architecture", ArchitectureKeys.form(), "", "The network, from scratch."),
              Key.optional(
                  "base",
                  BASE,
                  "",
                  "A model to train further, for architecture: a version of the registry as"
                      + " namespace/name@version, an ONNX file, or a folder with model.onnx and"
                      + " what belongs to it. Every initializer of type FLOAT with an axis that the"
                      + " scores have a gradient by is trained, but for running statistics and"
                      + " masks: those with an element of 1e4 or more."),
              Key.optional(
                  "head",
                  names(LastLayer.values()),
                  "kept",
                  "Whether a base's last layer stays, or a new one takes its place, for the classes"
                      + " of texts or conll. A base that gives last_hidden_state gets one anyway."),
              Key.optional("loss", LossKeys.form(), "", "What is made small; follows the task."),
              Key.required(
                  "optimizer", OptimizerKeys.form(), "How a gradient becomes a new weight."),
              Key.optional(
                  "schedule",
                  ScheduleKeys.form(),
                  "constant",
                  "How the learning rate changes over the run."),
              Key.optional(
                  "update", UpdateKeys.form(), "", "What is done with gradients before and after."),
              Key.optional("inputs", WiringKeys.inputs(), "", "Columns of each input of a base."),
              Key.optional(
                  "objectives",
                  WiringKeys.objectives(),
                  List.of(),
                  "What is made small beside the loss: of the same output or another one of a base,"
                      + " by the same targets or others. All are added by their weights."),
              Key.optional(
                  "lora", LoraKeys.form(), "", "Low-rank adapters; they alone are trained."),
              Key.optional(
                  "epochs", new Whole(1, 1_000_000), 0L, "How often each example is seen."),
              Key.optional(
                  "steps", new Whole(1, 1_000_000_000), 0L, "When to end, if not by epochs."),
              Key.optional("batch", new Whole(1, 65_536), 32L, "Examples per step."),
              Key.optional("metrics", MetricKeys.form(), "", "What is measured; follows the task."),
              Key.optional(
                  "written",
                  new Whole(1, 1_000_000),
                  (long) Metric.WRITTEN,
                  "Sentences of the validation part that are translated after each epoch for"
                      + " bleu, or questions that are answered for exact_match and f1: the first"
                      + " ones. A test part is written whole, in the end."),
              Key.optional("early_stop", earlyStop(), "", "When to stop before the last epoch."),
              Key.optional("checkpoint", checkpoint(), "", "When to save the state."),
              Key.optional("release", release(), "", "How the result is released."),
              Key.optional("deploy", ENVIRONMENT, "", "Environment to deploy the release to.")));

  private RecipeForm() {}

  private static Form data() {
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("csv", fields(RecordKeys.csv(), preparation()));
    cases.put("jsonl", fields(RecordKeys.named(), preparation()));
    cases.put("parquet", fields(RecordKeys.named(), preparation()));
    cases.put("images", fields(ImageKeys.images(), preparation()));
    cases.put("idx", fields(idx(), preparation()));
    cases.put("text", fields(TextKeys.text(), split()));
    cases.put("parallel", new Fields(TextKeys.parallel()));
    cases.put("texts", fields(SequenceKeys.texts(), split()));
    cases.put("conversations", fields(ChatKeys.keys(), split()));
    cases.put("conll", fields(SequenceKeys.conll(), split()));
    cases.put("questions", fields(QuestionKeys.questions(), split()));
    cases.put("drawn_digits", fields(drawnDigits(), preparation()));
    cases.put("in_memory", fields(List.of(), preparation()));
    return new Variants("format", "What kind of data it is.", cases);
  }

  private static List<Key> idx() {
    return List.of(
        Key.required("train_images", PATH, "IDX file of training examples; may be .gz."),
        Key.required("train_labels", PATH, "IDX file of training labels; may be .gz."),
        Key.optional("test_images", PATH, "", "IDX file of test examples; may be .gz."),
        Key.optional("test_labels", PATH, "", "IDX file of test labels; may be .gz."));
  }

  private static List<Key> drawnDigits() {
    return List.of(
        Key.optional("train", new Whole(10, 1_000_000), 6000L, "Number of training drawings."),
        Key.optional("test", new Whole(0, 1_000_000), 1000L, "Number of test drawings."),
        Key.optional(
            "drawing_seed",
            new Whole(Long.MIN_VALUE, Long.MAX_VALUE),
            1L,
            "What the drawings come from."));
  }

  private static List<Key> preparation() {
    List<Key> shape =
        List.of(
            Key.optional(
                "shape",
                new Many(new Whole(1, MAX_SIDE), 1, 4),
                List.of(),
                "Shape of one example, such as [1, 8, 8]."),
            Key.optional(
                "normalize", names(Normalization.values()), "none", "How features are normalized."),
            ImageKeys.augment());
    return fields(shape, split()).keys();
  }

  private static List<Key> split() {
    return List.of(
        Key.optional(
            "validation",
            new Real(0, false, 0.9),
            0.0,
            "Part of the training examples that is kept for validation."),
        Key.optional(
            "test_fraction",
            new Real(0, false, 0.9),
            0.0,
            "Part of the examples that is kept for the test where no test data is named."));
  }

  private static Form earlyStop() {
    return new Fields(
        List.of(
            Key.optional("metric", MetricKeys.METRIC, "loss", "Metric of the validation part."),
            Key.optional(
                "patience", new Whole(0, 1_000_000), 0L, "Epochs without a better value.")));
  }

  private static Form checkpoint() {
    return new Fields(
        List.of(Key.optional("every", new Whole(1, 1_000_000_000), 500L, "Steps between two.")));
  }

  private static Form release() {
    return new Fields(
        List.of(
            Key.optional("message", MESSAGE, "", "Commit message."),
            Key.optional(
                "files",
                new Many(PATH, 0, ReleaseRecipe.MOST_FILES),
                List.of(),
                "Files that lie beside the model, such as chat_template.jinja.")));
  }

  private static Fields fields(List<Key> first, List<Key> second) {
    List<Key> all = new ArrayList<>(first);
    all.addAll(second);
    return new Fields(all);
  }

  static Choice names(Enum<?>[] constants) {
    return new Choice(
        Stream.of(constants).map(constant -> constant.name().toLowerCase(Locale.ROOT)).toList());
  }
}

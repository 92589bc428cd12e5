package dev.lathe.train.recipe;

import dev.lathe.train.Task;

/** What must hold between several keys of a recipe. */
final class RecipeRules {
  private RecipeRules() {}

  static void check(Values recipe) {
    Task task = recipe.choice("task", Task.class);
    LossKeys.check(recipe, task);
    MetricKeys.check(recipe, task);
    WiringKeys.check(recipe);
    split(recipe.fields("data"));
    earlyStop(recipe, task);
    length(recipe);
    network(recipe);
    SequenceKeys.check(recipe.fields("data"), task);
    QuestionKeys.check(recipe, task);
    severalLabels(recipe.fields("data"), task);
    optimizer(recipe.fields("optimizer"));
    plateau(recipe, task);
    RecordKeys.check(recipe.fields("data"), task);
    ImageKeys.check(recipe.fields("data"), task);
  }

  private static void split(Values data) {
    if (isParallel(data)) {
      TextKeys.check(data);
      return;
    }
    boolean test = data.has("test") || data.has("test_images");
    if (test && data.real("test_fraction") > 0) {
      throw data.bad("test_fraction", "data.test_fraction: test data is named already");
    }
    if (data.real("validation") + data.real("test_fraction") >= 1) {
      throw data.bad("validation", "data: validation and test_fraction leave nothing to train on");
    }
    if (data.has("validation_file") && data.real("validation") > 0) {
      throw data.bad("validation", "data.validation: a validation file is named already");
    }
    if (data.has("test_images") != data.has("test_labels")) {
      throw data.bad("test_images", "data: test_images and test_labels belong together");
    }
  }

  private static void earlyStop(Values recipe, Task task) {
    Values stop = recipe.fields("early_stop");
    MetricKeys.checkNumber(stop, "early_stop", task);
    if (stop.small("patience") > 0) {
      validation(recipe, "early_stop");
    }
  }

  private static void plateau(Values recipe, Task task) {
    Values schedule = recipe.fields("schedule");
    if (schedule.text("kind").equals("plateau")) {
      MetricKeys.checkNumber(schedule, "schedule", task);
      validation(recipe, "schedule");
    }
  }

  private static void validation(Values recipe, String key) {
    Values data = recipe.fields("data");
    boolean watched =
        isParallel(data)
            ? data.has("validation_source")
            : data.has("validation_file") || data.real("validation") > 0;
    if (!watched) {
      throw recipe.bad(
          key, key + ": no validation part to watch (expected: data.validation above 0)");
    }
  }

  private static boolean isParallel(Values data) {
    return data.text("format").equals("parallel");
  }

  private static void length(Values recipe) {
    if (!recipe.has("epochs") && !recipe.has("steps")) {
      throw recipe.bad("epochs", "missing key \"epochs\" (expected: epochs or steps)");
    }
  }

  private static void network(Values recipe) {
    boolean architecture = recipe.has("architecture");
    if (architecture == recipe.has("base")) {
      throw recipe.bad(
          "base",
          (architecture ? "both \"architecture\" and \"base\"" : "missing key \"architecture\"")
              + " (expected: architecture for a new network, or base for a model to train"
              + " further)");
    }
    ChatKeys.check(recipe.fields("data"), architecture);
    base(recipe);
    if (architecture) {
      ArchitectureKeys.check(
          recipe.fields("architecture"), recipe.fields("data"), recipe.choice("task", Task.class));
    }
  }

  private static void base(Values recipe) {
    if (recipe.has("base") && isParallel(recipe.fields("data"))) {
      throw recipe.bad(
          "base",
          "base: with data.format parallel (expected: architecture, since a translator learns byte"
              + " pairs and weights together)");
    }
    Task task = recipe.choice("task", Task.class);
    boolean classes = task == Task.TEXT_CLASSIFICATION || task == Task.TOKEN_CLASSIFICATION;
    if (recipe.has("head") && !(classes && recipe.has("base"))) {
      throw recipe.bad(
          "head", "head: (expected: with a base for text_classification or token_classification)");
    }
  }

  private static void severalLabels(Values data, Task task) {
    boolean several = RecordKeys.areRecords(data) || data.text("format").equals("in_memory");
    if (task == Task.MULTI_LABEL && !several) {
      throw data.bad(
          "format",
          "data.format: "
              + data.text("format")
              + " has one label for each example (expected: csv, jsonl, parquet or in_memory for"
              + " task multi_label)");
    }
  }

  private static void optimizer(Values optimizer) {
    if (optimizer.text("kind").equals("sgd")
        && optimizer.flag("nesterov")
        && optimizer.real("momentum") == 0) {
      throw optimizer.bad(
          "nesterov", "optimizer.nesterov: true without momentum (expected: momentum above 0)");
    }
  }
}

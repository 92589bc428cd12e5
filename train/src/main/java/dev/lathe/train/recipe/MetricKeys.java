package dev.lathe.train.recipe;

import dev.lathe.train.Task;
import dev.lathe.train.metric.Metric;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Name;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a recipe says about metrics: names, and which of them fit its task. */
final class MetricKeys {
  private static final int MAX_METRICS = 64;
  private static final Pattern TOP = Pattern.compile("top_[1-9][0-9]{0,4}_accuracy");

  /** A metric's name. */
  static final Form METRIC =
      new Name(
          new Choice(Metric.names().stream().filter(name -> !TOP.matcher(name).matches()).toList()),
          TOP);

  private MetricKeys() {}

  static Form form() {
    return new Many(METRIC, 0, MAX_METRICS);
  }

  static List<String> read(Values recipe, Task task) {
    if (recipe.has("metrics")) {
      return recipe.texts("metrics");
    }
    if (alignsFrames(recipe)) {
      return List.of();
    }
    boolean answers = recipe.fields("data").text("format").equals(ChatKeys.FORMAT);
    return answers ? List.of("perplexity", "accuracy") : Metric.usual(task);
  }

  /** Whether targets lie otherwise than scores, so that the loss alone can compare them. */
  private static boolean alignsFrames(Values recipe) {
    return recipe.has("loss") && recipe.fields("loss").text("kind").equals("ctc");
  }

  /** Refuses metrics that the task does not have. */
  static void check(Values recipe, Task task) {
    Stream<String> watched =
        Stream.of("early_stop", "schedule")
            .map(recipe::fields)
            .filter(values -> values.has("metric"))
            .map(values -> values.text("metric"));
    List<String> named = recipe.has("metrics") ? recipe.texts("metrics") : List.of();
    Stream.concat(watched, named.stream())
        .filter(name -> alignsFrames(recipe) && !name.equals("loss"))
        .findFirst()
        .ifPresent(
            name -> {
              throw recipe.bad(
                  "metrics", "metrics: " + name + " (expected: loss alone, with loss ctc)");
            });
    if (recipe.has("metrics")) {
      recipe.texts("metrics").forEach(name -> require(recipe, "metrics", name, task));
    }
  }

  /** Refuses a metric that a run cannot be steered by. */
  static void checkNumber(Values values, String key, Task task) {
    String name = values.text("metric");
    require(values, key + ".metric", name, task);
    if (!Metric.of(name).orElseThrow().isNumber()) {
      throw values.bad("metric", key + ".metric: " + name + " (expected: a single number)");
    }
  }

  private static void require(Values values, String key, String name, Task task) {
    List<String> known = Metric.names(task);
    if (!Metric.of(name).orElseThrow().fits(task)) {
      throw values.bad(
          key.substring(key.indexOf('.') + 1),
          key
              + ": "
              + name
              + " (expected: "
              + String.join(", ", known)
              + " for task "
              + task.key()
              + ")");
    }
  }
}

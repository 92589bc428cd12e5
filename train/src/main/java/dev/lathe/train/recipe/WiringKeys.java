package dev.lathe.train.recipe;

import dev.lathe.train.Task;
import dev.lathe.train.WiringRecipe;
import dev.lathe.train.WiringRecipe.Objective;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Column;
import dev.lathe.train.recipe.Form.Each;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** How columns meet a base of several inputs or outputs: keys, and the way there and back. */
final class WiringKeys {
  private static final int MOST = 64;
  private static final Pattern NAME = Pattern.compile("[^\\x00-\\x1f]{1,1000}");

  private WiringKeys() {}

  static Form inputs() {
    return new Each(new Text(NAME, "an input's name"), new Column(), MOST);
  }

  static Form objectives() {
    Fields one =
        new Fields(
            List.of(
                Key.required("output", new Text(NAME, "an output's name"), "Output of the base."),
                Key.required(
                    "task",
                    new Choice(List.of("classification", "binary", "multi_label", "regression")),
                    "What the output is asked."),
                Key.required(
                    "label", new Column(), "Columns of its targets, as numbers: classes from 0."),
                Key.optional("loss", LossKeys.form(), "", "What is made small; follows the task."),
                Key.optional(
                    "weight", new Real(0, true, 1e6), 1.0, "What its loss counts in the sum.")));
    return new Many(one, 0, MOST);
  }

  static WiringRecipe read(Values recipe) {
    Map<String, List<String>> inputs = new LinkedHashMap<>();
    if (recipe.has("inputs")) {
      Values given = recipe.fields("inputs");
      given.values().keySet().forEach(name -> inputs.put(name, given.texts(name)));
    }
    return new WiringRecipe(
        inputs, recipe.list("objectives").stream().map(WiringKeys::objective).toList());
  }

  private static Objective objective(Values values) {
    Task task = values.choice("task", Task.class);
    return new Objective(
        values.text("output"),
        task,
        values.texts("label"),
        values.has("loss") ? LossKeys.read(values.fields("loss")) : task.loss(),
        values.real("weight"));
  }

  /** Refuses what has no meaning without a base and records, and columns that are given twice. */
  static void check(Values recipe) {
    List<Values> objectives = recipe.list("objectives");
    boolean wired = recipe.has("inputs") || !objectives.isEmpty();
    if (!wired) {
      return;
    }
    String key = recipe.has("inputs") ? "inputs" : "objectives";
    Values data = recipe.fields("data");
    if (!recipe.has("base") || !RecordKeys.areRecords(data)) {
      throw recipe.bad(
          key,
          key + ": for a base on records only (expected: base, and csv, jsonl" + " or parquet)");
    }
    boolean features = !data.texts("features").isEmpty();
    if (features == recipe.has("inputs")) {
      throw recipe.bad(
          key,
          features
              ? "inputs: data.features names features too (expected: one of them)"
              : "objectives: which columns are features? (expected: inputs, or data.features)");
    }
    objectives.forEach(WiringKeys::checkObjective);
    unique(recipe, objectives);
  }

  private static void checkObjective(Values objective) {
    Task task = objective.choice("task", Task.class);
    LossKeys.check(objective, task);
    boolean single = task == Task.CLASSIFICATION || task == Task.BINARY;
    if (single && objective.texts("label").size() != 1) {
      throw objective.bad(
          "label",
          "objectives.label: "
              + objective.texts("label").size()
              + " columns (expected: 1 for task "
              + task.key()
              + ")");
    }
  }

  private static void unique(Values recipe, List<Values> objectives) {
    Set<String> columns = new HashSet<>(recipe.fields("data").texts("label"));
    columns.addAll(recipe.fields("data").texts("features"));
    if (recipe.has("inputs")) {
      Values inputs = recipe.fields("inputs");
      inputs.values().keySet().forEach(name -> take(inputs, name, inputs.texts(name), columns));
    }
    Set<String> outputs = new HashSet<>();
    for (Values objective : objectives) {
      take(objective, "label", objective.texts("label"), columns);
      if (!outputs.add(objective.text("output"))) {
        throw objective.bad(
            "output",
            "objectives.output: " + objective.text("output") + " is given twice (expected: once)");
      }
    }
  }

  private static void take(Values values, String key, List<String> names, Set<String> columns) {
    for (String name : names) {
      if (!columns.add(name)) {
        throw values.bad(key, key + ": column " + name + " is given twice (expected: once)");
      }
    }
  }

  static void write(WiringRecipe wiring, RecipeWriter writer) {
    if (!wiring.inputs().isEmpty()) {
      writer.line("inputs", "");
      wiring
          .inputs()
          .forEach(
              (name, columns) ->
                  writer.line("  " + RecipeWriter.quoted(name), RecipeWriter.quoted(columns)));
    }
    if (wiring.objectives().isEmpty()) {
      return;
    }
    writer.line("objectives", "");
    for (Objective objective : wiring.objectives()) {
      writer.line("  - output", RecipeWriter.quoted(objective.output()));
      writer.line("    task", objective.task().key());
      writer.line("    label", RecipeWriter.quoted(objective.label()));
      writer.line("    weight", objective.weight());
      LossKeys.write(objective.loss(), writer, "    ");
    }
  }
}

package dev.lathe.train.recipe;

import dev.lathe.train.LossRecipe;
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

/** Columns for inputs of a base, and further losses: keys, and the way there and back. */
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
                Key.optional(
                    "name",
                    new Text(Pattern.compile("[A-Za-z0-9_.-]{1,64}"), "letters, digits, _ . -"),
                    "",
                    "What it is called in metrics; its output, or its loss where it has none."),
                Key.optional(
                    "output",
                    new Text(NAME, "an output's name"),
                    "",
                    "Output of the base; that of the recipe's own loss if absent."),
                Key.optional(
                    "task",
                    new Choice(List.of("classification", "binary", "multi_label", "regression")),
                    "",
                    "What the output is asked; the recipe's own task if absent."),
                Key.optional(
                    "label",
                    new Column(),
                    "",
                    "Columns of its targets, as numbers: classes from 0; the recipe's own targets"
                        + " if absent."),
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
        inputs,
        recipe.list("objectives").stream().map(values -> objective(recipe, values)).toList());
  }

  private static Objective objective(Values recipe, Values values) {
    Task task = task(recipe, values);
    LossRecipe loss = values.has("loss") ? LossKeys.read(values.fields("loss")) : task.loss();
    String output = values.has("output") ? values.text("output") : "";
    return new Objective(
        values.has("name") ? values.text("name") : usualName(output, loss),
        output,
        task,
        values.has("label") ? values.texts("label") : List.of(),
        loss,
        values.real("weight"));
  }

  private static String usualName(String output, LossRecipe loss) {
    return output.isEmpty() ? loss.key() : output;
  }

  private static Task task(Values recipe, Values objective) {
    return (objective.has("task") ? objective : recipe).choice("task", Task.class);
  }

  /** Refuses what has no meaning with this data or network, and what is given twice. */
  static void check(Values recipe) {
    List<Values> objectives = recipe.list("objectives");
    boolean columns = objectives.stream().anyMatch(one -> one.has("label"));
    boolean outputs = objectives.stream().anyMatch(one -> one.has("output"));
    if (recipe.has("inputs") || columns) {
      checkColumns(recipe, outputs);
    }
    if (outputs && !recipe.has("base")) {
      throw recipe.bad("objectives", "objectives.output: of a base only (expected: base)");
    }
    boolean places = recipe.choice("task", Task.class) == Task.QUESTION_ANSWERING;
    if (places && !objectives.isEmpty()) {
      throw recipe.bad("objectives", "objectives: (expected: none for task question_answering)");
    }
    objectives.forEach(objective -> checkObjective(recipe, objective));
    unique(recipe, objectives);
  }

  private static void checkColumns(Values recipe, boolean outputs) {
    String key = recipe.has("inputs") ? "inputs" : "objectives";
    Values data = recipe.fields("data");
    boolean based = recipe.has("base") || !recipe.has("inputs") && !outputs;
    if (!based || !RecordKeys.areRecords(data)) {
      throw recipe.bad(
          key,
          key
              + (key.equals("inputs")
                  ? ": for a base on records only (expected: base, and csv, jsonl or parquet)"
                  : ".label: columns of records only (expected: format csv, jsonl or parquet)"));
    }
    boolean features = !data.texts("features").isEmpty();
    if (features == recipe.has("inputs")) {
      throw recipe.bad(
          key,
          features
              ? "inputs: data.features names features too (expected: one of them)"
              : "objectives: which columns are features? (expected: inputs, or data.features)");
    }
  }

  private static void checkObjective(Values recipe, Values objective) {
    Task task = task(recipe, objective);
    LossKeys.check(objective, task);
    boolean single = task == Task.CLASSIFICATION || task == Task.BINARY;
    if (single && objective.has("label") && objective.texts("label").size() != 1) {
      throw objective.bad(
          "label",
          "objectives.label: "
              + objective.texts("label").size()
              + " columns (expected: 1 for task "
              + task.key()
              + ")");
    }
    if (!objective.has("label") && task != recipe.choice("task", Task.class)) {
      throw objective.bad(
          "task",
          "objectives.task: "
              + task.key()
              + " (expected: label, the columns of its targets, or the recipe's own task)");
    }
    if (!objective.has("label") && !objective.has("output") && !objective.has("loss")) {
      throw objective.bad(
          "weight",
          "objectives: the same output, targets and loss as the recipe's own (expected: output,"
              + " label or loss)");
    }
  }

  private static void unique(Values recipe, List<Values> objectives) {
    Values data = recipe.fields("data");
    Set<String> columns = new HashSet<>();
    if (RecordKeys.areRecords(data)) {
      columns.addAll(data.texts("label"));
      columns.addAll(data.texts("features"));
    }
    if (recipe.has("inputs")) {
      Values inputs = recipe.fields("inputs");
      inputs.values().keySet().forEach(name -> take(inputs, name, inputs.texts(name), columns));
    }
    Set<String> names = new HashSet<>();
    LossRecipe own =
        recipe.has("loss")
            ? LossKeys.read(recipe.fields("loss"))
            : recipe.choice("task", Task.class).loss();
    names.add(own.key());
    for (Values objective : objectives) {
      if (objective.has("label")) {
        take(objective, "label", objective.texts("label"), columns);
      }
      String name = objective(recipe, objective).name();
      if (!names.add(name)) {
        throw objective.bad(
            objective.has("output") ? "output" : "weight",
            "objectives: two losses are called "
                + name
                + " (expected: a name of its own for each)");
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
      writer.line("  - weight", objective.weight());
      if (!objective.name().equals(usualName(objective.output(), objective.loss()))) {
        writer.line("    name", RecipeWriter.quoted(objective.name()));
      }
      if (!objective.isOfOwnOutput()) {
        writer.line("    output", RecipeWriter.quoted(objective.output()));
      }
      if (!objective.hasOwnTargets()) {
        writer.line("    task", objective.task().key());
        writer.line("    label", RecipeWriter.quoted(objective.label()));
      }
      LossKeys.write(objective.loss(), writer, "    ");
    }
  }
}

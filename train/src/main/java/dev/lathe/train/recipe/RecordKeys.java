package dev.lathe.train.recipe;

import dev.lathe.train.DataRecipe.Columns;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.DataRecipe.Records;
import dev.lathe.train.Missing;
import dev.lathe.train.Normalization;
import dev.lathe.train.RecordFormat;
import dev.lathe.train.Task;
import dev.lathe.train.recipe.Form.Column;
import dev.lathe.train.recipe.Form.Flag;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Whole;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The keys of data that are files of records. */
final class RecordKeys {
  private static final Map<RecordFormat, String> NAMES =
      Map.of(
          RecordFormat.CSV, "csv",
          RecordFormat.CSV_WITH_HEADER, "csv",
          RecordFormat.JSONL, "jsonl",
          RecordFormat.PARQUET, "parquet");
  private static final String TARGET =
      "Column of the target: first, last, a name, or a place from 0; a list for regression and"
          + " multi_label.";

  private RecordKeys() {}

  static List<Key> csv() {
    List<Key> keys = new ArrayList<>(files());
    keys.add(Key.optional("label", new Column(), List.of("last"), TARGET));
    keys.add(
        Key.optional("header", new Flag(), false, "Whether the first record names the columns."));
    return keys;
  }

  /** Records whose fields have names. */
  static List<Key> named() {
    List<Key> keys = new ArrayList<>(files());
    keys.add(Key.required("label", new Column(), TARGET));
    return keys;
  }

  private static List<Key> files() {
    return List.of(
        Key.required("train", RecipeForm.PATH, "The training file."),
        Key.optional("validation_file", RecipeForm.PATH, "", "A file for validation, likewise."),
        Key.optional("test", RecipeForm.PATH, "", "The test file."),
        Key.optional(
            "features",
            new Column(),
            List.of(),
            "Columns that are features, named as the label is; all others if absent."),
        Key.optional(
            "label_separator",
            new Text(Pattern.compile("[^\\x00-\\x1f\"]{1,8}|\\t"), "1 to 8 characters"),
            "",
            "What stands between the labels of an example, for multi_label in one column."),
        Key.optional(
            "missing",
            RecipeForm.names(Missing.values()),
            Missing.ERROR.key(),
            "What stands for features that are missing: an empty cell, NaN or null. The mean is of"
                + " the training part; the released model takes NaN."),
        Key.optional(
            "window",
            new Whole(1, 1 << 20),
            (long) Records.WINDOW,
            "Mebibytes: a larger file is not held in memory but read in every epoch, shuffled"
                + " among as many records as fit; parts of it are as large as told in the mean."));
  }

  static boolean areRecords(Values data) {
    return NAMES.containsValue(data.text("format"));
  }

  static Records read(Values data, Path directory, Preparation preparation) {
    RecordFormat format =
        switch (data.text("format")) {
          case "csv" -> data.flag("header") ? RecordFormat.CSV_WITH_HEADER : RecordFormat.CSV;
          case "parquet" -> RecordFormat.PARQUET;
          default -> RecordFormat.JSONL;
        };
    return new Records(
        format,
        data.path("train", directory),
        data.path("validation_file", directory),
        data.path("test", directory),
        new Columns(
            data.texts("label"),
            data.texts("features"),
            data.text("label_separator"),
            data.choice("missing", Missing.class)),
        data.small("window"),
        preparation);
  }

  static void check(Values data, Task task) {
    if (!areRecords(data)) {
      return;
    }
    missing(data);
    List<String> labels = data.texts("label");
    if (data.has("label_separator") && (labels.size() > 1 || task != Task.MULTI_LABEL)) {
      throw data.bad(
          "label_separator",
          "data.label_separator: for "
              + labels.size()
              + " columns and task "
              + task.key()
              + " (expected: 1 column that lists labels, and task multi_label)");
    }
    if (labels.size() > 1 && task != Task.REGRESSION && task != Task.MULTI_LABEL) {
      throw data.bad(
          "label",
          "data.label: " + labels.size() + " columns (expected: 1 for task " + task.key() + ")");
    }
    if (data.text("format").equals("csv") && !data.flag("header")) {
      labels.forEach(column -> requirePlace(data, "label", column));
      data.texts("features").forEach(column -> requirePlace(data, "features", column));
    }
  }

  private static void missing(Values data) {
    Missing missing = data.choice("missing", Missing.class);
    Normalization normalization = data.choice("normalize", Normalization.class);
    if (missing == Missing.MEAN && normalization == Normalization.STANDARD_ALL) {
      throw data.bad(
          "missing", "data.missing: mean with normalize: standard_all (expected: standard)");
    }
    if (missing != Missing.ERROR && data.has("augment")) {
      throw data.bad("missing", "data.missing: images have no holes (expected: no data.augment)");
    }
  }

  private static void requirePlace(Values data, String key, String column) {
    if (!column.equals("first") && !column.equals("last") && !column.matches("\\d{1,9}")) {
      throw data.bad(
          key,
          "data." + key + ": name \"" + column + "\" without a header (expected: header: true)");
    }
  }

  static void write(Records records, RecipeWriter writer) {
    writer.line("  format", NAMES.getOrDefault(records.format(), ""));
    writer.path("  train", records.train());
    writer.path("  validation_file", records.validationFile());
    writer.path("  test", records.test());
    writer.line("  label", RecipeWriter.quoted(records.columns().label()));
    if (!records.columns().features().isEmpty()) {
      writer.line("  features", RecipeWriter.quoted(records.columns().features()));
    }
    if (!records.columns().separator().isEmpty()) {
      writer.line("  label_separator", RecipeWriter.quoted(records.columns().separator()));
    }
    if (records.columns().missing() != Missing.ERROR) {
      writer.line("  missing", records.columns().missing().key());
    }
    if (records.format() == RecordFormat.CSV_WITH_HEADER) {
      writer.line("  header", true);
    }
    writer.line("  window", records.window());
  }
}

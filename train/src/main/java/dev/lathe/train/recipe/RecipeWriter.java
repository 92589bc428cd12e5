package dev.lathe.train.recipe;

import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.IdxPair;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.LastLayer;
import dev.lathe.train.Recipe;
import dev.lathe.train.ReleaseRecipe;
import dev.lathe.train.metric.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** From a recipe to its text; what is as usual is left out where an empty value says so. */
public final class RecipeWriter {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*");
  private static final Set<String> WORDS =
      Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

  private final StringBuilder text = new StringBuilder();

  private RecipeWriter() {}

  /**
   * Renders a recipe.
   *
   * @param recipe the recipe
   * @return YAML that reads as the same recipe
   */
  public static String yaml(Recipe recipe) {
    RecipeWriter writer = new RecipeWriter();
    writer.recipe(recipe);
    return writer.text.toString();
  }

  private void recipe(Recipe recipe) {
    line("model", quoted(recipe.model()));
    line("task", recipe.task().key());
    line("seed", recipe.seed());
    data(recipe.data());
    architecture(recipe.architecture());
    LossKeys.write(recipe.loss(), this, "");
    OptimizerKeys.write(recipe.optimizer(), this);
    ScheduleKeys.write(recipe.schedule(), this);
    UpdateKeys.write(recipe.update(), this);
    LoraKeys.write(recipe.lora(), this);
    WiringKeys.write(recipe.wiring(), this);
    if (recipe.epochs() != 0 || recipe.steps() == 0) {
      line("epochs", recipe.epochs());
    }
    if (recipe.steps() != 0) {
      line("steps", recipe.steps());
    }
    line("batch", recipe.batch());
    line("metrics", recipe.metrics());
    if (recipe.written() != Metric.WRITTEN) {
      line("written", recipe.written());
    }
    if (recipe.earlyStop().patience() > 0) {
      line("early_stop", "");
      line("  metric", recipe.earlyStop().metric());
      line("  patience", recipe.earlyStop().patience());
    }
    line("checkpoint", "");
    line("  every", recipe.checkpointEvery());
    if (!recipe.release().equals(ReleaseRecipe.USUAL)) {
      line("release", "");
      line("  message", quoted(recipe.release().message()));
      line(
          "  files",
          recipe.release().files().stream().map(file -> quoted(file.toString())).toList());
    }
    if (!recipe.deploy().isEmpty()) {
      line("deploy", quoted(recipe.deploy()));
    }
  }

  private void data(DataRecipe data) {
    line("data", "");
    switch (data) {
      case DataRecipe.Records records -> RecordKeys.write(records, this);
      case DataRecipe.Images images -> ImageKeys.write(images, this);
      case DataRecipe.Idx idx -> {
        line("  format", "idx");
        pair("train", idx.train());
        pair("test", idx.test());
      }
      case DataRecipe.DrawnDigits digits -> {
        line("  format", "drawn_digits");
        line("  train", digits.train());
        line("  test", digits.test());
        line("  drawing_seed", digits.seed());
      }
      case DataRecipe.Text text -> TextKeys.write(text, this);
      case DataRecipe.Parallel parallel -> {
        TextKeys.write(parallel, this);
        return;
      }
      case DataRecipe.LabelledTexts texts -> SequenceKeys.write(texts, this);
      case DataRecipe.Tagged tagged -> SequenceKeys.write(tagged, this);
      case DataRecipe.Conversations chats -> ChatKeys.write(chats, this);
      case DataRecipe.Questions questions -> QuestionKeys.write(questions, this);
      case DataRecipe.InMemory _ -> line("  format", "in_memory");
    }
    split(data.preparation());
    switch (data) {
      case DataRecipe.Text _,
          DataRecipe.Parallel _,
          DataRecipe.LabelledTexts _,
          DataRecipe.Conversations _,
          DataRecipe.Tagged _,
          DataRecipe.Questions _ -> {}
      case DataRecipe.Records _,
          DataRecipe.Images _,
          DataRecipe.Idx _,
          DataRecipe.DrawnDigits _,
          DataRecipe.InMemory _ ->
          preparation(data.preparation());
    }
  }

  private void pair(String part, IdxPair pair) {
    path("  " + part + "_images", pair.images());
    path("  " + part + "_labels", pair.labels());
  }

  void path(String key, Path path) {
    if (!path.toString().isEmpty()) {
      line(key, quoted(path.toString()));
    }
  }

  private void split(Preparation preparation) {
    line("  validation", preparation.validation());
    line("  test_fraction", preparation.testFraction());
  }

  private void preparation(Preparation preparation) {
    if (!preparation.shape().isEmpty()) {
      line("  shape", preparation.shape());
    }
    line("  normalize", preparation.normalization().key());
    ImageKeys.write(preparation.augment(), this);
  }

  private void architecture(ArchitectureRecipe architecture) {
    if (architecture instanceof ArchitectureRecipe.Base base) {
      path("base", base.version().isEmpty() ? base.file() : Path.of(base.version()));
      if (base.head() != LastLayer.KEPT) {
        line("head", base.head().name().toLowerCase(Locale.ROOT));
      }
      return;
    }
    ArchitectureKeys.write(architecture, this);
  }

  /** A key and its value; an empty value opens a mapping. */
  void line(String key, Object value) {
    String shown = value.toString();
    text.append(key).append(shown.isEmpty() ? ":" : ": ").append(shown).append('\n');
  }

  static List<String> quoted(List<String> values) {
    return values.stream().map(RecipeWriter::quoted).toList();
  }

  static String quoted(String value) {
    if (PLAIN.matcher(value).matches() && !WORDS.contains(value.toLowerCase(Locale.ROOT))) {
      return value;
    }
    StringBuilder quoted = new StringBuilder("\"");
    value
        .chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (c < 0x20 || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }
}

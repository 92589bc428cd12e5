package dev.lathe.train.recipe;

import dev.lathe.train.DataRecipe.LabelledTexts;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.DataRecipe.Tagged;
import dev.lathe.train.DataRecipe.TextColumns;
import dev.lathe.train.Task;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.VocabularyRecipe.BytePairs;
import dev.lathe.train.VocabularyRecipe.Casing;
import dev.lathe.train.VocabularyRecipe.OfBase;
import dev.lathe.train.VocabularyRecipe.Words;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.ClassifierTokens;
import dev.lathe.train.text.WordVocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a recipe says about sequences that are classified, as wholes or token by token. */
final class SequenceKeys {
  private static final Text COLUMN = new Text(Pattern.compile("[^\\x00-\\x1f]{1,1024}"), "a name");
  private static final Form LENGTH = new Whole(2, 65_536);

  /** Formats that only one task takes, and tasks that take no other. */
  private static final Map<String, Task> FORMATS =
      Map.of(
          "text",
          Task.LANGUAGE_MODEL,
          ChatKeys.FORMAT,
          Task.LANGUAGE_MODEL,
          "parallel",
          Task.TRANSLATION,
          "texts",
          Task.TEXT_CLASSIFICATION,
          "conll",
          Task.TOKEN_CLASSIFICATION,
          "questions",
          Task.QUESTION_ANSWERING);

  private SequenceKeys() {}

  static List<Key> texts() {
    return List.of(
        Key.required("train", RecipeForm.PATH, "CSV with a header, or JSON Lines; by its ending."),
        Key.optional("test", RecipeForm.PATH, "", "The test file."),
        Key.optional("text", COLUMN, "text", "Column of the text."),
        Key.optional("label", COLUMN, "label", "Column of the label."),
        Key.required("length", LENGTH, "The most tokens of a text that the network sees."),
        vocabulary(Map.of("words", words("lower"), "bpe", pairs())));
  }

  static List<Key> conll() {
    return List.of(
        Key.required("train", RecipeForm.PATH, "A token, a tab and its tag in each line, UTF-8."),
        Key.optional("test", RecipeForm.PATH, "", "The test file."),
        Key.required("length", LENGTH, "The most tokens that the network sees at once."),
        vocabulary(Map.of("words", words("kept"))));
  }

  private static Key vocabulary(Map<String, Fields> cases) {
    Form form = new Named(new Variants("kind", "How text becomes tokens.", new TreeMap<>(cases)));
    return Key.optional(
        "vocabulary",
        form,
        "words",
        "What a token is; a base has its own, by its tokenizer.json, if this is absent.");
  }

  private static Fields words(String casing) {
    int least = ClassifierTokens.names().size() + 1;
    return new Fields(
        List.of(
            Key.optional(
                "size", new Whole(least, WordVocabulary.LIMIT), 30_000L, "The most tokens."),
            Key.optional("least", new Whole(1, 1_000_000), 2L, "How often a word must occur."),
            Key.optional(
                "casing",
                RecipeForm.names(Casing.values()),
                casing,
                "Whether words are told apart by case.")));
  }

  private static Fields pairs() {
    int least = ClassifierTokens.names().size() + BytePairVocabulary.LETTERS;
    Form size = new Whole(least, BytePairVocabulary.LIMIT);
    return new Fields(List.of(Key.required("size", size, "The most tokens.")));
  }

  static LabelledTexts texts(Values data, Preparation preparation, Path directory, boolean based) {
    return new LabelledTexts(
        data.path("train", directory),
        data.path("test", directory),
        new TextColumns(data.text("text"), data.text("label")),
        data.small("length"),
        TextKeys.isOfBase(data, based) ? new OfBase() : vocabulary(data.fields("vocabulary")),
        preparation);
  }

  static Tagged conll(Values data, Preparation preparation, Path directory, boolean based) {
    return new Tagged(
        data.path("train", directory),
        data.path("test", directory),
        data.small("length"),
        TextKeys.isOfBase(data, based) ? new OfBase() : words(data.fields("vocabulary")),
        preparation);
  }

  private static VocabularyRecipe vocabulary(Values values) {
    return values.text("kind").equals("bpe") ? new BytePairs(values.small("size")) : words(values);
  }

  private static Words words(Values values) {
    return new Words(
        values.small("size"), values.small("least"), values.choice("casing", Casing.class));
  }

  static void write(LabelledTexts texts, RecipeWriter writer) {
    writer.line("  format", "texts");
    writer.path("  train", texts.train());
    writer.path("  test", texts.test());
    writer.line("  text", RecipeWriter.quoted(texts.columns().text()));
    writer.line("  label", RecipeWriter.quoted(texts.columns().label()));
    writer.line("  length", texts.length());
    TextKeys.write(texts.vocabulary(), writer);
  }

  static void write(Tagged tagged, RecipeWriter writer) {
    writer.line("  format", "conll");
    writer.path("  train", tagged.train());
    writer.path("  test", tagged.test());
    writer.line("  length", tagged.length());
    TextKeys.write(tagged.vocabulary(), writer);
  }

  /** Whether data is text, which has neither shape nor normalization. */
  static boolean isText(Values data) {
    return FORMATS.containsKey(data.text("format"));
  }

  /** Refuses data of a format that the task does not take. */
  static void check(Values data, Task task) {
    String format = data.text("format");
    Task only = FORMATS.getOrDefault(format, task);
    boolean choosy = FORMATS.containsValue(task);
    if (only != task || choosy && !FORMATS.containsKey(format)) {
      throw data.bad(
          "format",
          "data.format: "
              + format
              + " does not fit task "
              + task.key()
              + " (language_model takes text or conversations, translation parallel,"
              + " text_classification texts, token_classification conll, question_answering"
              + " questions, and each of these is for that task only)");
    }
  }
}

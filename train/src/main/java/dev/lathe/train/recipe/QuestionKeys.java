package dev.lathe.train.recipe;

import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.DataRecipe.Questions;
import dev.lathe.train.DataRecipe.TextWindows;
import dev.lathe.train.Task;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.ClassifierTokens;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a recipe says about questions that a text answers. */
final class QuestionKeys {
  private static final String VOCABULARY = "vocabulary";

  private QuestionKeys() {}

  static List<Key> questions() {
    int least = ClassifierTokens.pairNames().size() + BytePairVocabulary.LETTERS;
    Form size = new Whole(least, BytePairVocabulary.LIMIT);
    Fields pairs = new Fields(List.of(Key.required("size", size, "The most tokens.")));
    return List.of(
        Key.required(
            "train",
            RecipeForm.PATH,
            "JSON Lines: question, context, and answers with text and answer_start as SQuAD has"
                + " them; none where the context has no answer."),
        Key.optional("test", RecipeForm.PATH, "", "The test file."),
        Key.required(
            "length",
            new Whole(16, 65_536),
            "The most tokens that the network sees at once, the question among them."),
        Key.optional(
            "stride",
            new Whole(0, 65_536),
            64L,
            "Tokens of a longer text that neighbouring windows share; at most half of a window's."),
        Key.optional(
            VOCABULARY,
            new Variants("kind", "How text becomes tokens.", Map.of("bpe", pairs)),
            "",
            "Byte pairs learned here; with a base, its own tokenizer.json."));
  }

  static Questions read(Values data, Preparation preparation, Path directory) {
    return new Questions(
        data.path("train", directory),
        data.path("test", directory),
        new TextWindows(data.small("length"), data.small("stride")),
        data.has(VOCABULARY) ? data.fields(VOCABULARY).small("size") : 0,
        preparation);
  }

  static void write(Questions questions, RecipeWriter writer) {
    writer.line("  format", "questions");
    writer.path("  train", questions.train());
    writer.path("  test", questions.test());
    writer.line("  length", questions.windows().length());
    writer.line("  stride", questions.windows().stride());
    if (questions.vocabulary() > 0) {
      writer.line("  vocabulary", "{ kind: bpe, size: " + questions.vocabulary() + " }");
    }
  }

  /**
   * A network from scratch has a vocabulary of its own, a base the one that it was trained with.
   */
  static void check(Values recipe, Task task) {
    if (task != Task.QUESTION_ANSWERING) {
      return;
    }
    Values data = recipe.fields("data");
    if (data.has(VOCABULARY) == recipe.has("base")) {
      throw data.bad(
          VOCABULARY,
          recipe.has("base")
              ? "data.vocabulary: with a base (expected: none, since its tokenizer.json is used)"
              : "missing key \"data.vocabulary\" (expected: { kind: bpe, size: 4000 }, or base)");
    }
  }
}

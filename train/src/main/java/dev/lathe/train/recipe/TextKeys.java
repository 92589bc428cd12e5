package dev.lathe.train.recipe;

import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.VocabularyRecipe.BytePairs;
import dev.lathe.train.VocabularyRecipe.Characters;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.train.text.BytePairVocabulary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a recipe says about text: keys, and the way there and back. */
final class TextKeys {
  private static final Form LENGTH = new Whole(1, 65_536);

  private TextKeys() {}

  static List<Key> text() {
    return List.of(
        Key.required("train", RecipeForm.PATH, "The training file, UTF-8."),
        Key.optional("test", RecipeForm.PATH, "", "The test file, UTF-8."),
        Key.required("length", LENGTH, "Tokens that the network sees at once."),
        vocabulary("characters"));
  }

  private static Key vocabulary(String standard) {
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("characters", new Fields(List.of()));
    Form size = new Whole(BytePairVocabulary.LETTERS, BytePairVocabulary.LIMIT);
    cases.put("bpe", new Fields(List.of(Key.required("size", size, "The most tokens."))));
    Form form = new Named(new Variants("kind", "How text becomes tokens.", cases));
    return Key.optional("vocabulary", form, standard, "Characters, or byte pairs learned here.");
  }

  static DataRecipe.Text text(Values data, Preparation preparation, Path directory) {
    return new DataRecipe.Text(
        data.path("train", directory),
        data.path("test", directory),
        data.small("length"),
        vocabulary(data.fields("vocabulary")),
        preparation);
  }

  private static VocabularyRecipe vocabulary(Values values) {
    return values.text("kind").equals("bpe")
        ? new BytePairs(values.small("size"))
        : new Characters();
  }

  static void write(DataRecipe.Text text, RecipeWriter writer) {
    writer.line("  format", "text");
    writer.path("  train", text.train());
    writer.path("  test", text.test());
    writer.line("  length", text.length());
    write(text.vocabulary(), writer);
  }

  private static void write(VocabularyRecipe vocabulary, RecipeWriter writer) {
    switch (vocabulary) {
      case Characters _ -> writer.line("  vocabulary", "characters");
      case BytePairs pairs ->
          writer.line("  vocabulary", "{ kind: bpe, size: " + pairs.size() + " }");
    }
  }
}

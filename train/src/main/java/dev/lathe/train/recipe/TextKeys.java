package dev.lathe.train.recipe;

import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.DataRecipe.Texts;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.VocabularyRecipe.BytePairs;
import dev.lathe.train.VocabularyRecipe.Characters;
import dev.lathe.train.VocabularyRecipe.OfBase;
import dev.lathe.train.VocabularyRecipe.Words;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.train.text.BytePairVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a recipe says about text: keys, and the way there and back. */
final class TextKeys {
  private static final List<String> PARTS = List.of("train", "validation", "test");
  private static final Form LENGTH = new Whole(1, 65_536);

  private TextKeys() {}

  static List<Key> text() {
    return List.of(
        Key.required("train", RecipeForm.PATH, "The training file, UTF-8."),
        Key.optional("test", RecipeForm.PATH, "", "The test file, UTF-8."),
        Key.required("length", LENGTH, "Tokens that the network sees at once."),
        vocabulary());
  }

  static List<Key> parallel() {
    List<Key> keys = new ArrayList<>();
    for (String part : PARTS) {
      for (String side : List.of("source", "target")) {
        String name = part + "_" + side;
        String about = "UTF-8, a sentence a line; may be .gz.";
        keys.add(
            part.equals("train")
                ? Key.required(name, RecipeForm.PATH, about)
                : Key.optional(name, RecipeForm.PATH, "", about));
      }
    }
    keys.add(Key.required("length", new Whole(2, 4096), "The most tokens of a sentence."));
    Fields pairs = new Fields(List.of(pairs()));
    Form form = new Variants("kind", "How text becomes tokens.", Map.of("bpe", pairs));
    keys.add(Key.required("vocabulary", form, "Byte pairs learned here."));
    return keys;
  }

  private static Key pairs() {
    Form size = new Whole(BytePairVocabulary.LETTERS, BytePairVocabulary.LIMIT);
    return Key.required("size", size, "The most tokens.");
  }

  private static Key vocabulary() {
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("characters", new Fields(List.of()));
    cases.put("bpe", new Fields(List.of(pairs())));
    Form form = new Named(new Variants("kind", "How text becomes tokens.", cases));
    return Key.optional(
        "vocabulary",
        form,
        "characters",
        "Characters, or byte pairs learned here; a base has its own tokens, by its"
            + " tokenizer.json, if this is absent.");
  }

  /** A base has a tokenizer of its own, unless the recipe says that one is learned. */
  static boolean isOfBase(Values data, boolean based) {
    return based && !data.has("vocabulary");
  }

  static DataRecipe.Text text(Values data, Preparation preparation, Path directory, boolean based) {
    return new DataRecipe.Text(
        data.path("train", directory),
        data.path("test", directory),
        data.small("length"),
        isOfBase(data, based) ? new OfBase() : vocabulary(data.fields("vocabulary")),
        preparation);
  }

  static DataRecipe.Parallel parallel(Values data, Path directory) {
    List<Texts> parts =
        PARTS.stream()
            .map(
                part ->
                    new Texts(
                        data.path(part + "_source", directory),
                        data.path(part + "_target", directory)))
            .toList();
    return new DataRecipe.Parallel(
        parts.get(0),
        parts.get(1),
        parts.get(2),
        data.small("length"),
        vocabulary(data.fields("vocabulary")));
  }

  /** Files come in pairs. */
  static void check(Values data) {
    for (String part : PARTS) {
      if (data.has(part + "_source") != data.has(part + "_target")) {
        throw data.bad(
            part + "_source", "data: " + part + "_source and " + part + "_target belong together");
      }
    }
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

  static void write(DataRecipe.Parallel parallel, RecipeWriter writer) {
    writer.line("  format", "parallel");
    List<Texts> parts = List.of(parallel.train(), parallel.validation(), parallel.test());
    for (int i = 0; i < parts.size(); i++) {
      writer.path("  " + PARTS.get(i) + "_source", parts.get(i).source());
      writer.path("  " + PARTS.get(i) + "_target", parts.get(i).target());
    }
    writer.line("  length", parallel.length());
    write(parallel.vocabulary(), writer);
  }

  static void write(VocabularyRecipe vocabulary, RecipeWriter writer) {
    switch (vocabulary) {
      case OfBase _ -> {}
      case Characters _ -> writer.line("  vocabulary", "characters");
      case BytePairs pairs ->
          writer.line("  vocabulary", "{ kind: bpe, size: " + pairs.size() + " }");
      case Words words ->
          writer.line(
              "  vocabulary",
              "{ kind: words, size: "
                  + words.size()
                  + ", least: "
                  + words.least()
                  + ", casing: "
                  + words.casing().name().toLowerCase(Locale.ROOT)
                  + " }");
    }
  }
}

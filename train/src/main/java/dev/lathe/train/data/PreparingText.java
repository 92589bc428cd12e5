package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.TextChunks.Cut;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.CharacterVocabulary;
import dev.lathe.train.text.ClassifierTokens;
import dev.lathe.train.text.Vocabulary;
import dev.lathe.train.text.WordVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Follows a recipe from text files to windows of tokens. */
final class PreparingText {
  private final DataRecipe.Text recipe;

  private PreparingText(DataRecipe.Text recipe) {
    this.recipe = recipe;
  }

  static PreparedData of(Recipe recipe, DataRecipe.Text data) {
    PreparingText preparing = new PreparingText(data);
    if (!(data.vocabulary() instanceof VocabularyRecipe.OfBase)) {
      return preparing.learned();
    }
    try (TextsOfBase base = TextsOfBase.open(recipe, data.length())) {
      Outputs answers = new Outputs(base.scores(), List.of(), Map.of());
      ToTokens tokens = (text, _) -> base.encode(text);
      return preparing.all(new Coding(Cut.LINE, tokens, base.inputs(), answers));
    }
  }

  /**
   * How text becomes tokens, what the network takes of them, and what it answers.
   *
   * @param cut where text may be cut without any token being another
   */
  private record Coding(Cut cut, ToTokens tokens, TokenInputs inputs, Outputs answers) {}

  /** From a piece of a text to its tokens. */
  @FunctionalInterface
  private interface ToTokens {
    /** Those of a piece that comes after so many other tokens. */
    int[] of(String text, long before);
  }

  private PreparedData learned() {
    Cut cut = recipe.vocabulary() instanceof VocabularyRecipe.Characters ? Cut.ANYWHERE : Cut.WORD;
    Vocabulary vocabulary =
        located(
            recipe.train(),
            () -> {
              try (TextChunks chunks = TextChunks.open(recipe.train(), cut)) {
                return vocabulary(chunks.all());
              }
            });
    Outputs answers =
        new Outputs(
            vocabulary.size(), List.of(), Map.of("tokenizer.json", vocabulary.tokenizerJson()));
    TokenInputs inputs = TokenInputs.of(Sequences.Classes.NEXT_TOKEN, ClassifierTokens.PADDING);
    ToTokens tokens =
        vocabulary instanceof CharacterVocabulary characters
            ? characters::encode
            : (text, _) -> vocabulary.encode(text);
    return all(new Coding(cut, tokens, inputs, answers));
  }

  private PreparedData all(Coding coding) {
    Tokens tokens = tokens(recipe.train(), coding);
    long testFrom = from(tokens, recipe.preparation().testFraction(), tokens.size());
    long validationFrom = from(tokens, recipe.preparation().validation(), testFrom);
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", recipe.train(), tokens.size()));
    Tokens test = tokens.part(testFrom, tokens.size());
    if (!recipe.test().toString().isEmpty()) {
      test = tokens(recipe.test(), coding);
      digests.add(digest("test", recipe.test(), test.size()));
    }
    return new PreparedData(
        windows("training", tokens.part(0, validationFrom), coding.inputs()),
        windows("validation", tokens.part(validationFrom, testFrom), coding.inputs()),
        windows("test", test, coding.inputs()),
        Normalizer.none(),
        coding.answers(),
        digests);
  }

  private static Tokens tokens(Path file, Coding coding) {
    return located(
        file,
        () -> {
          try (TextChunks chunks = TextChunks.open(file, coding.cut());
              Tokens.Writer writer = new Tokens.Writer()) {
            chunks.all().forEach(text -> writer.add(coding.tokens().of(text, writer.size())));
            return writer.all();
          }
        });
  }

  private Vocabulary vocabulary(Stream<String> text) {
    return switch (recipe.vocabulary()) {
      case VocabularyRecipe.Characters _ -> CharacterVocabulary.of(text);
      case VocabularyRecipe.BytePairs pairs ->
          BytePairVocabulary.learn(text, pairs.size(), List.of());
      case VocabularyRecipe.Words words ->
          WordVocabulary.of(text.flatMap(part -> WordVocabulary.words(part).stream()), words);
      case VocabularyRecipe.OfBase _ -> throw new IllegalStateException("nothing is learned");
    };
  }

  private static long from(Tokens tokens, double fraction, long end) {
    return end - (long) (tokens.size() * fraction);
  }

  /** A part that is wanted at all must be long enough for a window. */
  private TextWindows windows(String part, Tokens tokens, TokenInputs inputs) {
    TextWindows windows = new TextWindows(tokens, recipe.length(), inputs);
    if (windows.size() == 0 && (tokens.size() > 0 || part.equals("training"))) {
      throw new LatheException(
          TrainError.BAD_DATA,
          part
              + " text: "
              + tokens.size()
              + " tokens (expected: at least "
              + 2 * recipe.length()
              + " for one window of length "
              + recipe.length()
              + ")");
    }
    return windows;
  }

  private static DataDigest digest(String role, Path file, long tokens) {
    Path name = file.getFileName();
    String shown = name == null ? file.toString() : name.toString();
    return new DataDigest(role, shown, Digest.ofFile(file), tokens);
  }

  /** Says in which file something is wrong, unless that is said already. */
  private static <T> T located(Path file, Supplier<T> work) {
    try {
      return work.get();
    } catch (LatheException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains(file.toString())
          ? e
          : new LatheException(e.code(), file + ": " + message, e);
    }
  }
}

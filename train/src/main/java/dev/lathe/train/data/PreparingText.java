package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.source.RegularFile;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.CharacterVocabulary;
import dev.lathe.train.text.ClassifierTokens;
import dev.lathe.train.text.Vocabulary;
import dev.lathe.train.text.WordVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Follows a recipe from text files to windows of tokens. */
final class PreparingText {
  private static final long MAX_BYTES = 512L << 20;

  private final DataRecipe.Text recipe;

  private PreparingText(DataRecipe.Text recipe) {
    this.recipe = recipe;
  }

  static PreparedData of(Recipe recipe, DataRecipe.Text data) {
    PreparingText preparing = new PreparingText(data);
    String text = read(data.train());
    if (!(data.vocabulary() instanceof VocabularyRecipe.OfBase)) {
      return preparing.learned(text);
    }
    try (TextsOfBase base = TextsOfBase.open(recipe, data.length())) {
      Outputs answers = new Outputs(base.scores(), List.of(), Map.of());
      return preparing.all(text, new Coding(base::encode, base.inputs(), answers));
    }
  }

  /** How text becomes tokens, what the network takes of them, and what it answers. */
  private record Coding(ToTokens tokens, TokenInputs inputs, Outputs answers) {}

  /** From a text to its tokens. */
  @FunctionalInterface
  private interface ToTokens {
    int[] of(String text);
  }

  private PreparedData learned(String text) {
    Vocabulary vocabulary = located(recipe.train(), () -> vocabulary(text));
    Outputs answers =
        new Outputs(
            vocabulary.size(), List.of(), Map.of("tokenizer.json", vocabulary.tokenizerJson()));
    TokenInputs inputs = TokenInputs.of(Sequences.Classes.NEXT_TOKEN, ClassifierTokens.PADDING);
    return all(text, new Coding(vocabulary::encode, inputs, answers));
  }

  private PreparedData all(String text, Coding coding) {
    int[] tokens = located(recipe.train(), () -> coding.tokens().of(text));
    int testFrom = from(tokens, recipe.preparation().testFraction(), tokens.length);
    int validationFrom = from(tokens, recipe.preparation().validation(), testFrom);
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", recipe.train(), tokens.length));
    int[] test = Arrays.copyOfRange(tokens, testFrom, tokens.length);
    if (!recipe.test().toString().isEmpty()) {
      String testText = read(recipe.test());
      test = located(recipe.test(), () -> coding.tokens().of(testText));
      digests.add(digest("test", recipe.test(), test.length));
    }
    return new PreparedData(
        windows("training", Arrays.copyOf(tokens, validationFrom), coding.inputs()),
        windows(
            "validation", Arrays.copyOfRange(tokens, validationFrom, testFrom), coding.inputs()),
        windows("test", test, coding.inputs()),
        Normalizer.none(),
        coding.answers(),
        digests);
  }

  private Vocabulary vocabulary(String text) {
    return switch (recipe.vocabulary()) {
      case VocabularyRecipe.Characters _ -> CharacterVocabulary.of(text);
      case VocabularyRecipe.BytePairs pairs ->
          BytePairVocabulary.learn(Stream.of(text), pairs.size(), List.of());
      case VocabularyRecipe.Words words ->
          WordVocabulary.of(WordVocabulary.words(text).stream(), words);
      case VocabularyRecipe.OfBase _ -> throw new IllegalStateException("nothing is learned");
    };
  }

  private static int from(int[] tokens, double fraction, int end) {
    return end - (int) (tokens.length * fraction);
  }

  /** A part that is wanted at all must be long enough for a window. */
  private TextWindows windows(String part, int[] tokens, TokenInputs inputs) {
    TextWindows windows = new TextWindows(tokens, recipe.length(), inputs);
    if (windows.size() == 0 && (tokens.length > 0 || part.equals("training"))) {
      throw new LatheException(
          TrainError.BAD_DATA,
          part
              + " text: "
              + tokens.length
              + " tokens (expected: at least "
              + 2 * recipe.length()
              + " for one window of length "
              + recipe.length()
              + ")");
    }
    return windows;
  }

  private static DataDigest digest(String role, Path file, int tokens) {
    Path name = file.getFileName();
    String shown = name == null ? file.toString() : name.toString();
    return new DataDigest(role, shown, Digest.ofFile(file), tokens);
  }

  private static <T> T located(Path file, java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (LatheException e) {
      throw new LatheException(e.code(), file + ": " + e.getMessage(), e);
    }
  }

  private static String read(Path file) {
    RegularFile.require(file, MAX_BYTES);
    try {
      return ByteOrderMark.passed(Files.readString(file));
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
  }
}

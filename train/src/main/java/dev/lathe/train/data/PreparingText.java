package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.source.RegularFile;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.CharacterVocabulary;
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

  static PreparedData of(DataRecipe.Text recipe) {
    return new PreparingText(recipe).all();
  }

  private PreparedData all() {
    String text = read(recipe.train());
    Vocabulary vocabulary = located(recipe.train(), () -> vocabulary(text));
    int[] tokens = vocabulary.encode(text);
    int testFrom = from(tokens, recipe.preparation().testFraction(), tokens.length);
    int validationFrom = from(tokens, recipe.preparation().validation(), testFrom);
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", recipe.train(), tokens.length));
    int[] test = Arrays.copyOfRange(tokens, testFrom, tokens.length);
    if (!recipe.test().toString().isEmpty()) {
      String testText = read(recipe.test());
      test = located(recipe.test(), () -> vocabulary.encode(testText));
      digests.add(digest("test", recipe.test(), test.length));
    }
    return new PreparedData(
        windows("training", Arrays.copyOf(tokens, validationFrom)),
        windows("validation", Arrays.copyOfRange(tokens, validationFrom, testFrom)),
        windows("test", test),
        Normalizer.none(),
        new Outputs(
            vocabulary.size(), List.of(), Map.of("tokenizer.json", vocabulary.tokenizerJson())),
        digests);
  }

  private Vocabulary vocabulary(String text) {
    return switch (recipe.vocabulary()) {
      case VocabularyRecipe.Characters _ -> CharacterVocabulary.of(text);
      case VocabularyRecipe.BytePairs pairs ->
          BytePairVocabulary.learn(Stream.of(text), pairs.size(), List.of());
      case VocabularyRecipe.Words words ->
          WordVocabulary.of(WordVocabulary.words(text).stream(), words);
    };
  }

  private static int from(int[] tokens, double fraction, int end) {
    return end - (int) (tokens.length * fraction);
  }

  /** A part that is wanted at all must be long enough for a window. */
  private TextWindows windows(String part, int[] tokens) {
    TextWindows windows = new TextWindows(tokens, recipe.length());
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

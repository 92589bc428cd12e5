package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Texts;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.SentencePairs.Pair;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.GenerationConfig;
import dev.lathe.train.text.SpecialTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Follows a recipe from files of sentences to pairs of tokens with one vocabulary. */
final class PreparingTranslation {
  private final DataRecipe.Parallel recipe;
  private final int batch;

  private PreparingTranslation(DataRecipe.Parallel recipe, int batch) {
    this.recipe = recipe;
    this.batch = batch;
  }

  /**
   * Reads, learns the vocabulary, encodes.
   *
   * @param recipe which files
   * @param batch examples of a step
   */
  static PreparedData of(DataRecipe.Parallel recipe, int batch) {
    return new PreparingTranslation(recipe, batch).all();
  }

  private PreparedData all() {
    ParallelText train = ParallelText.read(recipe.train());
    ParallelText validation = ParallelText.read(recipe.validation());
    ParallelText test = ParallelText.read(recipe.test());
    BytePairVocabulary vocabulary = vocabulary(train);
    List<Pair> kept =
        encoded(train, vocabulary).stream()
            .filter(pair -> pair.length() <= recipe.length())
            .toList();
    if (kept.isEmpty()) {
      throw new LatheException(
          TrainError.BAD_DATA,
          recipe.train().source()
              + ": none of "
              + train.source().size()
              + " pairs has at most "
              + recipe.length()
              + " tokens (expected: one at least, see data.length)");
    }
    GenerationConfig generation = GenerationConfig.of(recipe.length());
    return new PreparedData(
        new SentencePairs(train, kept, Math.min(batch, kept.size()), recipe.length()),
        measured(validation, vocabulary),
        measured(test, vocabulary),
        Normalizer.none(),
        new Outputs(
            vocabulary.size(),
            List.of(),
            Map.of(
                "tokenizer.json",
                vocabulary.tokenizerJson(),
                GenerationConfig.FILE,
                generation.json())),
        digests(kept.size(), validation, test));
  }

  private BytePairVocabulary vocabulary(ParallelText train) {
    return switch (recipe.vocabulary()) {
      case VocabularyRecipe.BytePairs pairs ->
          BytePairVocabulary.learn(
              Stream.concat(train.source().stream(), train.target().stream()),
              pairs.size(),
              SpecialTokens.NAMES);
      case VocabularyRecipe.Characters _, VocabularyRecipe.Words _, VocabularyRecipe.OfBase _ ->
          throw new LatheException(
              TrainError.BAD_RECIPE, "data.vocabulary: characters or words (expected: bpe)");
    };
  }

  private static List<Pair> encoded(ParallelText text, BytePairVocabulary vocabulary) {
    return IntStream.range(0, text.source().size())
        .mapToObj(
            i ->
                new Pair(
                    vocabulary.encode(text.source().get(i)),
                    vocabulary.encode(text.target().get(i))))
        .toList();
  }

  /** Sentences that are too long are cut, so that each counts. */
  private SentencePairs measured(ParallelText text, BytePairVocabulary vocabulary) {
    List<Pair> pairs =
        encoded(text, vocabulary).stream()
            .map(pair -> new Pair(cut(pair.source()), cut(pair.target())))
            .toList();
    int together = Math.max(1, Math.min(batch, pairs.size()));
    return new SentencePairs(text, pairs, together, recipe.length());
  }

  private int[] cut(int[] tokens) {
    return Arrays.copyOf(tokens, Math.min(tokens.length, recipe.length() - 1));
  }

  private List<DataDigest> digests(int kept, ParallelText validation, ParallelText test) {
    List<DataDigest> digests = new ArrayList<>();
    digests.addAll(digests("train", recipe.train(), kept));
    digests.addAll(digests("validation", recipe.validation(), validation.source().size()));
    digests.addAll(digests("test", recipe.test(), test.source().size()));
    return digests;
  }

  private static List<DataDigest> digests(String role, Texts texts, int pairs) {
    return Stream.of(texts.source(), texts.target())
        .filter(file -> !file.toString().isEmpty())
        .map(file -> new DataDigest(role, name(file), Digest.ofFile(file), pairs))
        .toList();
  }

  private static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? file.toString() : name.toString();
  }
}

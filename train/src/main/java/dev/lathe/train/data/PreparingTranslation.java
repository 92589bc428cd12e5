package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Texts;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.ParallelFiles.Sentence;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.GenerationConfig;
import dev.lathe.train.text.SpecialTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    ParallelFiles.open(recipe.train()).close();
    ParallelText validation = ParallelText.read(recipe.validation());
    ParallelText test = ParallelText.read(recipe.test());
    BytePairVocabulary vocabulary = vocabulary();
    TokenLists kept = kept(vocabulary);
    int pairs = Math.toIntExact(kept.size() / 2);
    GenerationConfig generation = GenerationConfig.of(recipe.length());
    return new PreparedData(
        new SentencePairs(ParallelText.NONE, kept, Math.min(batch, pairs), recipe.length()),
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
        digests(pairs, validation, test));
  }

  private BytePairVocabulary vocabulary() {
    return switch (recipe.vocabulary()) {
      case VocabularyRecipe.BytePairs pairs -> {
        try (ParallelFiles train = ParallelFiles.open(recipe.train())) {
          yield BytePairVocabulary.learn(
              train.all().flatMap(one -> Stream.of(one.source(), one.target())),
              pairs.size(),
              SpecialTokens.NAMES);
        }
      }
      case VocabularyRecipe.Characters _, VocabularyRecipe.Words _, VocabularyRecipe.OfBase _ ->
          throw new LatheException(
              TrainError.BAD_RECIPE, "data.vocabulary: characters or words (expected: bpe)");
    };
  }

  /** The pairs to learn from, without those that are too long. */
  private TokenLists kept(BytePairVocabulary vocabulary) {
    long read = 0;
    try (ParallelFiles train = ParallelFiles.open(recipe.train());
        TokenLists.Writer writer = new TokenLists.Writer()) {
      for (Optional<Sentence> next = train.next(); next.isPresent(); next = train.next()) {
        int[] source = vocabulary.encode(next.orElseThrow().source());
        int[] target = vocabulary.encode(next.orElseThrow().target());
        if (Math.max(source.length, target.length) < recipe.length()) {
          writer.add(source);
          writer.add(target);
        }
        read++;
      }
      TokenLists kept = writer.all();
      if (kept.size() == 0) {
        throw new LatheException(
            TrainError.BAD_DATA,
            recipe.train().source()
                + ": none of "
                + read
                + " pairs has at most "
                + recipe.length()
                + " tokens (expected: one at least, see data.length)");
      }
      return kept;
    }
  }

  /** Sentences that are too long are cut, so that each counts. */
  private SentencePairs measured(ParallelText text, BytePairVocabulary vocabulary) {
    int pairs = text.source().size();
    try (TokenLists.Writer writer = new TokenLists.Writer()) {
      for (int i = 0; i < pairs; i++) {
        writer.add(cut(vocabulary.encode(text.source().get(i))));
        writer.add(cut(vocabulary.encode(text.target().get(i))));
      }
      int together = Math.max(1, Math.min(batch, pairs));
      return new SentencePairs(text, writer.all(), together, recipe.length());
    }
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

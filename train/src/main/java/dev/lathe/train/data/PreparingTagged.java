package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.ConllFile.Sentence;
import dev.lathe.train.data.Sequences.Labelled;
import dev.lathe.train.text.WordVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Follows a recipe from sentences in columns to sequences with a tag for each token. A sentence
 * that is longer than the network's sequences is seen in pieces, so that no tag is lost.
 */
final class PreparingTagged {
  private final DataRecipe.Tagged data;
  private final Recipe recipe;

  private PreparingTagged(Recipe recipe, DataRecipe.Tagged data) {
    this.recipe = recipe;
    this.data = data;
  }

  static PreparedData of(Recipe recipe, DataRecipe.Tagged data) {
    return new PreparingTagged(recipe, data).all();
  }

  private PreparedData all() {
    if (data.vocabulary() instanceof VocabularyRecipe.Words words) {
      return learned(split(tags -> tags), words);
    }
    try (TextsOfBase base = TextsOfBase.open(recipe, data.length())) {
      ArchitectureRecipe.Base own = (ArchitectureRecipe.Base) recipe.architecture();
      return based(split(tags -> base.labels(tags, own)), base);
    }
  }

  /** The sentences of each part with the tags, however their words become tokens. */
  private record Split(Shares<Sentence> shares, List<String> tags, List<DataDigest> digests) {}

  private Split split(UnaryOperator<List<String>> numbered) {
    List<Sentence> sentences = ConllFile.read(data.train()).sentences();
    Shares<Sentence> shares = Shares.of(sentences, recipe.seed(), data.preparation());
    List<String> tags =
        numbered.apply(
            Names.classes(
                sentences.stream().flatMap(one -> one.tags().stream()), data.train() + ": tags"));
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", data.train(), sentences.size()));
    if (data.test().toString().isEmpty()) {
      return new Split(shares, tags, digests);
    }
    List<Sentence> test = ConllFile.read(data.test()).sentences();
    requireKnown(test, tags);
    digests.add(digest("test", data.test(), test.size()));
    return new Split(new Shares<>(shares.train(), shares.validation(), test), tags, digests);
  }

  private PreparedData learned(Split split, VocabularyRecipe.Words asked) {
    WordVocabulary words =
        WordVocabulary.of(
            split.shares().train().stream().flatMap(one -> one.words().stream()), asked);
    Shares<Labelled> parts =
        split.shares().mapped(sentences -> labelled(sentences, words, split.tags()));
    int length = Math.min(data.length(), Sequences.longest(parts.train()));
    Sequences.Form form =
        new Sequences.Form(length, recipe.batch(), words.size(), Sequences.Classes.OF_TOKEN);
    return new PreparedData(
        part(parts.train(), form),
        part(parts.validation(), form),
        part(parts.test(), form),
        Normalizer.none(),
        new Outputs(
            split.tags().size(),
            split.tags(),
            Map.of("tokenizer.json", words.tokenizerJsonBySpaces())),
        split.digests());
  }

  private PreparedData based(Split split, TextsOfBase base) {
    WordTokens words = new WordTokens(base, Names.numbers(split.tags()));
    Shares<Labelled> parts = split.shares().mapped(words::sequences);
    Sequences.Form form = base.form(parts.all(), recipe.batch(), Sequences.Classes.OF_TOKEN);
    List<String> remarks = new ArrayList<>(words.remarks());
    remarks.addAll(base.remarks());
    return new PreparedData(
        new Sequences(parts.train(), form),
        new Sequences(parts.validation(), form),
        new Sequences(parts.test(), form),
        Normalizer.none(),
        new Outputs(split.tags().size(), split.tags(), base.files(split.tags())),
        split.digests(),
        remarks);
  }

  private static Sequences part(List<Labelled> sentences, Sequences.Form form) {
    return new Sequences(
        sentences.stream().flatMap(one -> Sequences.pieces(one, form.length()).stream()).toList(),
        form);
  }

  private static List<Labelled> labelled(
      List<Sentence> sentences, WordVocabulary words, List<String> tags) {
    Map<String, Integer> numbers = Names.numbers(tags);
    return sentences.stream()
        .map(
            one ->
                new Labelled(
                    one.words().stream().mapToInt(words::number).toArray(),
                    one.tags().stream().mapToInt(numbers::get).toArray()))
        .toList();
  }

  private void requireKnown(List<Sentence> test, List<String> tags) {
    Set<String> known = Set.copyOf(tags);
    test.stream()
        .flatMap(one -> one.tags().stream())
        .filter(tag -> !known.contains(tag))
        .findFirst()
        .ifPresent(
            tag -> {
              throw new LatheException(
                  TrainError.BAD_DATA,
                  data.test()
                      + ": tag \""
                      + tag
                      + "\" is not among the training tags "
                      + Names.shown(tags));
            });
  }

  private static DataDigest digest(String role, Path file, int sentences) {
    return new DataDigest(role, String.valueOf(file.getFileName()), Digest.ofFile(file), sentences);
  }
}

package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.ConllFile.Sentence;
import dev.lathe.train.data.Sequences.Labelled;
import dev.lathe.train.text.WordVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    List<Sentence> sentences = ConllFile.read(data.train()).sentences();
    Shares<Sentence> shares = Shares.of(sentences, recipe.seed(), data.preparation());
    List<String> tags =
        Names.classes(
            sentences.stream().flatMap(one -> one.tags().stream()), data.train() + ": tags");
    WordVocabulary words =
        WordVocabulary.of(
            shares.train().stream().flatMap(one -> one.words().stream()), data.vocabulary());
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", data.train(), sentences.size()));
    List<Sentence> test = shares.test();
    if (!data.test().toString().isEmpty()) {
      test = ConllFile.read(data.test()).sentences();
      requireKnown(test, tags);
      digests.add(digest("test", data.test(), test.size()));
    }
    List<Labelled> train = labelled(shares.train(), words, tags);
    int length = Math.min(data.length(), Sequences.longest(train));
    Sequences.Form form =
        new Sequences.Form(length, recipe.batch(), words.size(), Sequences.Classes.OF_TOKEN);
    return new PreparedData(
        part(train, form),
        part(labelled(shares.validation(), words, tags), form),
        part(labelled(test, words, tags), form),
        Normalizer.none(),
        new Outputs(tags.size(), tags, Map.of("tokenizer.json", words.tokenizerJsonBySpaces())),
        digests);
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

package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe;
import dev.lathe.train.data.Sequences.Labelled;
import dev.lathe.train.data.source.CsvSource;
import dev.lathe.train.data.source.Field;
import dev.lathe.train.data.source.JsonLinesSource;
import dev.lathe.train.data.source.RecordSource;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.ClassifierTokens;
import dev.lathe.train.text.Vocabulary;
import dev.lathe.train.text.WordVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Follows a recipe from texts with a label each to sequences of tokens. Each begins with {@link
 * ClassifierTokens#CLASS}; what is longer than the network's sequences is cut off.
 */
final class PreparingTexts {
  private static final long MAX_CHARACTERS = 512L << 20;

  private final DataRecipe.LabelledTexts data;
  private final Recipe recipe;

  private PreparingTexts(Recipe recipe, DataRecipe.LabelledTexts data) {
    this.recipe = recipe;
    this.data = data;
  }

  static PreparedData of(Recipe recipe, DataRecipe.LabelledTexts data) {
    return new PreparingTexts(recipe, data).all();
  }

  /** A text and what it is. */
  private record Text(String text, String label) {}

  /** The texts of a file, and its digest. */
  private record Read(List<Text> texts, DataDigest digest) {}

  /** The texts of each part with the classes, however they become tokens. */
  private record Split(Shares<Text> shares, List<String> labels, List<DataDigest> digests) {}

  private PreparedData all() {
    if (!(data.vocabulary() instanceof VocabularyRecipe.OfBase)) {
      return learned(split(labels -> labels));
    }
    try (TextsOfBase base = TextsOfBase.open(recipe, data.length())) {
      ArchitectureRecipe.Base own = (ArchitectureRecipe.Base) recipe.architecture();
      return based(split(labels -> base.labels(labels, own)), base);
    }
  }

  private Split split(UnaryOperator<List<String>> numbered) {
    Read train = read("train", data.train());
    Shares<Text> shares = Shares.of(train.texts(), recipe.seed(), data.preparation());
    List<String> labels =
        numbered.apply(
            Names.classes(train.texts().stream().map(Text::label), data.train() + ": labels"));
    List<DataDigest> digests = new ArrayList<>(List.of(train.digest()));
    if (data.test().toString().isEmpty()) {
      return new Split(shares, labels, digests);
    }
    Read tested = read("test", data.test());
    requireKnown(tested.texts(), labels);
    digests.add(tested.digest());
    return new Split(
        new Shares<>(shares.train(), shares.validation(), tested.texts()), labels, digests);
  }

  private PreparedData learned(Split split) {
    Vocabulary vocabulary = vocabulary(split.shares().train());
    List<Labelled> train = labelled(split.shares().train(), vocabulary, split.labels());
    int length = Sequences.longest(train);
    Sequences.Form form =
        new Sequences.Form(
            length, recipe.batch(), vocabulary.size(), Sequences.Classes.OF_SEQUENCE);
    Function<List<Text>, Part> measured =
        texts -> new Sequences(labelled(texts, vocabulary, split.labels(), length), form);
    return new PreparedData(
        new Sequences(train, form),
        measured.apply(split.shares().validation()),
        measured.apply(split.shares().test()),
        Normalizer.none(),
        new Outputs(
            split.labels().size(),
            split.labels(),
            Map.of("tokenizer.json", ClassifierTokens.classifying(vocabulary.tokenizerJson()))),
        split.digests());
  }

  /** Tokens by the base's tokenizer, its special ones among them; ends of long texts are cut. */
  private PreparedData based(Split split, TextsOfBase base) {
    Map<String, Integer> numbers = Names.numbers(split.labels());
    Function<List<Text>, List<Labelled>> coded =
        texts -> {
          List<Labelled> all = new ArrayList<>();
          for (Text text : texts) {
            String where = "text " + (all.size() + 1);
            all.add(base.cut(text.text(), new int[] {numbers.get(text.label())}, where));
          }
          return all;
        };
    Shares<Labelled> parts = split.shares().mapped(coded);
    Sequences.Form form = base.form(parts.all(), recipe.batch(), Sequences.Classes.OF_SEQUENCE);
    return new PreparedData(
        new Sequences(parts.train(), form),
        new Sequences(parts.validation(), form),
        new Sequences(parts.test(), form),
        Normalizer.none(),
        new Outputs(split.labels().size(), split.labels(), base.files(split.labels())),
        split.digests(),
        base.remarks());
  }

  private Vocabulary vocabulary(List<Text> train) {
    return switch (data.vocabulary()) {
      case VocabularyRecipe.Words words ->
          WordVocabulary.of(
              train.stream().flatMap(one -> WordVocabulary.words(one.text()).stream()), words);
      case VocabularyRecipe.BytePairs pairs ->
          BytePairVocabulary.learn(
              train.stream().map(Text::text), pairs.size(), ClassifierTokens.names());
      case VocabularyRecipe.Characters _ ->
          throw new LatheException(
              TrainError.BAD_RECIPE,
              "data.vocabulary: characters (expected: words or bpe, which know every text)");
      case VocabularyRecipe.OfBase _ -> throw new IllegalStateException("nothing is learned");
    };
  }

  private List<Labelled> labelled(List<Text> texts, Vocabulary vocabulary, List<String> labels) {
    return labelled(texts, vocabulary, labels, data.length());
  }

  private static List<Labelled> labelled(
      List<Text> texts, Vocabulary vocabulary, List<String> labels, int length) {
    Map<String, Integer> numbers = Names.numbers(labels);
    List<Labelled> all = new ArrayList<>();
    for (Text text : texts) {
      int[] tokens = vocabulary.encode(text.text());
      int[] used = new int[Math.min(length, tokens.length + 1)];
      used[0] = ClassifierTokens.CLASS;
      System.arraycopy(tokens, 0, used, 1, used.length - 1);
      all.add(new Labelled(used, new int[] {numbers.get(text.label())}));
    }
    return all;
  }

  private void requireKnown(List<Text> test, List<String> labels) {
    Set<String> known = Set.copyOf(labels);
    for (int i = 0; i < test.size(); i++) {
      if (!known.contains(test.get(i).label())) {
        throw new LatheException(
            TrainError.BAD_DATA,
            data.test()
                + ": record "
                + (i + 1)
                + ": label \""
                + test.get(i).label()
                + "\" is not among the training labels "
                + Names.shown(labels));
      }
    }
  }

  private Read read(String role, Path file) {
    RecordSource source =
        file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")
            ? CsvSource.open(file, CsvSource.Header.NAMES)
            : JsonLinesSource.open(file, Set.of(data.columns().text(), data.columns().label()));
    int text = field(source, data.columns().text());
    int label = field(source, data.columns().label());
    List<Text> texts = new ArrayList<>();
    long[] characters = {0};
    RecordSource.Chunks chunks =
        source.look(
            (_, records) -> {
              while (records.next()) {
                Text one = new Text(records.text(text), records.text(label));
                characters[0] += one.text().length();
                requireRoom(file, characters[0]);
                texts.add(one);
              }
            });
    String name = String.valueOf(file.getFileName());
    return new Read(texts, new DataDigest(role, name, chunks.sha256(), texts.size()));
  }

  private static void requireRoom(Path file, long characters) {
    if (characters > MAX_CHARACTERS) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          file + ": more than " + MAX_CHARACTERS + " characters of text (expected: at most that)");
    }
  }

  private static int field(RecordSource source, String name) {
    int place = source.place(name);
    if (place < 0) {
      List<String> names = source.fields().stream().map(Field::name).toList();
      throw new LatheException(
          TrainError.BAD_DATA,
          source.file()
              + ": no column \""
              + name
              + "\" (expected: one of "
              + String.join(", ", names)
              + ")");
    }
    return place;
  }
}

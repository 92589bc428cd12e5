package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.TunableModel;
import dev.lathe.train.chat.ChatFile;
import dev.lathe.train.chat.ChatTokens;
import dev.lathe.train.chat.Learned;
import dev.lathe.train.data.Sequences.Labelled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Follows a recipe from conversations to tokens with the next token of each, by what lies beside
 * the base. Batches have examples of like lengths; what is longer than the recipe says is cut at
 * its end, and what then has nothing to learn is left out.
 */
final class PreparingConversations {
  private final Recipe recipe;
  private final DataRecipe.Conversations data;
  private final ArchitectureRecipe.Base base;
  private final TunableModel decoder;
  private final CancelToken cancel;
  private final List<DataDigest> digests = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  private PreparingConversations(Recipe recipe, DataRecipe.Conversations data, CancelToken cancel) {
    this.recipe = recipe;
    this.data = data;
    this.base = (ArchitectureRecipe.Base) recipe.architecture();
    this.cancel = cancel;
    this.decoder = TunableModel.of(base.model());
  }

  static PreparedData of(Recipe recipe, DataRecipe.Conversations data, CancelToken cancel) {
    return new PreparingConversations(recipe, data, cancel).all();
  }

  private PreparedData all() {
    requireLength();
    List<Labelled> train;
    List<Labelled> validation;
    List<Labelled> test;
    try (ChatTokens tokens = ChatTokens.open(base.folder(), decoder.tokens())) {
      List<Labelled> read = read("train", data.train(), tokens);
      Shares<Labelled> shares = Shares.of(read, recipe.seed(), data.preparation());
      train = shares.train();
      validation =
          isNamed(data.validationFile())
              ? read("validation", data.validationFile(), tokens)
              : shares.validation();
      test = isNamed(data.test()) ? read("test", data.test(), tokens) : shares.test();
    }
    return new PreparedData(
        sequences(train),
        sequences(validation),
        sequences(test),
        Normalizer.none(),
        new Outputs(decoder.tokens(), List.of(), Map.of()),
        digests,
        remarks);
  }

  private static boolean isNamed(Path file) {
    return !file.toString().isEmpty();
  }

  private void requireLength() {
    int most = decoder.length() > 0 ? decoder.length() : decoder.context();
    if (data.length() > most) {
      throw new LatheException(
          TrainError.BAD_RECIPE,
          "data.length: " + data.length() + " (expected: at most " + most + ", as the base takes)");
    }
  }

  private List<Labelled> read(String role, Path file, ChatTokens tokens) {
    try (StoredSequences.Writer writer = new StoredSequences.Writer()) {
      return read(role, file, tokens, writer);
    }
  }

  private List<Labelled> read(
      String role, Path file, ChatTokens tokens, StoredSequences.Writer all) {
    int[] cut = new int[2];
    Consumer<Learned> taker =
        whole -> {
          cancel.requireWanted("reading the data");
          Learned used = whole.cut(data.length());
          cut[0] += used.length() < whole.length() ? 1 : 0;
          if (used.counts()) {
            all.add(new Labelled(used.tokens(), used.targets()));
          } else {
            cut[1]++;
          }
        };
    ChatFile.read(file, line -> tokens.each(line, taker));
    String name = String.valueOf(file.getFileName());
    if (cut[0] > 0 || cut[1] > 0) {
      remarks.add(
          "%s data: %d of %d examples are longer than %d tokens and cut, %d have nothing to learn"
                  .formatted(role, cut[0], all.size() + cut[1], data.length(), cut[1])
              + " and are left out");
    }
    if (all.size() == 0) {
      throw new LatheException(
          TrainError.BAD_DATA,
          name
              + ": nothing to learn within "
              + data.length()
              + " tokens of any example (expected: a larger data.length)");
    }
    digests.add(new DataDigest(role, name, Digest.ofFile(file), all.size()));
    return all.all();
  }

  private Sequences sequences(List<Labelled> all) {
    int fixed = decoder.length();
    int length = fixed > 0 ? fixed : Math.max(1, Sequences.longest(all));
    int step = fixed > 0 ? fixed : Sequences.STEP;
    return new Sequences(
        all,
        new Sequences.Form(
            length,
            Math.min(recipe.batch(), Math.max(1, all.size())),
            decoder.tokens(),
            Sequences.Classes.NEXT_TOKEN,
            step));
  }
}

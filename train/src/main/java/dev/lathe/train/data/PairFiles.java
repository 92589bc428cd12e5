package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.RegularFile;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.ClassifierTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a model of pairs of texts has beside it: the tokenizer that lays pairs, and how many tokens
 * the model takes.
 *
 * @param all text by file name
 * @param vocabulary how many tokens there are
 */
record PairFiles(Map<String, String> all, int vocabulary) {
  /** Nothing of its own. */
  static final PairFiles NONE = new PairFiles(Map.of(), 0);

  static final String TOKENIZER = "tokenizer.json";
  private static final String SETTINGS = "tokenizer_config.json";
  private static final long MAX_BYTES = 64L << 20;

  /** A vocabulary learned from texts, for windows of the recipe's length. */
  static PairFiles learned(Stream<String> texts, DataRecipe.Questions data) {
    BytePairVocabulary vocabulary =
        BytePairVocabulary.learn(texts, data.vocabulary(), ClassifierTokens.pairNames());
    Map<String, String> files = new TreeMap<>();
    files.put(TOKENIZER, ClassifierTokens.pairing(vocabulary.tokenizerJson()));
    files.put(SETTINGS, "{\n  \"model_max_length\": " + data.windows().length() + "\n}\n");
    return new PairFiles(files, vocabulary.size());
  }

  /**
   * The tokenizer beside a base, which its release keeps.
   *
   * @return the tokenizer; the caller closes it
   * @throws LatheException FILE_NOT_FOUND if there is none
   */
  static Tokenizer beside(Path base) {
    Path file = base.resolve(TOKENIZER);
    RegularFile.require(file, MAX_BYTES);
    return Tokenizer.open(file);
  }

  /** The tokenizer; the caller closes it. */
  Tokenizer open() {
    Path file = Path.of("");
    try {
      file = Files.createTempFile("lathe-", "-" + TOKENIZER);
      Files.writeString(file, all.get(TOKENIZER));
      return Tokenizer.open(file);
    } catch (IOException e) {
      throw new LatheException(
          TrainError.STORAGE, file + ": cannot be written: " + e.getMessage(), e);
    } finally {
      file.toFile().delete();
    }
  }
}

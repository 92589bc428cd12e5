package dev.lathe.train.loop;

import dev.lathe.ir.Model;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.bleu.Bleu;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.data.SentencePairs;
import dev.lathe.train.translation.Translator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Translates the test part with what will be released, and nothing else, and compares with what
 * people wrote. The translations are something to look at, so that a disk that is full costs them,
 * not the run.
 *
 * @param data the data of a run
 * @param file where the translations go, line by line as the test's sentences
 * @param threads threads inside an operator
 * @param listener is warned if they cannot be written
 */
record Translations(PreparedData data, Path file, int threads, TrainingListener listener) {
  /**
   * Translates and judges.
   *
   * @param model the model to release
   * @return BLEU, 0 to 100; nothing where there are no sentences to translate
   */
  Map<String, Double> measure(Model model) {
    if (!(data.test() instanceof SentencePairs pairs) || pairs.size() == 0) {
      return Map.of();
    }
    List<String> translations;
    try (Translator translator = Translator.open(model, data.answers().files(), threads)) {
      translations = translator.translate(pairs.text().source());
    }
    Bleu bleu = new Bleu();
    for (int i = 0; i < translations.size(); i++) {
      bleu.add(translations.get(i), pairs.text().target().get(i));
    }
    write(translations);
    return Map.of("test_bleu", bleu.score());
  }

  /** A translation with a line break in it stays one line. */
  private void write(List<String> translations) {
    try {
      Files.write(file, translations.stream().map(line -> line.replaceAll("\\R", " ")).toList());
    } catch (IOException e) {
      listener.warning("translations " + file + ": not written: " + e.getMessage());
    }
  }
}

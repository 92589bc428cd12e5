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
    List<String> translations = translated(model, pairs.text().source());
    write(translations);
    return Map.of("test_bleu", bleu(translations, pairs.text().target()));
  }

  /**
   * Translates the beginning of the validation part and judges.
   *
   * @param model a model as it would be released
   * @param most how many sentences
   * @return BLEU, 0 to 100; nothing where there are no sentences to translate
   */
  Map<String, Double> validate(Model model, int most) {
    if (!(data.validation() instanceof SentencePairs pairs) || pairs.size() == 0) {
      return Map.of();
    }
    List<String> sources = pairs.text().source();
    List<String> translations =
        translated(model, sources.subList(0, Math.min(most, sources.size())));
    return Map.of("validation_bleu", bleu(translations, pairs.text().target()));
  }

  private List<String> translated(Model model, List<String> sources) {
    try (Translator translator = Translator.open(model, data.answers().files(), threads)) {
      return translator.translate(sources);
    }
  }

  private static double bleu(List<String> translations, List<String> references) {
    Bleu bleu = new Bleu();
    for (int i = 0; i < translations.size(); i++) {
      bleu.add(translations.get(i), references.get(i));
    }
    return bleu.score();
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

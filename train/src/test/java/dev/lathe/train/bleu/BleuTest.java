package dev.lathe.train.bleu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.testkit.Python;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BLEU is sacreBLEU's. */
class BleuTest {
  private static final String PEER =
      """
      import sys, sacrebleu
      lines = open(sys.argv[1], encoding="utf-8", newline="\\n").read().split("\\n")
      size = int(lines[0])
      for at in range(1, len(lines) - 1, 2 * size):
          corpus = lines[at:at + 2 * size]
          print(repr(sacrebleu.corpus_bleu(corpus[0::2], [corpus[1::2]]).score))
      """;

  private static final List<String> PIECES =
      List.of(
          "der",
          "Die",
          "Hund",
          "läuft",
          "über",
          "3.14",
          "1,000",
          "5-6",
          "e.g.",
          ",",
          ".",
          "!",
          "&quot;",
          "&amp;",
          "<skipped>",
          "it's",
          "\"",
          "(",
          ")",
          "a/b",
          "x-y",
          "€",
          "𝔘nicode",
          "$5",
          "2.",
          ".5",
          "\u00a0",
          "\t",
          "日本",
          "~",
          "`",
          "[",
          "]",
          "…",
          "–");

  @TempDir private Path folder;

  @Test
  void perfect_isAHundred_nothing_isZero() {
    assertThat(score("Ein Hund läuft weg .", "Ein Hund läuft weg.")).isEqualTo(100, within(1e-9));
    assertThat(score("", "Ein Hund läuft weg.")).isZero();
    assertThat(score("Katzen schlafen gern hier", "Ein Hund läuft weg.")).isZero();
    assertThat(score("Ein Hund", "Ein Hund läuft weg.")).as("no 4-gram").isZero();
  }

  @Test
  void shortTranslations_arePunished() {
    String reference = "one two three four five six seven eight";
    assertThat(score("one two three four", reference))
        .isEqualTo(100 * Math.exp(1 - 8 / 4.0), within(1e-9));
  }

  @Test
  void signs_standAlone_butNotInNumbers() {
    assertThat(WesternTokens.of("Sie sagte: 3.5% (fast), 1-2 &lt;mal&gt;.  "))
        .containsExactly(
            "Sie", "sagte", ":", "3.5", "%", "(", "fast", ")", ",", "1", "-", "2", "<", "mal", ">",
            ".");
  }

  @Test
  void scores_areThoseOfSacreBleu() throws Exception {
    String python = Python.with("sacrebleu");
    RandomGenerator random = new SplittableRandom(11);
    for (int size : new int[] {1, 20}) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 400 * size; i++) {
        String reference = sentence(random, 1 + random.nextInt(14));
        lines.add(changed(reference, random));
        lines.add(reference);
      }
      Path file = folder.resolve("pairs" + size);
      Files.writeString(file, size + "\n" + String.join("\n", lines) + "\n");
      List<String> expected = Python.run(python, PEER, file).lines().toList();
      assertThat(expected).hasSize(400);
      for (int i = 0; i < expected.size(); i++) {
        Bleu bleu = new Bleu();
        for (int at = 2 * size * i; at < 2 * size * (i + 1); at += 2) {
          bleu.add(lines.get(at), lines.get(at + 1));
        }
        assertThat(bleu.score())
            .as("corpus %d of size %d: %s", i, size, lines.get(2 * size * i))
            .isEqualTo(Double.parseDouble(expected.get(i)), within(1e-6));
      }
    }
  }

  private static double score(String translation, String reference) {
    Bleu bleu = new Bleu();
    bleu.add(translation, reference);
    return bleu.score();
  }

  private static String sentence(RandomGenerator random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
      text.append(random.nextInt(4) == 0 ? "" : " ");
    }
    return text.toString();
  }

  private static String changed(String reference, RandomGenerator random) {
    String[] words = reference.split(" ");
    int from = random.nextInt(words.length);
    return switch (random.nextInt(5)) {
      case 0 -> reference;
      case 1 -> sentence(random, 1 + random.nextInt(14));
      case 2 -> reference.substring(reference.offsetByCodePoints(0, words.length / 2));
      case 3 -> reference + sentence(random, 3);
      default -> reference.replace(words[from] + " ", PIECES.get(random.nextInt(PIECES.size())));
    };
  }
}

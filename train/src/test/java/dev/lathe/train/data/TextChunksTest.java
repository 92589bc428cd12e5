package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.VocabularyRecipe.Words;
import dev.lathe.train.data.TextChunks.Cut;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.CharacterVocabulary;
import dev.lathe.train.text.Vocabulary;
import dev.lathe.train.text.WordVocabulary;
import java.io.BufferedWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Texts that are read in chunks give what they give as a whole. */
class TextChunksTest {
  private static final String LETTERS = "ab'sd12.,\u00e9\u4f60\uD83D\uDE00  \n\n\t\u00a0";

  @TempDir private Path folder;

  /** Words and white space of all sorts, by seed. */
  private static String text(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] letters = LETTERS.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      if (random.nextInt(4) == 0) {
        text.append(random.nextBoolean() ? " " : "\n").append("we'll go");
      }
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("text" + text.hashCode() + ".txt"), text);
  }

  private static List<String> chunks(Path file, Cut cut) {
    try (TextChunks chunks = TextChunks.open(file, cut, 64)) {
      return chunks.all().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void chunks_makeTheText_withoutItsMark(Cut cut) throws Exception {
    for (int seed = 0; seed < 30; seed++) {
      List<String> chunks = chunks(file("\uFEFF" + text(seed)), cut);
      assertThat(String.join("", chunks)).isEqualTo(text(seed));
      assertThat(chunks).hasSizeGreaterThan(20);
    }
    assertThat(chunks(file(""), cut)).isEmpty();
    assertThat(chunks(file("\uFEFF"), cut)).isEmpty();
  }

  @Test
  void vocabulariesAndTokens_areThoseOfTheWholeText() throws Exception {
    Words rules = new Words(200, 1, Words.Casing.KEPT);
    for (int seed = 0; seed < 30; seed++) {
      String text = text(seed);
      List<String> anywhere = chunks(file(text), Cut.ANYWHERE);
      List<String> words = chunks(file(text), Cut.WORD);
      same(CharacterVocabulary.of(text), CharacterVocabulary.of(anywhere.stream()), text, anywhere);
      same(
          BytePairVocabulary.learn(Stream.of(text), 300, List.of()),
          BytePairVocabulary.learn(words.stream(), 300, List.of()),
          text,
          words);
      same(
          WordVocabulary.of(WordVocabulary.words(text).stream(), rules),
          WordVocabulary.of(
              words.stream().flatMap(chunk -> WordVocabulary.words(chunk).stream()), rules),
          text,
          words);
    }
  }

  private static void same(Vocabulary whole, Vocabulary parts, String text, List<String> chunks) {
    assertThat(parts.tokenizerJson()).isEqualTo(whole.tokenizerJson());
    assertThat(chunks.stream().flatMapToInt(chunk -> IntStream.of(parts.encode(chunk))).toArray())
        .isEqualTo(whole.encode(text));
  }

  @Test
  void whatIsNoUtf8_isSaidWithTheFile() throws Exception {
    Path file = Files.write(folder.resolve("bad.txt"), new byte[] {'a', (byte) 0xff, 'b'});
    assertThatThrownBy(() -> chunks(file, Cut.ANYWHERE))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(TrainError.BAD_DATA))
        .hasMessageContaining("bad.txt")
        .hasMessageContaining("UTF-8");
  }

  @Test
  void textLargerThanTheHeap_isPrepared() throws Exception {
    Path file = folder.resolve("large.txt");
    int lines = 600_000;
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < lines; i++) {
        out.write("line " + i % 1000 + " of many lines, which are alike\n");
      }
    }
    assertThat(Files.size(file)).isGreaterThan(SmallHeap.BYTES);
    for (String vocabulary : List.of("characters", "{ kind: bpe, size: 300 }")) {
      String said = SmallHeap.printed(folder, Preparation.class, file.toString(), vocabulary);
      assertThat(said).as(vocabulary).contains("prepared ");
      if (vocabulary.equals("characters")) {
        long tokens = Long.parseLong(said.replaceAll("(?s).*prepared (\\d+).*", "$1"));
        assertThat(tokens).isEqualTo(Files.size(file));
      }
    }
  }

  /** Prepares a text, reads a shuffled epoch of it, and prints how many tokens there are. */
  static final class Preparation {
    private Preparation() {}

    static void main(String[] args) {
      String recipe =
          "model: a/b\ntask: language_model\ndata:\n  format: text\n  train: "
              + args[0]
              + "\n  length: 256\n  vocabulary: "
              + args[1]
              + "\narchitecture: { kind: gpt, layers: 1, heads: 1, width: 8 }\n"
              + "optimizer: { kind: sgd, learning_rate: 0.1 }\nsteps: 1\nbatch: 1\n";
      PreparedData data = Preparing.of(Recipe.parse(recipe, "recipe", Path.of("")));
      Part part = data.train();
      try (Arena arena = Arena.ofConfined();
          Cursor cursor = part.shuffled(1, 0)) {
        List<MemorySegment> columns =
            part.columns().stream().map(column -> arena.allocate(column.bytes(), 8)).toList();
        long sum = 0;
        while (cursor.next(columns, 0)) {
          sum += columns.getFirst().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        }
        System.out.println("first tokens " + sum);
      }
      System.out.println("prepared " + data.digests().getFirst().examples());
    }
  }
}

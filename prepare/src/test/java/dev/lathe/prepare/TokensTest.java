package dev.lathe.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Tokens.Excess;
import dev.lathe.prepare.Tokens.Form;
import dev.lathe.prepare.Tokens.Padding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private static final String JSON =
      """
      {"version": "1.0", "truncation": null, "padding": null,
       "added_tokens": [
         {"id": 7, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true},
         {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true}],
       "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}},
       "decoder": null,
       "model": {"type": "WordLevel", "unk_token": "[UNK]",
         "vocab": {"[PAD]": 7, "[UNK]": 1, "[CLS]": 2, "good": 3, "bad": 4, "movie": 5}}}
      """;

  @TempDir Path folder;

  private Tokens open(Form form) throws IOException {
    return Tokens.open(Files.writeString(folder.resolve("tokenizer.json"), JSON), form);
  }

  @Test
  void texts_becomeRowsFilledUpToTheLongest() throws IOException {
    try (Tokens tokens = open(new Form(8, 100, Excess.CUT, Padding.LONGEST))) {
      Tokens.Batch batch = tokens.encode(List.of("Good movie!", "bad"));
      assertThat(batch.length()).isEqualTo(4);
      assertThat(batch.ids()).containsExactly(2, 3, 5, 1, 2, 4, 7, 7);
      assertThat(batch.mask()).containsExactly(1, 1, 1, 1, 1, 1, 0, 0);
      assertThat(batch.types()).containsOnly(0).hasSize(8);
    }
  }

  @Test
  void fullPadding_alwaysGivesTheSameLength() throws IOException {
    try (Tokens tokens = open(new Form(5, 100, Excess.CUT, Padding.FULL))) {
      assertThat(tokens.encode(List.of("bad")).ids()).containsExactly(2, 4, 7, 7, 7);
    }
  }

  @Test
  void longText_isCutWhereAskedFor() throws IOException {
    try (Tokens tokens = open(new Form(3, 100, Excess.CUT, Padding.LONGEST))) {
      assertThat(tokens.encode(List.of("good good bad bad")).ids()).containsExactly(2, 3, 3);
    }
  }

  @Test
  void longText_isRefusedWithItsPlaceAndLengthElse() throws IOException {
    try (Tokens tokens = open(new Form(3, 100, Excess.REFUSE, Padding.LONGEST))) {
      assertThatThrownBy(() -> tokens.encode(List.of("bad", "good good bad bad")))
          .isInstanceOf(LatheException.class)
          .hasMessage("text 1: 5 tokens (expected: at most 3)");
    }
  }

  @Test
  void textOfTooManyCharacters_isRefusedBeforeItIsTokenized() throws IOException {
    try (Tokens tokens = open(new Form(3, 10, Excess.CUT, Padding.LONGEST))) {
      assertThatThrownBy(() -> tokens.encode(List.of("good good bad")))
          .hasMessage("text 0: 13 characters (expected: at most 10)");
    }
  }

  @Test
  void otherFile_isRefusedByName() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": 3}");
    Form form = new Form(3, 10, Excess.CUT, Padding.LONGEST);
    assertThatThrownBy(() -> Tokens.open(file, form))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("tokenizer.json: ");
    assertThatThrownBy(() -> Tokens.open(folder.resolve("absent.json"), form))
        .hasMessageContaining("missing");
  }

  @Test
  void library_leavesNothingInTheHomeFolderAndCallsNobody() throws IOException {
    try (Tokens tokens = open(new Form(3, 10, Excess.CUT, Padding.LONGEST))) {
      assertThat(tokens.encode(List.of("bad")).length()).isEqualTo(2);
    }
    assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.exists(maps), "no /proc: where the library lies is not seen");
    List<String> mapped =
        Files.readAllLines(maps).stream().filter(line -> line.contains("libtokenizers")).toList();
    assertThat(mapped).isNotEmpty().allMatch(line -> line.endsWith("(deleted)"));
    assertThat(mapped).noneMatch(line -> line.contains(".djl.ai"));
  }

  @Test
  void closing_waitsForThoseWhoEncode_andRefusesOthers() throws Exception {
    Tokens tokens = open(new Form(500, 10_000, Excess.CUT, Padding.LONGEST));
    List<String> many = Collections.nCopies(300, "good movie ".repeat(200));
    CountDownLatch begun = new CountDownLatch(1);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<Tokens.Batch> running =
          thread.submit(
              () -> {
                begun.countDown();
                return tokens.encode(many);
              });
      begun.await();
      tokens.close();
      tokens.close();
      try {
        assertThat(running.get().length()).isEqualTo(401);
      } catch (ExecutionException e) {
        assertThat(e.getCause()).hasMessage("the tokenizer is closed");
      }
    }
    assertThatThrownBy(() -> tokens.encode(List.of("good"))).hasMessageContaining("closed");
  }
}

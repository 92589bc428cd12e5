package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.engine.Ends;
import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text model from files. */
class FolderModelTest {
  @TempDir private Path folder;

  private void write(String generation) throws IOException {
    Llama llama =
        new Llama(96, 128, new Llama.Size(64, 96, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.OWN);
    OnnxFile.write(llama.build(1), folder.resolve("model.onnx"));
    Files.writeString(folder.resolve("generation_config.json"), generation);
  }

  @Test
  void files_sayEndTokensSamplingAndContext() throws IOException {
    write("{\"eos_token_id\": [2, 7], \"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.9}");
    try (TextModel model = TextModel.open(folder, TextOptions.usual().withThreads(1))) {
      assertThat(model.endTokens()).isEqualTo(Set.of(2, 7));
      assertThat(model.sampling()).isEqualTo(Sampling.PLAIN.withTemperature(0.6).withTopP(0.9));
      assertThat(model.context()).isEqualTo(128);
      assertThat(model.vocabulary()).isEqualTo(96);
      assertThat(model.tokenizer()).isEmpty();
      assertThat(model.statistics().slots()).isEqualTo(16);
      assertThat(model.bytes()).isGreaterThan(16 * 128 * 2 * 2 * 2 * 16 * 4);
      try (TextStream stream =
          model.generate(GenerateRequest.of(new int[] {5, 6}, Ending.after(3)))) {
        Optional<GenerateEvent> last = Optional.empty();
        for (Optional<GenerateEvent> event = stream.next();
            event.isPresent();
            event = stream.next()) {
          last = event;
        }
        assertThat(last.orElseThrow()).isInstanceOf(GenerateEvent.Completed.class);
      }
    }
  }

  @Test
  void stopStringsOfTheModel_areReadOnce() throws IOException {
    write("{\"stop_strings\": [\"END\", [\"\\nuser:\", \"END\"]], \"eos_token_id\": 2}");
    GenerationFiles files = GenerationFiles.read(folder);
    assertThat(files.ends()).isEqualTo(new Ends(Set.of(2), List.of("END", "\nuser:")));
  }

  @Test
  void stopStringsBeyondMeasure_areRefused() throws IOException {
    String many =
        IntStream.range(0, 65).mapToObj(Integer::toString).collect(Collectors.joining("\",\""));
    refusedStops(many, "stop_strings: 65 (expected: at most 64)");
    refusedStops("x".repeat(1025), "stop_strings: one of 1025 characters (expected: at most 1024)");
  }

  private void refusedStops(String stops, String message) throws IOException {
    write("{\"stop_strings\": [\"" + stops + "\"]}");
    assertThatThrownBy(() -> GenerationFiles.read(folder))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_MODEL))
        .hasMessage(message);
  }

  @Test
  void cacheThatFitsFewerSlots_hasFewer() throws IOException {
    write("{}");
    long token = 2 * 2 * 2 * 16 * 4;
    TextOptions options = TextOptions.usual().withThreads(1);
    try (TextModel model = TextModel.open(folder, options.withCacheBytes(3 * 128 * token))) {
      assertThat(model.statistics().slots()).isEqualTo(3);
    }
    try (TextModel model = TextModel.open(folder, options.withCacheBytes(100 * token))) {
      assertThat(model.context()).isEqualTo(64);
    }
    assertThatThrownBy(() -> TextModel.open(folder, options.withCacheBytes(10)))
        .hasMessageContaining("cache: 10 bytes (expected: at least");
  }

  /** Blocks are 32 tokens; what they may take is charged, and is never more than the places. */
  @Test
  void storeOfBeginnings_isChargedInWholeBlocks() throws IOException {
    write("{}");
    long token = 2 * 2 * 2 * 16 * 4;
    TextOptions options = TextOptions.of(2, 64).withThreads(1);
    long without;
    try (TextModel model = TextModel.open(folder, options.withPrefixBytes(0))) {
      without = model.bytes();
      assertThat(model.statistics().prefixes().budget()).isZero();
    }
    for (long bytes : List.of(70 * token, 1L << 40)) {
      try (TextModel model = TextModel.open(folder, options.withPrefixBytes(bytes))) {
        long expected = bytes == 70 * token ? 64 * token : 128 * token;
        assertThat(model.statistics().prefixes().budget()).isEqualTo(expected);
        assertThat(model.bytes()).isEqualTo(without + expected);
      }
    }
    assertThatThrownBy(() -> options.withPrefixBytes(-1))
        .hasMessage("prefixes: -1 bytes (expected: at least 0)");
  }

  @Test
  void slotsAndContextThatAreGiven_areHeldOrRefused() throws IOException {
    write("{}");
    long token = 2 * 2 * 2 * 16 * 4;
    TextOptions options = TextOptions.usual().withThreads(1);
    OptionalInt none = OptionalInt.empty();
    TextOptions.Room slots = new TextOptions.Room(OptionalInt.of(2), none, 200 * token);
    try (TextModel model = TextModel.open(folder, options.with(slots))) {
      assertThat(model.form().slots()).isEqualTo(2);
      assertThat(model.form().context()).as("shorter, so that both fit").isEqualTo(64);
      assertThat(model.form().cacheBytes()).isEqualTo(2 * 64 * token);
    }
    TextOptions.Room context = new TextOptions.Room(none, OptionalInt.of(100), 200 * token);
    try (TextModel model = TextModel.open(folder, options.with(context))) {
      assertThat(model.form().arenas()).containsExactly(new TextOptions.Arena(2, 100));
      assertThat(model.form().weights()).isEqualTo(WeightForm.FLOAT32);
    }
    TextOptions.Room both =
        new TextOptions.Room(OptionalInt.of(3), OptionalInt.of(100), 200 * token);
    assertThatThrownBy(() -> TextModel.open(folder, options.with(both)))
        .hasMessage(
            "cache: %d bytes (expected: at least %d, for 3 slots of 100 tokens; or fewer slots, or a"
                    .formatted(200 * token, 300 * token)
                + " shorter context)");
    TextOptions.Room far = new TextOptions.Room(none, OptionalInt.of(4096), 1 << 20);
    try (TextModel model = TextModel.open(folder, options.with(far))) {
      assertThat(model.context()).as("the model's own").isEqualTo(128);
    }
  }

  @Test
  void quickestForm_isChosenAndTold() throws IOException {
    write("{}");
    TextOptions options =
        TextOptions.usual()
            .withThreads(1)
            .with(TextOptions.Weights.quickest(folder.resolve("forms")));
    try (TextModel model = TextModel.open(folder, options)) {
      assertThat(model.form().weights()).isNotEqualTo(WeightForm.FLOAT32);
      assertThat(model.form().slots()).isEqualTo(16);
    }
  }

  @Test
  void endTokenThatIsNone_isRefused() throws IOException {
    write("{\"eos_token_id\": 96}");
    assertThatThrownBy(() -> TextModel.open(folder, TextOptions.of(1, 64)))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_MODEL))
        .hasMessage("eos_token_id: 96 (expected: 0 to 95)");
  }

  @Test
  void adapterThatIsNotLoaded_isRefused() throws IOException {
    write("{}");
    try (TextModel model = TextModel.open(folder, TextOptions.of(1, 64).withThreads(1))) {
      GenerateRequest request =
          GenerateRequest.of(new int[] {1}, Ending.after(1)).withAdapter("polite");
      assertThatThrownBy(() -> model.generate(request))
          .hasMessage("adapter \"polite\": not loaded (expected: none)");
    }
  }

  @Test
  void folderWithoutModel_isRefused() {
    assertThatThrownBy(() -> TextModel.open(folder, TextOptions.of(1, 64)))
        .hasMessage("no model.onnx (expected: a decoder)");
  }
}

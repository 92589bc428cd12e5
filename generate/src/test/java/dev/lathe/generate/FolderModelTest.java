package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  void stopStringsOfTheModel_endItsAnswers() {
    GenerationFiles files =
        new GenerationFiles(Set.of(), List.of("\nuser:", "END"), Sampling.PLAIN);
    Ending ending = Ending.after(5).withStops(List.of("END"));
    assertThat(files.stopping(GenerateRequest.of(new int[] {1}, ending)).ending().stops())
        .containsExactly("END", "\nuser:");
    GenerateRequest heedless = GenerateRequest.of(new int[] {1}, ending.ignoringEndTokens());
    assertThat(files.stopping(heedless).ending().stops()).containsExactly("END");
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

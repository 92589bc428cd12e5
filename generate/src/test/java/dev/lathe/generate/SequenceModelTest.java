package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.EncoderDecoder;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of an encoder and a decoder write what transformers writes with them. */
class SequenceModelTest {
  private static SequenceModel open(Path folder) throws IOException {
    WritingRules rules =
        WritingRules.parse(
            Map.of(
                WritingRules.FILE,
                Files.readString(folder.resolve(WritingRules.FILE)),
                "config.json",
                Files.readString(folder.resolve("config.json"))));
    return SequenceModel.open(HuggingFace.read(folder).model(), rules, SessionOptions.defaults());
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5", "marian"})
  void fixture_isContinuedAsTransformersDoes(String name) throws IOException {
    Path folder = Shared.path("fixtures/hf/" + name);
    Map<String, Tensor> expected =
        Safetensors.open(folder.resolve("expected.safetensors")).tensors();
    long[] ids = expected.get("input_ids").toLongs();
    long[] first = Arrays.copyOf(ids, (int) expected.get("input_ids").dim(1));
    try (SequenceModel model = open(folder)) {
      for (int beams : new int[] {1, 4}) {
        Tensor tokens = expected.get(beams == 1 ? "greedy_tokens" : "beam4_tokens");
        WritingRules rules =
            model.rules().withBeams(beams).withLongest(Math.toIntExact(tokens.dim(1)));
        Hypothesis found = model.write(List.of(first), rules).getFirst().getFirst();
        assertThat(Arrays.stream(found.tokens()).asLongStream().toArray())
            .as(beams + " beams")
            .isEqualTo(tokens.toLongs());
      }
    }
  }

  @Test
  void sourcesOfDifferentLengths_areWrittenAsAlone() throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    List<long[]> sources = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      sources.add(random.longs(1 + random.nextInt(15), 2, 512).toArray());
    }
    try (SequenceModel model = open(Shared.path("fixtures/hf/marian"))) {
      WritingRules rules = model.rules().withBeams(3).withLongest(12);
      List<List<Hypothesis>> together = model.write(sources, rules);
      for (int i = 0; i < sources.size(); i++) {
        Hypothesis alone = model.write(sources.subList(i, i + 1), rules).getFirst().getFirst();
        assertThat(together.get(i).getFirst().tokens()).isEqualTo(alone.tokens());
        assertThat(model.inner(alone)).doesNotContain(1).hasSizeLessThan(alone.tokens().length);
      }
    }
  }

  @Test
  void whatNobodyWants_endsBetweenSteps() throws IOException {
    try (SequenceModel model = open(Shared.path("fixtures/hf/t5"))) {
      WritingRules rules = model.rules().withLongest(50);
      int[] steps = new int[1];
      Runnable third =
          () -> {
            if (++steps[0] == 3) {
              throw new IllegalStateException("gone");
            }
          };
      Sitting sitting = Sitting.USUAL.also(third);
      assertThatThrownBy(() -> model.write(List.of(new long[] {5, 1}), rules, sitting))
          .hasMessage("gone");
      assertThat(steps[0]).isEqualTo(3);
    }
  }

  @Test
  void modelOfThisProject_isWrittenWithByItsOwnNames() {
    Model own = new EncoderDecoder(30, 16, 16, 1, 2, 32, 0).build(3);
    String json =
        "{\"decoder_start_token_id\": 2, \"eos_token_id\": 1, \"pad_token_id\": 0,"
            + " \"max_length\": 9}";
    WritingRules rules = WritingRules.parse(Map.of(WritingRules.FILE, json));
    try (SequenceModel model = SequenceModel.open(own, rules, SessionOptions.defaults())) {
      List<List<Hypothesis>> found =
          model.write(List.of(new long[] {5, 6, 1}, new long[] {7, 1}), rules);
      assertThat(found).hasSize(2);
      assertThat(found.getFirst().getFirst().tokens()).startsWith(2).hasSizeBetween(2, 9);
      assertThatThrownBy(() -> model.write(List.of(new long[0]), rules))
          .hasMessage("source 0: no tokens (expected: at least one)");
    }
  }

  @Test
  void otherModels_areRefused() {
    WritingRules rules =
        WritingRules.parse(Map.of(WritingRules.FILE, "{\"decoder_start_token_id\": 2}"));
    Model other = new Linear(3, 2).build(1);
    assertThatThrownBy(() -> SequenceModel.open(other, rules, SessionOptions.defaults()))
        .hasMessageContaining("inputs [x] (expected: a source");
  }
}

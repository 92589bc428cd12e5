package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.runtime.Cpu;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.WeightForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Scores after a beginning from the store are those after one that a row still holds, and after one
 * that is computed, bit for bit.
 */
class PrefixScoresTest {
  private static final int CHUNK = 32;

  @TempDir private Path folder;
  @TempDir private Path forms;

  /** Gemma 3 and Mistral look back over 16 tokens in some layers or in all. */
  @ParameterizedTest
  @CsvSource({
    "hf/llama, FLOAT32",
    "hf/gemma3, FLOAT32",
    "hf/mistral, FLOAT32",
    "hf/gpt2, FLOAT32",
    "text/shakespeare-llama, FLOAT32",
    "text/shakespeare-llama, W8A8"
  })
  void storedBeginning_isTheComputedOne(String fixture, WeightForm form) throws IOException {
    assumeTrue(
        form != WeightForm.W8A8 || Cpu.current().multipliesBytesExactly(), "no processor for W8A8");
    ShakespeareTest.write(Shared.path("fixtures/" + fixture), folder);
    int[] head = tokens(1, 3 * CHUNK);
    int[] asked = joined(head, tokens(2, 9));
    int[] alike = joined(head, tokens(3, 7));
    alike[head.length] = (asked[head.length] + 1) % 200;
    Said computed;
    try (TextModel model = open(form)) {
      computed = say(model, alike);
      assertThat(computed.cached()).isZero();
    }
    try (TextModel model = open(form)) {
      assertThat(say(model, asked).cached()).as("another model has its own").isZero();
      Said held = say(model, asked);
      assertThat(held.cached()).isEqualTo(asked.length - 1);
      assertThat(model.statistics().prefixes().tokens()).as("nothing was lost yet").isZero();
      say(model, tokens(4, 100));
      Said stored = say(model, asked);
      assertThat(stored).isEqualTo(held);
      say(model, tokens(5, 100));
      Said beside = say(model, alike);
      assertThat(beside.cached()).isEqualTo(head.length);
      assertThat(beside.scored()).isEqualTo(computed.scored());
      EngineStatistics.Prefixes figures = model.statistics().prefixes();
      assertThat(figures.tokens()).isGreaterThan(200);
      assertThat(figures.bytes()).isGreaterThan(0).isLessThanOrEqualTo(figures.budget());
    }
  }

  private TextModel open(WeightForm form) {
    TextOptions.Weights weights =
        form == WeightForm.FLOAT32
            ? TextOptions.Weights.RELEASED
            : TextOptions.Weights.of(form, forms);
    return TextModel.open(
        folder, TextOptions.of(1, 512).withThreads(1).withRuns(CHUNK, 0).with(weights));
  }

  private static int[] tokens(int seed, int count) {
    return new Random(seed).ints(count, 3, 200).toArray();
  }

  private static int[] joined(int[] head, int[] tail) {
    int[] both = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, both, head.length, tail.length);
    return both;
  }

  /** An answer's tokens with their probabilities to the last bit. */
  private record Said(List<Scored> scored, int cached) {}

  private static Said say(TextModel model, int[] prompt) {
    List<Scored> scored = new ArrayList<>();
    int cached = -1;
    GenerateRequest request =
        GenerateRequest.of(prompt, Ending.after(12).ignoringEndTokens())
            .with(Probabilities.ofAnswer(5));
    try (TextStream stream = model.generate(request)) {
      for (Optional<GenerateEvent> next = stream.next(); next.isPresent(); next = stream.next()) {
        if (next.get() instanceof GenerateEvent.Token token) {
          scored.add(token.scored().orElseThrow());
        } else if (next.get() instanceof GenerateEvent.Completed end) {
          cached = end.usage().cachedTokens();
        }
      }
    }
    assertThat(scored).hasSize(12);
    return new Said(scored, cached);
  }
}

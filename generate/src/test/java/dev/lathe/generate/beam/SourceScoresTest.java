package dev.lathe.generate.beam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.Together;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.Model;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.EncoderDecoder;
import dev.lathe.zoo.HuggingFace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cache changes how fast targets are written, and nothing else. */
class SourceScoresTest {
  private static final WritingRules RULES =
      WritingRules.parse(
          Map.of(
              WritingRules.FILE,
              "{\"decoder_start_token_id\": 0, \"eos_token_id\": 1, \"num_beams\": 5,"
                  + " \"max_length\": 13, \"early_stopping\": \"never\"}"));

  private static final List<long[]> SOURCES =
      List.of(new long[] {5, 6, 7, 8, 9, 10, 11, 1}, new long[] {400, 1}, new long[] {77, 78, 1});

  @ParameterizedTest
  @ValueSource(strings = {"t5", "marian"})
  void imported_areWrittenWithOverACache(String name) {
    Model model = HuggingFace.read(Shared.path("fixtures/hf/" + name)).model();
    try (SourceScores cached = SourceScores.open(model, 0, SessionOptions.defaults());
        SourceScores plain = PlainScores.open(model, 0, SessionOptions.defaults())) {
      assertThat(cached).isInstanceOf(CachedScores.class);
      assertThat(cached.mostLines(13)).isGreaterThan(100);
      assertSame(RULES, cached, plain);
    }
  }

  /** Sources of other lengths stand together, so that padding is hidden from the shorter ones. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void trainedHere_areWrittenWithOverACache(int beams) {
    Model model = new EncoderDecoder(500, 16, 32, 2, 4, 48, 0.1).build(1);
    WritingRules rules = RULES.withBeams(beams);
    try (SourceScores cached = SourceScores.open(model, 0, SessionOptions.defaults());
        SourceScores plain = PlainScores.open(model, 0, SessionOptions.defaults())) {
      assertThat(cached).isInstanceOf(CachedScores.class);
      assertThat(cached.context()).isEqualTo(16);
      assertSame(rules, cached, plain);
    }
  }

  @Test
  void headsThatTheKernelDoesNotTake_areComputedAgainEachStep() {
    Model model = new EncoderDecoder(30, 16, 24, 1, 2, 32, 0).build(1);
    try (SourceScores scores = SourceScores.open(model, 0, SessionOptions.defaults())) {
      assertThat(scores).isInstanceOf(PlainScores.class);
    }
  }

  private static void assertSame(WritingRules rules, SourceScores cached, SourceScores plain) {
    int beams = rules.beams().count();
    List<List<Hypothesis>> fast = Together.write(SOURCES, rules, cached.joint());
    List<List<Hypothesis>> slow = Together.write(SOURCES, rules, plain.joint());
    for (int source = 0; source < SOURCES.size(); source++) {
      assertThat(fast.get(source)).hasSize(beams);
      for (int i = 0; i < beams; i++) {
        Hypothesis found = fast.get(source).get(i);
        assertThat(found.tokens()).isEqualTo(slow.get(source).get(i).tokens());
        assertThat(found.score()).isCloseTo(slow.get(source).get(i).score(), within(1e-4));
      }
    }
  }
}

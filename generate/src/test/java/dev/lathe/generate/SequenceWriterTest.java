package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Searching, over a model whose scores depend on the source and all that was written. */
class SequenceWriterTest {
  private static final int VOCABULARY = 7;
  private static final int END = 1;

  /** Scores drawn by what stands before them; checks that parents are what they should be. */
  private static final class Drawn implements NextScores {
    private List<Line> before = List.of();

    @Override
    public Tensor after(List<Line> lines) {
      float[] scores = new float[lines.size() * VOCABULARY];
      for (int i = 0; i < lines.size(); i++) {
        Line line = lines.get(i);
        assertThat(line.parent() < 0).isEqualTo(line.tokens().length == 1);
        if (line.parent() >= 0) {
          Line parent = before.get(line.parent());
          assertThat(Arrays.copyOf(line.tokens(), line.tokens().length - 1))
              .isEqualTo(parent.tokens());
          assertThat(line.source()).isEqualTo(parent.source());
        }
        System.arraycopy(
            scores(line.source(), line.tokens()), 0, scores, i * VOCABULARY, VOCABULARY);
      }
      before = List.copyOf(lines);
      return Tensor.ofFloats(scores, lines.size(), VOCABULARY);
    }

    static float[] scores(int source, int[] tokens) {
      Random random = new Random(31L * source + Arrays.hashCode(tokens));
      float[] scores = new float[VOCABULARY];
      for (int i = 0; i < VOCABULARY; i++) {
        scores[i] = (float) random.nextGaussian(0, 2);
      }
      return scores;
    }
  }

  private static WritingRules rules(String settings) {
    String json = "{\"decoder_start_token_id\": 0, \"eos_token_id\": 1" + settings + "}";
    return WritingRules.parse(Map.of(WritingRules.FILE, json));
  }

  private static List<int[]> write(WritingRules rules, int sources) {
    List<long[]> all = new ArrayList<>();
    for (int i = 0; i < sources; i++) {
      all.add(new long[] {2, 3, 4});
    }
    return Together.write(all, rules, new Drawn()).stream()
        .map(found -> found.getFirst().tokens())
        .toList();
  }

  private static double logProbability(int[] tokens) {
    double sum = 0;
    for (int i = 1; i < tokens.length; i++) {
      float[] scores = Drawn.scores(0, Arrays.copyOf(tokens, i));
      double all = 0;
      for (float score : scores) {
        all += Math.exp(score);
      }
      sum += scores[tokens[i]] - Math.log(all);
    }
    return sum;
  }

  /** Every target of at most 4 tokens. */
  private static List<int[]> everything(int[] begun) {
    List<int[]> all = new ArrayList<>();
    for (int token = 0; token < VOCABULARY; token++) {
      int[] longer = Arrays.copyOf(begun, begun.length + 1);
      longer[begun.length] = token;
      if (token == END || longer.length == 4) {
        all.add(longer);
      } else {
        all.addAll(everything(longer));
      }
    }
    return all;
  }

  @Test
  void manyBeams_findTheBestOfAll() {
    WritingRules rules =
        rules(
            ", \"num_beams\": 64, \"max_length\": 4, \"length_penalty\": 0,"
                + " \"early_stopping\": \"never\"");
    int[] best =
        everything(new int[] {0}).stream()
            .max(Comparator.comparingDouble(SequenceWriterTest::logProbability))
            .orElseThrow();
    Hypothesis found =
        Together.write(List.of(new long[] {2}), rules, new Drawn()).getFirst().getFirst();
    assertThat(found.tokens()).isEqualTo(best);
    assertThat(found.score()).isCloseTo(logProbability(best), within(1e-4));
  }

  @Test
  void oneBeam_takesTheBestNextToken() {
    int[] tokens = write(rules(", \"max_length\": 9"), 1).getFirst();
    for (int i = 1; i < tokens.length; i++) {
      float[] scores = Drawn.scores(0, Arrays.copyOf(tokens, i));
      for (float score : scores) {
        assertThat(score).isLessThanOrEqualTo(scores[tokens[i]]);
      }
    }
    assertThat(tokens.length == 9 || tokens[tokens.length - 1] == END).isTrue();
  }

  @Test
  void sourcesTogether_areWrittenAsAlone() {
    WritingRules rules = rules(", \"num_beams\": 3, \"max_length\": 12");
    List<int[]> together = write(rules, 8);
    for (int i = 0; i < together.size(); i++) {
      int source = i;
      Drawn drawn = new Drawn();
      NextScores alone =
          lines ->
              drawn.after(
                  lines.stream()
                      .map(line -> new NextScores.Line(source, line.parent(), line.tokens()))
                      .toList());
      List<Hypothesis> found = Together.write(List.of(new long[] {2}), rules, alone).getFirst();
      assertThat(found.getFirst().tokens()).isEqualTo(together.get(i));
      assertThat(found)
          .hasSize(3)
          .isSortedAccordingTo(Comparator.comparingDouble(Hypothesis::score).reversed());
    }
  }

  @Test
  void forcedTokens_standFirstAndLast() {
    WritingRules rules =
        rules(
            ", \"num_beams\": 2, \"max_length\": 5, \"min_length\": 5,"
                + " \"forced_bos_token_id\": 6, \"forced_eos_token_id\": [5]");
    for (int[] tokens : write(rules, 4)) {
      assertThat(tokens).hasSize(5).startsWith(0, 6).endsWith(5).doesNotContain(END);
    }
  }

  @Test
  void avoidedTokens_areNotWritten() {
    WritingRules rules =
        rules(
            ", \"max_length\": 30, \"suppress_tokens\": [2], \"begin_suppress_tokens\": [3, 4],"
                + " \"bad_words_ids\": [[5], [6, 6], [1]], \"no_repeat_ngram_size\": 2,"
                + " \"repetition_penalty\": 1.5");
    for (int[] tokens : write(rules, 30)) {
      assertThat(tokens).doesNotContain(2, 5);
      assertThat(pairs(tokens)).doesNotHaveDuplicates().doesNotContain(List.of(6, 6));
      assertThat(tokens[1]).isNotIn(3, 4);
    }
    WritingRules ofSource = rules(", \"max_length\": 30, \"encoder_no_repeat_ngram_size\": 1");
    assertThat(write(ofSource, 30))
        .allSatisfy(tokens -> assertThat(tokens).doesNotContain(2, 3, 4));
  }

  private static List<List<Integer>> pairs(int[] tokens) {
    List<List<Integer>> pairs = new ArrayList<>();
    for (int i = 1; i < tokens.length; i++) {
      pairs.add(List.of(tokens[i - 1], tokens[i]));
    }
    return pairs;
  }

  @Test
  void scoresThatAreNoNumbers_areAnError() {
    NextScores broken = lines -> Tensor.ofFloats(new float[] {0, Float.NaN}, 1, 2);
    assertThatThrownBy(
            () -> Together.write(List.of(new long[] {2}), rules(", \"max_length\": 4"), broken))
        .hasMessageContaining("score of token 1 is not a number");
    NextScores none =
        lines -> Tensor.ofFloats(new float[] {Float.NEGATIVE_INFINITY, 0}, lines.size(), 2);
    assertThatThrownBy(
            () ->
                Together.write(
                    List.of(new long[] {2}), rules(", \"max_length\": 4, \"min_length\": 4"), none))
        .hasMessageContaining("no token may follow 1 tokens");
  }

  @Test
  void settings_areReadAsHuggingFaceHasThem() {
    Map<String, String> files =
        Map.of(
            WritingRules.FILE,
            "{\"eos_token_id\": [1, 6], \"max_new_tokens\": 7, \"pad_token_id\": null}",
            "config.json",
            "{\"decoder_start_token_id\": 2, \"num_beams\": 5, \"pad_token_id\": 3}");
    WritingRules rules = WritingRules.parse(files);
    assertThat(rules.marks().start()).isEqualTo(2);
    assertThat(rules.marks().ends()).containsExactly(1, 6);
    assertThat(rules.marks().pad()).isEqualTo(3);
    assertThat(rules.lengths().most()).isEqualTo(8);
    assertThat(rules.beams().count()).isEqualTo(5);
    assertThat(rules.beams().early()).isEqualTo(WritingRules.Early.NO);
  }

  @Test
  void settingsThatDoNotFit_areRefusedByName() {
    refused("{}", "no decoder_start_token_id");
    refused("[]", "generation_config.json: ARRAY");
    refused("{", "generation_config.json: not JSON");
    refused(begun("\"num_beams\": 65"), "num_beams: 65 (expected: 1 to 64)");
    refused(begun("\"num_beams\": \"a\""), "num_beams: \"a\" (expected: 1 to 64)");
    refused(begun("\"length_penalty\": \"x\""), "length_penalty: \"x\"");
    refused(begun("\"early_stopping\": \"often\""), "early_stopping: often");
    refused(begun("\"num_beam_groups\": 2"), "num_beam_groups: 2 is not supported");
    refused(begun("\"sequence_bias\": [[[1], 2.0]]"), "sequence_bias");
    refused(begun("\"bad_words_ids\": [3]"), "bad_words_ids: 3 (expected: a list of tokens)");
    refused(begun("\"suppress_tokens\": [-1]"), "suppress_tokens: -1");
    refused(begun("\"repetition_penalty\": 0"), "repetition_penalty: 0");
    assertThat(WritingRules.parse(Map.of(WritingRules.FILE, begun("\"num_beam_groups\": 1"))))
        .isNotNull();
  }

  private static String begun(String setting) {
    return "{\"decoder_start_token_id\": 0, " + setting + "}";
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> WritingRules.parse(Map.of(WritingRules.FILE, json)))
        .hasMessageContaining(message);
  }
}

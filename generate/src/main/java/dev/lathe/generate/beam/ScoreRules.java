package dev.lathe.generate.beam;

import dev.lathe.generate.WritingRules;
import java.util.Arrays;

/**
 * What may be written next, and what rather not: the rules of a {@code generation_config.json}, in
 * the order in which transformers applies them.
 */
final class ScoreRules {
  private static final float NEVER = Float.NEGATIVE_INFINITY;

  private final WritingRules rules;
  private final int[] source;

  ScoreRules(WritingRules rules, long[] source) {
    this.rules = rules;
    this.source = Arrays.stream(source).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * Changes scores in place.
   *
   * @param scores of each token as the next one
   * @param written the tokens before it, from the start token on
   */
  void apply(float[] scores, int[] written) {
    WritingRules.Avoided avoided = rules.avoided();
    penalize(scores, written, avoided.repetition());
    forbidRepeats(scores, written, written, avoided.noRepeat());
    forbidRepeats(scores, source, written, avoided.noRepeatOfSource());
    forbidWords(scores, written);
    if (written.length < rules.lengths().least()) {
      forbid(scores, rules.marks().ends());
    }
    if (written.length == 1 && rules.forced().first().isPresent()) {
      force(scores, rules.forced().first().getAsInt());
    }
    if (written.length == rules.lengths().most() - 1 && rules.forced().last().length > 0) {
      force(scores, rules.forced().last());
    }
    forbid(scores, avoided.suppressed());
    boolean forcedFirst = rules.forced().first().isPresent();
    if (written.length == (forcedFirst ? 2 : 1)) {
      forbid(scores, avoided.suppressedFirst());
    }
    if (avoided.renormalize()) {
      normalize(scores);
    }
  }

  /** Scores to logarithms of probabilities, in place. */
  static void normalize(float[] scores) {
    float highest = NEVER;
    for (float score : scores) {
      highest = Math.max(highest, score);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - highest);
    }
    float logarithm = (float) Math.log(sum);
    for (int i = 0; i < scores.length; i++) {
      scores[i] = scores[i] - highest - logarithm;
    }
  }

  private static void penalize(float[] scores, int[] written, double penalty) {
    if (penalty == 1) {
      return;
    }
    float factor = (float) penalty;
    Arrays.stream(written)
        .distinct()
        .filter(token -> token < scores.length)
        .forEach(
            token ->
                scores[token] =
                    scores[token] < 0 ? scores[token] * factor : scores[token] / factor);
  }

  /** No run of n tokens of a text is written again, or at all if the text is the source. */
  private static void forbidRepeats(float[] scores, int[] text, int[] written, int n) {
    if (n == 0 || written.length + 1 < n) {
      return;
    }
    for (int from = 0; from + n <= text.length; from++) {
      if (endsWith(written, Arrays.copyOfRange(text, from, from + n - 1))) {
        forbid(scores, text[from + n - 1]);
      }
    }
  }

  private void forbidWords(float[] scores, int[] written) {
    for (int[] word : rules.avoided().words()) {
      boolean isEnd = word.length == 1 && rules.marks().isEnd(word[0]);
      if (!isEnd && endsWith(written, Arrays.copyOf(word, word.length - 1))) {
        forbid(scores, word[word.length - 1]);
      }
    }
  }

  private static boolean endsWith(int[] written, int[] last) {
    int from = written.length - last.length;
    return from >= 0 && Arrays.equals(written, from, written.length, last, 0, last.length);
  }

  private static void forbid(float[] scores, int... tokens) {
    for (int token : tokens) {
      if (token < scores.length) {
        scores[token] = NEVER;
      }
    }
  }

  private static void force(float[] scores, int... tokens) {
    Arrays.fill(scores, NEVER);
    for (int token : tokens) {
      scores[token] = 0;
    }
  }
}

package dev.lathe.server.openai;

import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Probabilities;
import java.util.List;

/** How many probabilities one answer may tell: each is a name and a number in memory. */
final class ScoreLimit {
  private static final long MOST = 1 << 20;

  private ScoreLimit() {}

  /**
   * Refuses a request whose answer might have too many.
   *
   * @param prompts each is asked alone
   * @param usual what is asked of each
   * @param context how long a prompt and its answer may be together
   */
  static void require(List<int[]> prompts, GenerateRequest usual, int context) {
    Probabilities asked = usual.probabilities();
    long each = 0;
    for (int[] prompt : prompts) {
      long room = Math.max(0, context - prompt.length);
      long answer = Math.min(room, usual.ending().maxTokens());
      each += asked.prompt().map(most -> prompt.length * (most + 1L)).orElse(0L);
      each += asked.answer().map(most -> answer * (most + 1L)).orElse(0L);
    }
    if (each * usual.choices() > MOST) {
      throw Fields.bad(
          "logprobs",
          "up to " + each * usual.choices() + " probabilities",
          "at most " + MOST + ": fewer prompts, max_tokens, n or logprobs");
    }
  }
}

package dev.lathe.generate.sample;

import dev.lathe.generate.Sampling;
import java.util.Map;

/** Changes scores before a token is drawn from them. */
public final class Adjust {
  private Adjust() {}

  /**
   * Penalties for what occurred, and the request's bias.
   *
   * @param scores [V], changed
   * @param sampling says how much
   * @param counts what occurred in prompt and answer
   */
  public static void penalize(float[] scores, Sampling sampling, TokenCounts counts) {
    Sampling.Penalties penalties = sampling.penalties();
    if (!penalties.equals(Sampling.Penalties.NONE)) {
      for (int place = 0; place < counts.places(); place++) {
        int token = counts.tokenAt(place);
        if (token >= 0) {
          scores[token] = penalized(scores[token], penalties, counts.saidAt(place));
        }
      }
    }
    for (Map.Entry<Integer, Float> bias : sampling.bias().entrySet()) {
      scores[bias.getKey()] += bias.getValue();
    }
  }

  private static float penalized(float score, Sampling.Penalties penalties, int said) {
    double changed = score > 0 ? score / penalties.repetition() : score * penalties.repetition();
    if (said > 0) {
      changed -= penalties.presence() + said * penalties.frequency();
    }
    return (float) changed;
  }

  /**
   * Rules out tokens.
   *
   * @param scores [V]; those of tokens whose bit is unset become −∞
   * @param allowed bit t % 64 of word t / 64 is that of token t; bits beyond the words are unset
   */
  public static void keep(float[] scores, long[] allowed) {
    for (int first = 0; first < scores.length; first += 64) {
      long word = first / 64 < allowed.length ? allowed[first / 64] : 0;
      if (word == -1L) {
        continue;
      }
      int end = Math.min(64, scores.length - first);
      for (int i = 0; i < end; i++) {
        if ((word >>> i & 1) == 0) {
          scores[first + i] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /**
   * Rules out one token.
   *
   * @param scores [V], changed
   * @param token the token
   */
  public static void rule(float[] scores, int token) {
    scores[token] = Float.NEGATIVE_INFINITY;
  }
}

package dev.lathe.generate.sample;

import dev.lathe.generate.Sampling;

/**
 * Draws a token from scores. Holds the room that this takes, for one thread.
 *
 * <p>Tokens of equal weight are ordered by their numbers, the lower first, so that a draw depends
 * on the scores and the random number only.
 */
public final class Sampler {
  /** No token can be drawn: all are ruled out. */
  public static final int NONE = -1;

  /**
   * Weights below e to the power of this, as a share of the best, are nothing in a double's sum.
   */
  private static final double NEGLIGIBLE = -60;

  private final Candidates candidates;

  /**
   * A sampler.
   *
   * @param vocabulary the length of scores
   */
  public Sampler(int vocabulary) {
    this.candidates = new Candidates(vocabulary);
  }

  /**
   * Draws a token.
   *
   * @param scores [V], finite or −∞
   * @param sampling temperature and truncation
   * @param random at least 0, less than 1
   * @return the token; {@link #NONE} if all scores are −∞
   */
  public int draw(float[] scores, Sampling sampling, double random) {
    int best = best(scores);
    if (scores[best] == Float.NEGATIVE_INFINITY) {
      return NONE;
    }
    if (sampling.isGreedy()) {
      return best;
    }
    weigh(scores, scores[best], sampling);
    if (sampling.topP() < 1) {
      candidates.keepHeaviest(sampling.topP());
    }
    if (sampling.minP() > 0) {
      candidates.keepAtLeast(sampling.minP());
    }
    if (sampling.typical() < 1) {
      candidates.keepTypical(sampling.typical());
    }
    return candidates.at(random);
  }

  private static int best(float[] scores) {
    int best = 0;
    float most = scores[0];
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > most) {
        most = scores[i];
        best = i;
      }
    }
    return best;
  }

  private void weigh(float[] scores, float most, Sampling sampling) {
    double inverse = 1 / sampling.temperature();
    if (sampling.topK() > 0 && sampling.topK() < scores.length) {
      candidates.begin(scores, sampling.topK());
      candidates.weigh(most, inverse);
      return;
    }
    candidates.clear();
    double least = most + NEGLIGIBLE * sampling.temperature();
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= least) {
        candidates.add(i, Math.exp((scores[i] - most) * inverse));
      }
    }
  }
}

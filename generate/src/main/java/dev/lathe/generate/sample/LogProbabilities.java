package dev.lathe.generate.sample;

import dev.lathe.generate.GenerateEvent.Alternative;
import dev.lathe.generate.GenerateEvent.Scored;
import java.util.ArrayList;
import java.util.List;

/** What a model's scores say of a token: {@code log softmax}, and which tokens are better. */
public final class LogProbabilities {
  private final int[] room;

  /**
   * Room for the best tokens.
   *
   * @param most how many are ever asked for
   */
  public LogProbabilities(int most) {
    this.room = new int[most];
  }

  /**
   * The probability of a token.
   *
   * @param scores [V], as the model gave them
   * @param token the token
   * @param best how many of the best tokens are told, too
   * @return its probability, its rank and the best tokens
   */
  public Scored of(float[] scores, int token, int best) {
    double normalizer = normalizer(scores);
    int rank = 1;
    for (float score : scores) {
      if (score > scores[token]) {
        rank++;
      }
    }
    List<Alternative> alternatives = new ArrayList<>(best);
    int found = best(scores, Math.min(best, scores.length));
    for (int i = 0; i < found; i++) {
      alternatives.add(new Alternative(room[i], (float) (scores[room[i]] - normalizer)));
    }
    return new Scored(token, (float) (scores[token] - normalizer), rank, alternatives);
  }

  private static double normalizer(float[] scores) {
    float most = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, score);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - most);
    }
    return most + Math.log(sum);
  }

  /** Puts the best tokens into the room, by insertion, since they are few. */
  private int best(float[] scores, int count) {
    int found = 0;
    for (int token = 0; token < scores.length && count > 0; token++) {
      if (found == count && !(scores[token] > scores[room[found - 1]])) {
        continue;
      }
      int at = found < count ? found++ : count - 1;
      while (at > 0 && scores[token] > scores[room[at - 1]]) {
        room[at] = room[at - 1];
        at--;
      }
      room[at] = token;
    }
    return found;
  }
}

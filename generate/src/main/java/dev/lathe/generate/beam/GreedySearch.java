package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.LatheException;
import java.util.Arrays;
import java.util.List;

/** The most probable next token, the first of equals, until the end or the longest length. */
final class GreedySearch implements Search {
  private final WritingRules rules;
  private final ScoreRules scoreRules;
  private int[] tokens;
  private double sum;
  private boolean over;

  GreedySearch(WritingRules rules, ScoreRules scoreRules) {
    this.rules = rules;
    this.scoreRules = scoreRules;
    this.tokens = new int[] {rules.marks().start()};
  }

  @Override
  public List<Open> open() {
    return over ? List.of() : List.of(new Open(0, tokens));
  }

  @Override
  public void take(Logits logits) {
    float[] scores = logits.line(0);
    scoreRules.apply(scores, tokens);
    int best = 0;
    for (int token = 1; token < scores.length; token++) {
      if (scores[token] > scores[best]) {
        best = token;
      }
    }
    if (scores[best] == Float.NEGATIVE_INFINITY) {
      throw new LatheException(
          GenerateError.DEAD_END, "no token may follow " + tokens.length + " tokens");
    }
    ScoreRules.normalize(scores);
    sum += scores[best];
    tokens = with(tokens, best);
    over = rules.marks().isEnd(best) || tokens.length >= rules.lengths().most();
  }

  static int[] with(int[] tokens, int token) {
    int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
    longer[tokens.length] = token;
    return longer;
  }

  @Override
  public List<Hypothesis> found() {
    return List.of(new Hypothesis(tokens, sum));
  }
}

package dev.lathe.generate.engine;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.generate.sample.Adjust;
import dev.lathe.generate.sample.LogProbabilities;
import dev.lathe.generate.sample.Sampler;
import dev.lathe.ir.LatheException;
import java.util.Optional;
import java.util.Set;

/** From the scores of a run to the next token of a sequence. Holds the room that this takes. */
final class Drawing {
  private static final int MOST_TOLD = 128;

  private final Decoder decoder;
  private final Set<Integer> endTokens;
  private final int[] ends;
  private final float[] endScores;
  private final Sampler sampler;
  private final LogProbabilities probabilities = new LogProbabilities(MOST_TOLD);
  private final float[] told;
  private final float[] scores;
  private Optional<Scored> scored = Optional.empty();

  Drawing(Decoder decoder, Set<Integer> endTokens) {
    this.decoder = decoder;
    this.endTokens = endTokens;
    this.ends = endTokens.stream().mapToInt(Integer::intValue).toArray();
    this.endScores = new float[ends.length];
    this.sampler = new Sampler(decoder.vocabulary());
    this.told = new float[decoder.vocabulary()];
    this.scores = new float[decoder.vocabulary()];
  }

  /**
   * Draws the next token of a sequence.
   *
   * @param index where the last run's scores for it are
   * @throws LatheException NOT_FINITE, DEAD_END
   */
  int next(Sequence sequence, int index) {
    decoder.read(index, scores);
    requireNumbers(scores);
    GenerateRequest request = sequence.job().request();
    boolean tell = request.probabilities().answer().isPresent();
    if (tell) {
      System.arraycopy(scores, 0, told, 0, scores.length);
    }
    Adjust.penalize(scores, request.sampling(), sequence.counts());
    constrain(sequence);
    int token = sampler.draw(scores, request.sampling(), sequence.random());
    if (token == Sampler.NONE) {
      throw new LatheException(
          GenerateError.DEAD_END,
          "choice "
              + sequence.choice()
              + ": after "
              + sequence.answered()
              + " tokens no token is left that may come next (expected: a constraint and least"
              + " length that the model's tokens can fulfil)");
    }
    scored =
        tell
            ? Optional.of(probabilities.of(told, token, request.probabilities().answer().get()))
            : Optional.empty();
    return token;
  }

  /** The probability of the token drawn last, if wanted. */
  Optional<Scored> scored() {
    return scored;
  }

  /** The probability of a token of a prompt. */
  Scored tell(int index, int token, int best) {
    decoder.read(index, told);
    requireNumbers(told);
    return probabilities.of(told, token, best);
  }

  /** Whether a token ends an answer, if it is long enough. */
  boolean ends(Sequence sequence, int token) {
    Ending ending = sequence.job().request().ending();
    return ending.end() == Ending.EndTokens.END && endTokens.contains(token)
        || ending.stopTokens().contains(token);
  }

  private void constrain(Sequence sequence) {
    Ending ending = sequence.job().request().ending();
    boolean mayEnd = sequence.answered() >= ending.minTokens();
    TokenConstraint constraint = sequence.constraint();
    if (constraint != null) {
      boolean complete = constraint.mayEnd() && mayEnd && ending.end() == Ending.EndTokens.END;
      for (int i = 0; i < ends.length; i++) {
        endScores[i] = complete ? scores[ends[i]] : Float.NEGATIVE_INFINITY;
      }
      Adjust.keep(scores, constraint.allowed());
      for (int i = 0; i < ends.length; i++) {
        scores[ends[i]] = endScores[i];
      }
    }
    if (!mayEnd) {
      if (ending.end() == Ending.EndTokens.END) {
        for (int token : ends) {
          Adjust.rule(scores, token);
        }
      }
      ending.stopTokens().forEach(token -> Adjust.rule(scores, token));
    }
  }

  private static void requireNumbers(float[] scores) {
    for (int i = 0; i < scores.length; i++) {
      if (!(scores[i] < Float.POSITIVE_INFINITY)) {
        throw new LatheException(
            GenerateError.NOT_FINITE,
            "the model's score of token " + i + " is " + scores[i] + " (expected: a number)");
      }
    }
  }
}

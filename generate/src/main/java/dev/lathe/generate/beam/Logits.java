package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Some lines of a model's scores.
 *
 * @param all FLOAT [R, V]
 * @param first the first of the lines meant
 */
public record Logits(Tensor all, int first) {
  /** How many tokens have scores. */
  int vocabulary() {
    return Math.toIntExact(all.dim(1));
  }

  /**
   * The scores of one line.
   *
   * @param line counted from the first
   * @return V numbers, the caller's own
   * @throws LatheException NOT_FINITE if one is not a number
   */
  float[] line(int line) {
    int vocabulary = vocabulary();
    float[] scores = new float[vocabulary];
    long offset = (long) (first + line) * vocabulary * Float.BYTES;
    MemorySegment.copy(all.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, offset, scores, 0, vocabulary);
    for (int token = 0; token < vocabulary; token++) {
      if (Float.isNaN(scores[token])) {
        throw new LatheException(
            GenerateError.NOT_FINITE, "the model's score of token " + token + " is not a number");
      }
    }
    return scores;
  }
}

package dev.lathe.transform;

import dev.lathe.ir.LatheException;

/**
 * Connectionist temporal classification: {@code lᵢ = -log Σ p(π)} over all ways π to spread an
 * example's labels over its frames, where a frame has a label again or a blank, divided by the
 * number of labels, as PyTorch's {@code CTCLoss} has it. Prediction is FLOAT [N, T, K], raw scores
 * of T frames; target is FLOAT [N, 1 + L]: how many of the T frames an example has, from 1 to T,
 * then its labels, whole numbers below K that are not the blank, and -1 behind the last.
 *
 * <p>An example whose labels need more frames than it has, one for each and one more between
 * neighbours that are equal, does not count.
 *
 * @param blank the class of frames without a label, from 0
 * @see <a href="https://www.cs.toronto.edu/~graves/icml_2006.pdf">Graves et al. 2006</a>
 */
public record Ctc(long blank) implements Loss {
  /** Checks the blank. */
  public Ctc {
    if (blank < 0) {
      throw new LatheException(
          TransformError.BAD_SETTING, "blank " + blank + " (expected: a class from 0)");
    }
  }
}

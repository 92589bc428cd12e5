package dev.lathe.explain;

import dev.lathe.ir.LatheException;

/** How attributions are found. */
public sealed interface Method {
  /** Steps where none are given: the gap is then mostly below a hundredth. */
  int USUAL_STEPS = 64;

  /**
   * The gradient of the target, averaged along the straight line from the baseline to the input,
   * times their difference. The attributions of a row sum up to the target's change, but for the
   * gap that a finite number of steps leaves.
   *
   * @param steps S: points on the line, at the middles of S equal parts
   * @see <a href="https://arxiv.org/abs/1703.01365">Sundararajan, Taly, Yan: Axiomatic Attribution
   *     for Deep Networks, 2017, equation 3</a>
   */
  record IntegratedGradients(int steps) implements Method {
    private static final int MOST = 4096;

    /** Refuses a number out of range. */
    public IntegratedGradients {
      require("steps", steps, MOST);
    }
  }

  /**
   * How much less the target is where a part of the input is the baseline instead. Needs no
   * gradient, so that any model can be explained.
   *
   * <p>The parts of [N, F] are its features; those of [N, T, F] its T steps; those of [N, C, H, W]
   * and more axes are windows of space through all channels. An element that several windows cover
   * gets the mean.
   *
   * @param window the side of a window of space; 0 for an eighth of the shorter side
   * @param stride how far windows are apart; 0 for half the window
   * @see <a href="https://arxiv.org/abs/1311.2901">Zeiler, Fergus: Visualizing and Understanding
   *     Convolutional Networks, 2013, section 4.2</a>
   */
  record Occlusion(int window, int stride) implements Method {
    private static final int MOST = 1 << 16;

    /** Refuses numbers out of range. */
    public Occlusion {
      require("window", window + 1L, MOST);
      require("stride", stride + 1L, MOST);
    }
  }

  private static void require(String what, long value, int most) {
    if (value < 1 || value > most) {
      throw new LatheException(
          ExplainError.BAD_METHOD, what + " out of range (expected: at most " + most + ")");
    }
  }
}

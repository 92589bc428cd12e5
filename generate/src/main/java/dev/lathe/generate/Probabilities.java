package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.Optional;

/**
 * Which probabilities are told with the tokens. They are the model's own, before penalties,
 * temperature and whatever else {@link Sampling} does.
 *
 * @param answer how many of the best tokens are told with each token of the answer, beside itself
 * @param prompt how many are told with each token of the prompt, beside itself
 */
public record Probabilities(Optional<Integer> answer, Optional<Integer> prompt) {
  /** None are told. */
  public static final Probabilities NONE = new Probabilities(Optional.empty(), Optional.empty());

  private static final int MOST = 128;

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_REQUEST
   */
  public Probabilities {
    answer.ifPresent(most -> Sampling.require("logprobs", most, 0, MOST));
    prompt.ifPresent(most -> Sampling.require("prompt logprobs", most, 0, MOST));
  }

  /**
   * Those of the answer.
   *
   * @param most how many of the best tokens are told with each
   * @return which are told
   */
  public static Probabilities ofAnswer(int most) {
    return new Probabilities(Optional.of(most), Optional.empty());
  }

  /**
   * These and those of the prompt.
   *
   * @param most how many of the best tokens are told with each
   * @return which are told
   */
  public Probabilities withPrompt(int most) {
    return new Probabilities(answer, Optional.of(most));
  }
}

package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.Map;
import java.util.Optional;

/**
 * How a token is drawn from a model's scores. In this order: penalties and bias change the scores,
 * temperature divides them, {@code topK}, {@code topP}, {@code minP} and {@code typical} leave out
 * improbable tokens, one of the rest is drawn by the seed.
 *
 * @param temperature what scores are divided by; 0, as all below 1e-5, takes the best token always
 * @param topK the most tokens to draw from; 0 for all
 * @param topP the share of probability to draw from, by the most probable tokens; 1 for all
 * @param minP the least probability as a share of the most probable token's; 0 for all
 * @param typical the share of probability to draw from, by tokens whose surprise is nearest to the
 *     expected one; 1 for all
 * @param penalties what repetition costs
 * @param bias added to the scores of tokens; −100 all but forbids one
 * @param seed makes the draws repeatable, whatever else runs; drawn anew where absent
 * @see <a href="https://arxiv.org/abs/1904.09751">Holtzman et al. 2020, top-p</a>
 * @see <a href="https://arxiv.org/abs/2407.01082">Nguyen et al. 2024, min-p</a>
 * @see <a href="https://arxiv.org/abs/2202.00666">Meister et al. 2023, typical sampling</a>
 */
public record Sampling(
    double temperature,
    int topK,
    double topP,
    double minP,
    double typical,
    Penalties penalties,
    Map<Integer, Float> bias,
    Optional<Long> seed) {
  /** The best token always. */
  public static final Sampling GREEDY =
      new Sampling(0, 0, 1, 0, 1, Penalties.NONE, Map.of(), Optional.empty());

  /** The model's own distribution. */
  public static final Sampling PLAIN = GREEDY.withTemperature(1);

  private static final double MOST_TEMPERATURE = 100;

  /** Below it the best token is all but certain, and scores divided by it may not be numbers. */
  private static final double COLDEST = 1e-5;

  private static final int MOST_BIASES = 4096;

  /**
   * What repetition costs.
   *
   * @param repetition divides positive scores, and multiplies negative ones, of tokens that occur
   *     in the prompt or the answer; 1 for none
   * @param frequency taken from a score for each time that the token occurs in the answer
   * @param presence taken from a score once if the token occurs in the answer
   * @see <a href="https://arxiv.org/abs/1909.05858">Keskar et al. 2019, repetition</a>
   */
  public record Penalties(double repetition, double frequency, double presence) {
    /** Repetition is free. */
    public static final Penalties NONE = new Penalties(1, 0, 0);

    /**
     * Refuses numbers out of range.
     *
     * @throws LatheException BAD_REQUEST
     */
    public Penalties {
      require("repetition penalty", repetition, 0.01, 100);
      require("frequency penalty", frequency, -100, 100);
      require("presence penalty", presence, -100, 100);
    }
  }

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_REQUEST
   */
  public Sampling {
    require("temperature", temperature, 0, MOST_TEMPERATURE);
    require("top_k", topK, 0, Integer.MAX_VALUE);
    require("top_p", topP, 0, 1);
    require("min_p", minP, 0, 1);
    require("typical_p", typical, 0, 1);
    if (bias.size() > MOST_BIASES) {
      throw new LatheException(
          GenerateError.BAD_REQUEST,
          "logit bias: " + bias.size() + " tokens (expected: at most " + MOST_BIASES + ")");
    }
    bias.forEach((token, value) -> require("logit bias of token " + token, value, -100, 100));
    bias = Map.copyOf(bias);
  }

  static void require(String what, double found, double least, double most) {
    if (!(found >= least && found <= most)) {
      throw new LatheException(
          GenerateError.BAD_REQUEST,
          what + ": " + text(found) + " (expected: " + text(least) + " to " + text(most) + ")");
    }
  }

  private static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  /**
   * Whether the best token is taken always.
   *
   * @return true if nothing is drawn
   */
  public boolean isGreedy() {
    return temperature < COLDEST || topK == 1;
  }

  /**
   * This with another temperature.
   *
   * @param other what scores are divided by
   * @return new settings
   */
  public Sampling withTemperature(double other) {
    return new Sampling(other, topK, topP, minP, typical, penalties, bias, seed);
  }

  /**
   * This with another number of tokens to draw from.
   *
   * @param other the most tokens; 0 for all
   * @return new settings
   */
  public Sampling withTopK(int other) {
    return new Sampling(temperature, other, topP, minP, typical, penalties, bias, seed);
  }

  /**
   * This with another share of probability to draw from.
   *
   * @param other the share; 1 for all
   * @return new settings
   */
  public Sampling withTopP(double other) {
    return new Sampling(temperature, topK, other, minP, typical, penalties, bias, seed);
  }

  /**
   * This with another least share of the best token's probability.
   *
   * @param other the share; 0 for all
   * @return new settings
   */
  public Sampling withMinP(double other) {
    return new Sampling(temperature, topK, topP, other, typical, penalties, bias, seed);
  }

  /**
   * This with another share of typical probability.
   *
   * @param other the share; 1 for all
   * @return new settings
   */
  public Sampling withTypical(double other) {
    return new Sampling(temperature, topK, topP, minP, other, penalties, bias, seed);
  }

  /**
   * This with other costs of repetition.
   *
   * @param other the costs
   * @return new settings
   */
  public Sampling withPenalties(Penalties other) {
    return new Sampling(temperature, topK, topP, minP, typical, other, bias, seed);
  }

  /**
   * This with another bias.
   *
   * @param other added to the scores of tokens
   * @return new settings
   */
  public Sampling withBias(Map<Integer, Float> other) {
    return new Sampling(temperature, topK, topP, minP, typical, penalties, other, seed);
  }

  /**
   * This with a seed.
   *
   * @param other makes the draws repeatable
   * @return new settings
   */
  public Sampling withSeed(long other) {
    return new Sampling(
        temperature, topK, topP, minP, typical, penalties, bias, Optional.of(other));
  }
}

package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.Optional;

/**
 * A prompt and what is wanted of its answer.
 *
 * @param prompt tokens; must not be changed
 * @param choices how many answers are wanted, each drawn on its own
 * @param sampling how tokens are drawn
 * @param ending when an answer is complete
 * @param probabilities which are told
 * @param caller who asks
 * @param constraint what may be said; anything where absent
 * @param adapter the adapter that the model speaks with; empty for none
 */
public record GenerateRequest(
    int[] prompt,
    int choices,
    Sampling sampling,
    Ending ending,
    Probabilities probabilities,
    Caller caller,
    Optional<TokenConstraint> constraint,
    String adapter) {
  /** The most answers to one prompt. */
  public static final int MOST_CHOICES = 128;

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_REQUEST
   */
  public GenerateRequest {
    Sampling.require("n", choices, 1, MOST_CHOICES);
    if (prompt.length == 0) {
      throw new LatheException(
          GenerateError.BAD_REQUEST, "prompt: no tokens (expected: one or more)");
    }
  }

  /**
   * One greedy answer for nobody in particular.
   *
   * @param prompt tokens
   * @param ending when the answer is complete
   * @return the request
   */
  public static GenerateRequest of(int[] prompt, Ending ending) {
    return new GenerateRequest(
        prompt, 1, Sampling.GREEDY, ending, Probabilities.NONE, Caller.USUAL, Optional.empty(), "");
  }

  /**
   * This with another number of answers.
   *
   * @param other how many
   * @return a new request
   */
  public GenerateRequest withChoices(int other) {
    return new GenerateRequest(
        prompt, other, sampling, ending, probabilities, caller, constraint, adapter);
  }

  /**
   * This, drawn in another way.
   *
   * @param other how
   * @return a new request
   */
  public GenerateRequest with(Sampling other) {
    return new GenerateRequest(
        prompt, choices, other, ending, probabilities, caller, constraint, adapter);
  }

  /**
   * This, complete at another point.
   *
   * @param other when
   * @return a new request
   */
  public GenerateRequest with(Ending other) {
    return new GenerateRequest(
        prompt, choices, sampling, other, probabilities, caller, constraint, adapter);
  }

  /**
   * This with other probabilities told.
   *
   * @param other which
   * @return a new request
   */
  public GenerateRequest with(Probabilities other) {
    return new GenerateRequest(
        prompt, choices, sampling, ending, other, caller, constraint, adapter);
  }

  /**
   * This for another caller.
   *
   * @param other who asks
   * @return a new request
   */
  public GenerateRequest with(Caller other) {
    return new GenerateRequest(
        prompt, choices, sampling, ending, probabilities, other, constraint, adapter);
  }

  /**
   * This under a constraint.
   *
   * @param other what may be said
   * @return a new request
   */
  public GenerateRequest with(TokenConstraint other) {
    return new GenerateRequest(
        prompt, choices, sampling, ending, probabilities, caller, Optional.of(other), adapter);
  }

  /**
   * This with an adapter.
   *
   * @param other its name
   * @return a new request
   */
  public GenerateRequest withAdapter(String other) {
    return new GenerateRequest(
        prompt, choices, sampling, ending, probabilities, caller, constraint, other);
  }
}

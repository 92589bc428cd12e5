package dev.lathe.serve;

import java.time.Duration;

/**
 * How a request wants to be treated.
 *
 * @param timeout how long an answer is worth waiting for; zero means the model's own limit
 * @param caller whose turn it takes in the queue
 * @param priority 1 is the highest level; 0 is the model's default level
 * @param sequence its place in a sequence; {@link SequenceStep#NONE} for a model without state
 * @param cancellation gives the request up; {@link Cancellation#NEVER} if nobody will
 */
public record RequestOptions(
    Duration timeout,
    String caller,
    int priority,
    SequenceStep sequence,
    Cancellation cancellation) {
  private static final RequestOptions USUAL =
      new RequestOptions(Duration.ZERO, "", 0, SequenceStep.NONE, Cancellation.NEVER);

  /**
   * No deadline of its own, nobody in particular, default priority, no sequence, never cancelled.
   *
   * @return the options
   */
  public static RequestOptions usual() {
    return USUAL;
  }

  /**
   * These options with a deadline.
   *
   * @param other how long an answer is worth waiting for; zero means the model's own limit
   * @return new options
   */
  public RequestOptions withTimeout(Duration other) {
    return new RequestOptions(other, caller, priority, sequence, cancellation);
  }

  /**
   * These options for another caller.
   *
   * @param other whose turn the request takes
   * @return new options
   */
  public RequestOptions withCaller(String other) {
    return new RequestOptions(timeout, other, priority, sequence, cancellation);
  }

  /**
   * These options with another priority.
   *
   * @param level 1 is the highest; 0 is the model's default
   * @return new options
   */
  public RequestOptions withPriority(int level) {
    return new RequestOptions(timeout, caller, level, sequence, cancellation);
  }

  /**
   * These options as a step of a sequence.
   *
   * @param step which sequence, and whether it begins or ends here
   * @return new options
   */
  public RequestOptions withSequence(SequenceStep step) {
    return new RequestOptions(timeout, caller, priority, step, cancellation);
  }

  /**
   * These options with a handle that gives the request up.
   *
   * @param handle the handle
   * @return new options
   */
  public RequestOptions withCancellation(Cancellation handle) {
    return new RequestOptions(timeout, caller, priority, sequence, handle);
  }
}

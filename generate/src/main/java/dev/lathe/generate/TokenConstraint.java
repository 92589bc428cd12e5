package dev.lathe.generate;

/**
 * What may be said next, as a state that does not change: a token leads to another state. States of
 * many requests may be one object.
 */
public interface TokenConstraint {
  /**
   * The tokens that may come next, without the model's end tokens.
   *
   * @return bit {@code t % 64} of word {@code t / 64} is set if token t may come; must not be
   *     changed. Bits beyond the words are unset
   */
  long[] allowed();

  /**
   * The state after a token.
   *
   * @param token one of {@link #allowed}
   * @return the state
   */
  TokenConstraint after(int token);

  /**
   * Tokens that must come next whatever the model says, so that it need not be asked.
   *
   * @return in order; empty if there is a choice, or an end
   */
  int[] forced();

  /**
   * Whether the text so far is complete, so that an end token may come.
   *
   * @return true in an accepting state
   */
  boolean mayEnd();

  /**
   * Whether nothing but the end can come.
   *
   * @return true if the text so far is complete and nothing is {@link #allowed}
   */
  boolean finished();
}

package dev.lathe.zoo;

/** What a network that reads a whole sequence gives scores to. */
public enum Answer {
  /** The sequence: y FLOAT [N, outputs]. */
  SEQUENCE,
  /** Every token: y FLOAT [N, T, outputs]. */
  TOKENS,
  /**
   * Every token as the first and as the last of an answer: start_logits and end_logits FLOAT [N,
   * T].
   */
  SPAN
}

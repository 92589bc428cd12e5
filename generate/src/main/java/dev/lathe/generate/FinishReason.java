package dev.lathe.generate;

/** Why an answer ended. */
public enum FinishReason {
  /** The model said an end token, a stop was met, or the constraint is fulfilled. */
  STOP,
  /** The most tokens were reached, or the end of the context. */
  LENGTH
}

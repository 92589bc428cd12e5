package dev.lathe.train;

/**
 * When to stop before the last epoch; the weights of the best epoch are kept.
 *
 * @param metric the metric of the validation part that decides, {@code loss} included
 * @param patience epochs without a better value before the stop; 0 means never
 */
public record EarlyStop(String metric, int patience) {
  /** All epochs are run, and the last weights are kept. */
  public static final EarlyStop NEVER = new EarlyStop("loss", 0);
}

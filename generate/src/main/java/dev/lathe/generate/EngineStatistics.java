package dev.lathe.generate;

/**
 * How busy an engine is, and what it has done since it was opened.
 *
 * @param waiting sequences that wait for a slot
 * @param running sequences that have one
 * @param slots how many there are
 * @param cacheTokens tokens in the cache, those kept for later requests included
 * @param cacheCapacity how many there may be
 * @param prefixes what is kept outside the slots
 * @param totals what it has done
 */
public record EngineStatistics(
    int waiting,
    int running,
    int slots,
    long cacheTokens,
    long cacheCapacity,
    Prefixes prefixes,
    Totals totals) {
  /**
   * Beginnings of texts that are kept outside the slots.
   *
   * @param tokens how many tokens
   * @param bytes what they take of the memory
   * @param budget what they may take
   */
  public record Prefixes(long tokens, long bytes, long budget) {}

  /**
   * Counts since the engine was opened.
   *
   * @param requests requests that were taken
   * @param finished requests that were completed
   * @param failed requests that failed or were cancelled
   * @param promptTokens tokens of prompts
   * @param cachedTokens how many of them were in the cache already
   * @param answerTokens tokens of answers
   * @param preemptions sequences that gave their slot to more urgent ones and were begun anew
   * @param steps runs of the model
   * @param drafted tokens that speculation proposed
   * @param accepted how many of them were right
   */
  public record Totals(
      long requests,
      long finished,
      long failed,
      long promptTokens,
      long cachedTokens,
      long answerTokens,
      long preemptions,
      long steps,
      long drafted,
      long accepted) {}

  /**
   * How full the cache is with what runs and what is kept.
   *
   * @return 0 to 1
   */
  public double cacheUse() {
    return cacheCapacity == 0 ? 0 : (double) cacheTokens / cacheCapacity;
  }
}

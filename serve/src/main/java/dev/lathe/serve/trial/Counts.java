package dev.lathe.serve.trial;

import java.util.OptionalLong;

/** What became of requests to one version. Not for several threads at once. */
public final class Counts {
  private final Latencies latencies = new Latencies();
  private final Latencies tokens = new Latencies();
  private long failed;
  private long slow;
  private long compared;
  private long different;

  /** What became of a request. */
  public sealed interface Outcome {
    /**
     * It was answered.
     *
     * @param nanos how long that took; of text, until its first token
     * @param tokenNanos how long each further token of text took
     * @param slow whether that is longer than it should
     */
    record Answered(long nanos, OptionalLong tokenNanos, boolean slow) implements Outcome {
      /**
       * An answer that is no text.
       *
       * @param nanos how long it took
       * @param slow whether that is longer than it should
       */
      public Answered(long nanos, boolean slow) {
        this(nanos, OptionalLong.empty(), slow);
      }
    }

    /** It failed, and not by its caller's fault. */
    record Failed() implements Outcome {}

    /**
     * Its answer was compared with another version's.
     *
     * @param different whether they differ
     */
    record Compared(boolean different) implements Outcome {}
  }

  /** Counts one. */
  void add(Outcome outcome) {
    switch (outcome) {
      case Outcome.Answered(long nanos, OptionalLong tokenNanos, boolean tooSlow) -> {
        latencies.add(nanos);
        tokenNanos.ifPresent(tokens::add);
        slow += tooSlow ? 1 : 0;
      }
      case Outcome.Failed() -> failed++;
      case Outcome.Compared(boolean differs) -> {
        compared++;
        different += differs ? 1 : 0;
      }
    }
  }

  /** Counts all that another has counted. */
  void addAll(Counts other) {
    latencies.addAll(other.latencies);
    tokens.addAll(other.tokens);
    failed += other.failed;
    slow += other.slow;
    compared += other.compared;
    different += other.different;
  }

  /**
   * Requests that were answered or failed.
   *
   * @return how many
   */
  public long requests() {
    return latencies.count() + failed;
  }

  /**
   * The part of requests that failed.
   *
   * @return of those that were answered or failed
   */
  public Share failures() {
    return new Share(failed, requests());
  }

  /**
   * The part of answers that took longer than they should.
   *
   * @return of those that were answered
   */
  public Share slow() {
    return new Share(slow, latencies.count());
  }

  /**
   * The part of answers that differ from another version's.
   *
   * @return of those that were compared
   */
  public Share differences() {
    return new Share(different, compared);
  }

  /**
   * How long answers took; those with text until their first token.
   *
   * @return the latencies
   */
  public Latencies latencies() {
    return latencies;
  }

  /**
   * How long texts took for each token after the first.
   *
   * @return a latency for each text
   */
  public Latencies tokens() {
    return tokens;
  }
}

package dev.lathe.serve;

import dev.lathe.ir.ErrorKind;
import java.util.List;
import java.util.Map;

/**
 * What a version has done since it was first loaded, at one moment. The counts of one moment need
 * not agree to the last request: they are read while requests run.
 *
 * @param model which version
 * @param loaded whether it is in memory now
 * @param lastInferenceMillis when the last request succeeded, milliseconds since 1970; 0 if none
 *     did
 * @param inferences rows that were computed; a run without rows counts its requests
 * @param executions runs; fewer than requests where requests shared runs
 * @param totals requests and where their time went
 * @param failures requests that failed, by kind; kinds without failures are left out
 * @param batches runs by their size, ascending
 * @param memory bytes held, by kind of memory; empty where it is not loaded
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md">statistics
 *     extension</a>
 */
public record ModelStatistics(
    ModelVersion model,
    boolean loaded,
    long lastInferenceMillis,
    long inferences,
    long executions,
    Totals totals,
    Map<ErrorKind, Long> failures,
    List<OfSize> batches,
    List<Memory> memory) {
  /** Copies the collections. */
  public ModelStatistics {
    failures = Map.copyOf(failures);
    batches = List.copyOf(batches);
    memory = List.copyOf(memory);
  }

  /**
   * How often, and how long altogether.
   *
   * @param count how many
   * @param nanos their time added up, nanoseconds
   */
  public record Total(long count, long nanos) {
    /** Nothing yet. */
    public static final Total NONE = new Total(0, 0);
  }

  /**
   * Requests and where their time went. Each request of a shared run counts the whole run's time.
   *
   * @param success from arrival to answer
   * @param fail from arrival to failure
   * @param queue waiting for the run; only of requests that succeeded
   * @param computeInput joining and converting inputs
   * @param computeInfer the model's run
   * @param computeOutput taking the results apart
   * @param cacheHit looking up answers that were there
   * @param cacheMiss looking up answers that were not there, and keeping them
   */
  public record Totals(
      Total success,
      Total fail,
      Total queue,
      Total computeInput,
      Total computeInfer,
      Total computeOutput,
      Total cacheHit,
      Total cacheMiss) {}

  /**
   * Runs of one size.
   *
   * @param batchSize rows; where rows have no meaning for the model, requests
   * @param computeInput runs, and the time of joining and converting inputs
   * @param computeInfer runs, and the model's time
   * @param computeOutput runs, and the time of taking the results apart
   */
  public record OfSize(
      long batchSize, Total computeInput, Total computeInfer, Total computeOutput) {}

  /**
   * Memory that a version holds.
   *
   * @param type {@code CPU}
   * @param id which one of that type
   * @param bytes how much
   */
  public record Memory(String type, long id, long bytes) {}

  /**
   * The same with other memory.
   *
   * @param held bytes held, by kind of memory
   * @return the statistics of a version that is loaded
   */
  ModelStatistics holding(List<Memory> held) {
    return new ModelStatistics(
        model, true, lastInferenceMillis, inferences, executions, totals, failures, batches, held);
  }
}

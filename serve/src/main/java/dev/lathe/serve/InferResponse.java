package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import java.util.Map;

/**
 * A model's answer.
 *
 * @param outputs tensors by name, in the model's order; they may be views of one larger result
 * @param timing where the time went
 */
public record InferResponse(Map<String, Tensor> outputs, Timing timing) {
  /**
   * Where a request's time went. Requests that share a run have its times.
   *
   * @param queueNanos nanoseconds from arrival to the start of the run
   * @param inputNanos nanoseconds that joining the inputs took
   * @param inferNanos nanoseconds that the model ran
   * @param outputNanos nanoseconds that taking the results apart took
   * @param requests how many requests shared the run
   * @param rows how many rows the run had; 0 where rows have no meaning for the model
   * @param startedNanos when the run began, as {@link System#nanoTime}, the same for all requests
   *     of a run; 0 where there was no single run
   */
  public record Timing(
      long queueNanos,
      long inputNanos,
      long inferNanos,
      long outputNanos,
      int requests,
      long rows,
      long startedNanos) {
    /** Times of an answer that no single run gave. */
    Timing(
        long queueNanos,
        long inputNanos,
        long inferNanos,
        long outputNanos,
        int requests,
        long rows) {
      this(queueNanos, inputNanos, inferNanos, outputNanos, requests, rows, 0);
    }

    /**
     * Time of the run, joining and taking apart included.
     *
     * @return nanoseconds
     */
    public long computeNanos() {
      return inputNanos + inferNanos + outputNanos;
    }
  }
}

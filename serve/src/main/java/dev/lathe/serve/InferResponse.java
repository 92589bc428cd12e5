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
   * Where a request's time went.
   *
   * @param queueNanos nanoseconds from arrival to the start of the run
   * @param computeNanos nanoseconds of the run, joining and splitting included
   * @param requests how many requests shared the run
   * @param rows how many rows the run had; 0 where rows have no meaning for the model
   */
  public record Timing(long queueNanos, long computeNanos, int requests, long rows) {}
}

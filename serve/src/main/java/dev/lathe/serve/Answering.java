package dev.lathe.serve;

/** Whatever answers requests to a loaded model: its batcher, or something before it. */
interface Answering {
  /**
   * Answers; the calling thread waits.
   *
   * @throws dev.lathe.ir.LatheException why there is no answer
   */
  InferResponse infer(InferRequest request);
}

package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import java.util.List;

/** Whatever answers the requests of a loaded version. For many threads at once. */
interface Responder extends AutoCloseable {
  List<ValueInfo> inputs();

  List<ValueInfo> outputs();

  /**
   * Answers; the calling thread waits.
   *
   * @throws LatheException BAD_INPUT, UNKNOWN_OUTPUT, QUEUE_FULL, DEADLINE_PASSED, CLOSED, or what
   *     the run threw
   */
  InferResponse infer(InferRequest request);

  /** How its requests wait and run. */
  BatchPolicy policy();

  /** Whether every input and output has the same named first axis. */
  boolean joinable();

  /** Requests that wait for it. */
  int waiting();

  /** Forgets sequences that are idle; how many go on. */
  default int sequences() {
    return 0;
  }

  /** Whether a caller's sequence goes on here. */
  default boolean knows(String caller, SequenceStep.Id sequence) {
    return false;
  }

  /** Fails what waits, and returns when nothing runs any more. */
  @Override
  void close();
}

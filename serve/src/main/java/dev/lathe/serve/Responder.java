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

  /** Fails what waits, and returns when nothing runs any more. */
  @Override
  void close();
}

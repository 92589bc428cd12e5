package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.Optional;

/** A job that needs more memory than there is: no defect, but something a person can change. */
final class OutOfMemory {
  private static final int DEEPEST = 16;

  private OutOfMemory() {}

  /** What to tell of a failure; empty if memory was not what was missing. */
  static Optional<LatheException> of(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof OutOfMemoryError) {
        return Optional.of(told(failure));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private static LatheException told(Throwable failure) {
    return new LatheException(
        ServerError.OUT_OF_MEMORY,
        "memory: the training needs more than the heap's "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB (expected: a smaller batch, window or data set; or a larger heap, such as"
            + " LATHE_OPTIONS=-Xmx4g in the environment of lathe)",
        failure);
  }
}

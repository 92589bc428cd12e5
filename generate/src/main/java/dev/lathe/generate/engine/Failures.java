package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;

/** What a request is told of what went wrong in its own constraint or text. */
final class Failures {
  private static final System.Logger LOG = System.getLogger(Failures.class.getName());

  private Failures() {}

  /** The reason for readers; the log has the place where it happened. */
  static LatheException of(Throwable thrown) {
    if (thrown instanceof LatheException known) {
      return known;
    }
    LOG.log(System.Logger.Level.ERROR, "an answer failed", thrown);
    return new LatheException(GenerateError.FAILED, "the answer failed inside", thrown);
  }
}

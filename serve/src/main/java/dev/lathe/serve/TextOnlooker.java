package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Looks on while a version answers with text, or reads texts; on the thread that asked, so it
 * returns at once.
 */
interface TextOnlooker {
  /** Looks away. */
  TextOnlooker NOBODY =
      new TextOnlooker() {
        @Override
        public void answered(Times times) {}

        @Override
        public void failed(LatheException failure, Duration waited) {}

        @Override
        public void refused(LatheException failure, Consumer<LoadedModel> again) {}
      };

  /**
   * How long the model took.
   *
   * @param firstNanos until there was something: the first token of an answer that is written, or
   *     all of one that is not
   * @param tokenNanos for each further token; empty if there was none
   * @param wholeNanos until all was there
   */
  record Times(long firstNanos, OptionalLong tokenNanos, long wholeNanos) {
    /** An answer that came in one piece. */
    static Times whole(long nanos) {
      return new Times(nanos, OptionalLong.empty(), nanos);
    }
  }

  /** The model answered to the end. */
  void answered(Times times);

  /**
   * The model did not answer, or not to the end.
   *
   * @param waited how long nothing had come; zero if a part of the answer was there
   */
  void failed(LatheException failure, Duration waited);

  /**
   * The model cannot be asked so.
   *
   * @param again asks the same of another version; throws if that cannot be asked so either
   */
  void refused(LatheException failure, Consumer<LoadedModel> again);
}

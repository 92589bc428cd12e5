package dev.lathe.serve;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.function.Function;

/**
 * Which of the versions of a trial answers a request, for verbs that run a version in their own way
 * and hold no lease of what is live.
 */
public final class Choice {
  private final String version;
  private final TextOnlooker onlooker;

  Choice(String version, TextOnlooker onlooker) {
    this.version = version;
    this.onlooker = onlooker;
  }

  /**
   * The version.
   *
   * @return {@code v<N>}
   */
  public String version() {
    return version;
  }

  /**
   * Answers. What is on trial is judged by how that ends; what a canary refuses as wrong is asked
   * of the live version as well, and counts only if that answers it.
   *
   * @param work answers with a version
   * @param <T> what the answer is
   * @return the answer
   */
  public <T> T judged(Function<String, T> work) {
    long start = System.nanoTime();
    try {
      T answer = work.apply(version);
      onlooker.answered(TextOnlooker.Times.whole(System.nanoTime() - start));
      return answer;
    } catch (LatheException e) {
      if (e.kind() == ErrorKind.INVALID) {
        onlooker.refused(e, live -> work.apply(live.id().version()));
      } else {
        onlooker.failed(e, Duration.ofNanos(System.nanoTime() - start));
      }
      throw e;
    }
  }
}

package dev.lathe.server.batches;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.ServerError;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * One line being answered: when it is its turn, and again where the server had no room for it.
 *
 * @param work what all batches share
 * @param batch whose line it is
 * @param request the line
 * @param results where it is told
 */
record LineRun(Work work, Batch batch, BatchInput.Request request, Results results) {
  private static final int ATTEMPTS = 8;
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /**
   * Answers the line, or says why not; says nothing if the batch ends meanwhile.
   *
   * @param pause waits so long, and knows whether there is use in another attempt
   */
  void run(Predicate<Duration> pause) {
    Duration wait = SHORTEST;
    int attempt = 1;
    while (pause.test(Duration.ZERO)) {
      FutureTask<JsonNode> task = new FutureTask<>(this::inTurn);
      task.run();
      if (task.state() == Future.State.SUCCESS) {
        results.completed(request.id(), task.resultNow());
        return;
      }
      Throwable failure = task.exceptionNow();
      boolean quota = failure instanceof LatheException e && e.code() == ServerError.QUOTA;
      attempt += quota ? 0 : 1;
      if (!passes(failure) || attempt > ATTEMPTS) {
        fail(failure, pause);
        return;
      }
      pause.test(quota ? ((LatheException) failure).retryAfter() : wait);
      Duration twice = wait.multipliedBy(2);
      wait = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }
  }

  /** Whether a failure may be gone after a while. */
  private static boolean passes(Throwable failure) {
    return failure instanceof LatheException e
        && (e.kind() == ErrorKind.EXHAUSTED
            || e.kind() == ErrorKind.UNAVAILABLE
            || e.kind() == ErrorKind.CANCELLED);
  }

  private JsonNode inTurn() {
    work.quotas().requireTime(batch.owner().caller());
    Semaphore own = work.turnsOf(batch.owner().account());
    own.acquireUninterruptibly();
    try {
      work.turns().acquireUninterruptibly();
      try {
        return work.answers().answer(batch.order().endpoint(), request.body());
      } finally {
        work.turns().release();
      }
    } finally {
      own.release();
    }
  }

  private void fail(Throwable failure, Predicate<Duration> pause) {
    if (!pause.test(Duration.ZERO)) {
      return;
    }
    ErrorMapping.Answer answer = ErrorMapping.answer(failure);
    JsonNode body = work.answers().read(ErrorMapping.openAi(answer));
    results.failed(request.id(), answer.status(), body);
  }
}

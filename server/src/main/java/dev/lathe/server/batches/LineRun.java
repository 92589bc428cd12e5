package dev.lathe.server.batches;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * One line being answered: when it is its turn, and again where the server had no room for it. What
 * it asks is read when it is its turn, and not held while it waits.
 *
 * @param work what all batches share
 * @param owner whose line it is
 * @param input the file that holds it
 * @param request the line
 * @param results where it is told
 */
record LineRun(
    Work work, Batch.Owner owner, BatchInput input, BatchInput.Request request, Results results) {
  private static final int ATTEMPTS = 8;
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /**
   * Answers the line, or says why not; says nothing if the batch ends meanwhile.
   *
   * @param pause waits so long, and knows whether there is use in another attempt
   * @throws LatheException FILE_STORAGE or UNAUTHENTICATED if the batch cannot go on
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
      requireBatch(failure);
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

  /** Some failures are not the line's. */
  private static void requireBatch(Throwable failure) {
    if (failure instanceof LatheException e
        && (e.code() == ServerError.FILE_STORAGE || e.code() == ServerError.UNAUTHENTICATED)) {
      throw e;
    }
  }

  /** Whether a failure may be gone after a while. */
  private static boolean passes(Throwable failure) {
    return failure instanceof LatheException e
        && (e.kind() == ErrorKind.EXHAUSTED
            || e.kind() == ErrorKind.UNAVAILABLE
            || e.kind() == ErrorKind.CANCELLED);
  }

  private JsonNode inTurn() throws Exception {
    work.quotas().requireTime(work.now(owner));
    Semaphore own = work.turnsOf(owner.holder());
    own.acquireUninterruptibly();
    try {
      work.turns().acquireUninterruptibly();
      try {
        return answer(work.now(owner));
      } finally {
        work.turns().release();
      }
    } finally {
      own.release();
    }
  }

  /** Answers with the rights that the caller has now, not with those of when the batch was made. */
  private JsonNode answer(Caller caller) throws Exception {
    List<JsonNode> told = new ArrayList<>(1);
    caller.during(() -> told.add(work.answers().answer(input.endpoint(), input.body(request))));
    return told.getFirst();
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

package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Asks another version what one has answered, where nobody waits. There is room for a few requests
 * and their bytes; what finds none is dropped, and so is everything while requests of callers wait
 * for a thread.
 */
final class Mirror implements AutoCloseable {
  private static final int MOST_REQUESTS = 64;
  private static final int MOST_KIB = 128 << 10;
  private static final int MOST_KIB_EACH = 16 << 10;
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final String CALLER = "lathe:mirror";

  private final BooleanSupplier busy;
  private final Semaphore room = new Semaphore(MOST_REQUESTS);
  private final Semaphore kibibytes = new Semaphore(MOST_KIB);

  /** A run may happen on the thread that asks, which must then be none that carries requests. */
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("lathe-mirror-", 0).factory());

  /**
   * A mirror.
   *
   * @param busy whether requests of callers wait for a thread
   */
  Mirror(BooleanSupplier busy) {
    this.busy = busy;
  }

  /**
   * Copies a request's inputs and does something with the copy later.
   *
   * @param request what was asked
   * @param outputBytes the size of the answer, which is kept meanwhile
   * @param work gets the copy, with a deadline of its own
   * @return false if there is no room
   */
  boolean offer(InferRequest request, long outputBytes, Consumer<InferRequest> work) {
    if (busy.getAsBoolean() || !room.tryAcquire()) {
      return false;
    }
    long bytes = outputBytes + bytes(request.inputs());
    int taken = (int) Math.min(MOST_KIB + 1L, 1 + bytes / 1024);
    if (taken > MOST_KIB_EACH || !kibibytes.tryAcquire(taken)) {
      room.release();
      return false;
    }
    boolean begun = false;
    try {
      InferRequest copy = copy(request);
      threads.execute(
          () -> {
            try {
              work.accept(copy);
            } finally {
              leave(taken);
            }
          });
      begun = true;
    } catch (RejectedExecutionException e) {
      // It is closed: nothing is copied any more.
    } finally {
      if (!begun) {
        leave(taken);
      }
    }
    return begun;
  }

  private void leave(int taken) {
    kibibytes.release(taken);
    room.release();
  }

  /** The size of tensors' elements. */
  static long bytes(Map<String, Tensor> tensors) {
    return tensors.values().stream().mapToLong(Rows::bytes).sum();
  }

  /** Clients' inputs may change once they have their answer. */
  private static InferRequest copy(InferRequest request) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    request.inputs().forEach((name, tensor) -> inputs.put(name, Rows.copy(tensor)));
    RequestOptions options =
        RequestOptions.usual()
            .withCaller(CALLER)
            .withPriority(Integer.MAX_VALUE)
            .withTimeout(DEADLINE);
    return new InferRequest(inputs, Set.copyOf(request.outputs()), options);
  }

  /** Waits for what is under way, no longer than its deadline. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}

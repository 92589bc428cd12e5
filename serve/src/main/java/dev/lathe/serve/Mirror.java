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
 * for a thread, but for a few copies on which much depends.
 */
final class Mirror implements AutoCloseable {
  private static final int MOST_REQUESTS = 64;
  private static final int MOST_RESERVED = 2;
  private static final int MOST_KIB = 128 << 10;
  private static final int MOST_KIB_EACH = 16 << 10;
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final String CALLER = "lathe:mirror";

  private final BooleanSupplier busy;
  private final Semaphore room = new Semaphore(MOST_REQUESTS);
  private final Semaphore reserved = new Semaphore(MOST_RESERVED);
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
    return !busy.getAsBoolean()
        && put(new Copy(request, outputBytes, Integer.MAX_VALUE), room, work);
  }

  /**
   * The same for one of very few copies at a time that take their turn with callers' requests, with
   * the urgency of most, however many of those wait.
   *
   * @param request what was asked
   * @param work gets the copy, with a deadline of its own
   * @return false if there is no room
   */
  boolean offerReserved(InferRequest request, Consumer<InferRequest> work) {
    return put(new Copy(request, 0, RequestOptions.usual().priority()), reserved, work);
  }

  /** What is to be copied, the size of its answer, and how urgent the copy is. */
  private record Copy(InferRequest request, long outputBytes, int priority) {}

  private boolean put(Copy wish, Semaphore places, Consumer<InferRequest> work) {
    if (!places.tryAcquire()) {
      return false;
    }
    long bytes = wish.outputBytes() + bytes(wish.request().inputs());
    int taken = (int) Math.min(MOST_KIB + 1L, 1 + bytes / 1024);
    if (taken > MOST_KIB_EACH || !kibibytes.tryAcquire(taken)) {
      places.release();
      return false;
    }
    boolean begun = false;
    try {
      InferRequest copy = copy(wish.request(), wish.priority());
      threads.execute(
          () -> {
            try {
              work.accept(copy);
            } finally {
              leave(places, taken);
            }
          });
      begun = true;
    } catch (RejectedExecutionException e) {
      // It is closed: nothing is copied any more.
    } finally {
      if (!begun) {
        leave(places, taken);
      }
    }
    return begun;
  }

  private void leave(Semaphore places, int taken) {
    kibibytes.release(taken);
    places.release();
  }

  /** The size of tensors' elements. */
  static long bytes(Map<String, Tensor> tensors) {
    return tensors.values().stream().mapToLong(Rows::bytes).sum();
  }

  /** Clients' inputs may change once they have their answer. */
  private static InferRequest copy(InferRequest request, int priority) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    request.inputs().forEach((name, tensor) -> inputs.put(name, Rows.copy(tensor)));
    RequestOptions options =
        RequestOptions.usual().withCaller(CALLER).withPriority(priority).withTimeout(DEADLINE);
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

package dev.lathe.serve;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers equal requests without a run. A request is equal to another if it asks the same version
 * for the same outputs with inputs of the same types, shapes and bytes; then one run answers all of
 * them, also those that ask while it goes on. Answers take up to a number of bytes; the ones used
 * longest ago make room. Safe for use by many threads.
 */
final class AnswerCache implements Responder {
  private static final InferResponse.Timing NO_RUN = new InferResponse.Timing(0, 0, 0, 0, 0, 0);

  /** What an answer costs beside its elements. */
  private static final long OVERHEAD_BYTES = 512;

  private final Responder behind;
  private final Heard heard;
  private final long capacityBytes;
  private final long longestNanos;
  private final LinkedHashMap<ContentKey, Map<String, Tensor>> answers =
      new LinkedHashMap<>(16, 0.75f, true);
  private final Map<ContentKey, CompletableFuture<Map<String, Tensor>>> running = new HashMap<>();
  private long bytes;

  /** Hears how a request was looked up. */
  interface Heard {
    /** It was answered without a run of its own; nanoseconds of looking it up, and in all. */
    void hit(long looked, long nanos);

    /** It has to run; looking it up took some nanoseconds. */
    void missed(long nanos);
  }

  /**
   * An empty cache.
   *
   * @param behind answers what is not here
   * @param capacityBytes bytes of answers kept
   * @param longest how long a request waits at most that names no deadline
   */
  AnswerCache(Responder behind, Heard heard, long capacityBytes, Duration longest) {
    this.behind = behind;
    this.heard = heard;
    this.capacityBytes = capacityBytes;
    this.longestNanos = longest.toNanos();
  }

  @Override
  public InferResponse infer(InferRequest request) {
    long arrived = System.nanoTime();
    ContentKey key = ContentKey.of(request);
    CompletableFuture<Map<String, Tensor>> mine = new CompletableFuture<>();
    while (true) {
      CompletableFuture<Map<String, Tensor>> other;
      synchronized (answers) {
        Map<String, Tensor> known = answers.get(key);
        other =
            known == null
                ? running.putIfAbsent(key, mine)
                : CompletableFuture.completedFuture(known);
      }
      long looked = System.nanoTime() - arrived;
      if (other == null) {
        heard.missed(looked);
        return run(key, mine, request);
      }
      try {
        Map<String, Tensor> outputs = other.isDone() ? other.get() : await(other, request, arrived);
        heard.hit(looked, System.nanoTime() - arrived);
        return new InferResponse(outputs, NO_RUN);
      } catch (ExecutionException e) {
        // Whoever ran it may have given up, or been refused, for reasons of its own; then somebody
        // else runs it.
        if (!(e.getCause() instanceof LatheException known)
            || known.kind() != ErrorKind.CANCELLED && known.kind() != ErrorKind.EXHAUSTED) {
          throw again(e.getCause());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LatheException(ServeError.ABANDONED, "the wait for an answer was interrupted");
      }
    }
  }

  private InferResponse run(
      ContentKey key, CompletableFuture<Map<String, Tensor>> mine, InferRequest request) {
    try {
      InferResponse response = behind.infer(request);
      Map<String, Tensor> own = owned(response.outputs());
      synchronized (answers) {
        running.remove(key);
        keep(key, own);
      }
      mine.complete(own);
      return response;
    } catch (Error | RuntimeException e) {
      synchronized (answers) {
        running.remove(key);
      }
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private Map<String, Tensor> await(
      CompletableFuture<Map<String, Tensor>> other, InferRequest request, long arrived)
      throws ExecutionException, InterruptedException {
    CompletableFuture<Map<String, Tensor>> copy = other.copy();
    Runnable cancel = () -> copy.cancel(false);
    Cancellation cancellation = request.options().cancellation();
    cancellation.whenCancelled(cancel);
    long asked = request.options().timeout().toNanos();
    long limit = asked > 0 ? Math.min(asked, longestNanos) : longestNanos;
    try {
      return copy.get(arrived + limit - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new LatheException(
          ServeError.DEADLINE_PASSED, "no answer within " + limit / 1_000_000.0 + " ms", e);
    } catch (CancellationException e) {
      throw new LatheException(ServeError.ABANDONED, "the caller gave the request up", e);
    } finally {
      cancellation.forget(cancel);
    }
  }

  private void keep(ContentKey key, Map<String, Tensor> outputs) {
    long size = size(outputs);
    if (size > capacityBytes) {
      return;
    }
    Map<String, Tensor> before = answers.put(key, outputs);
    bytes += size - (before == null ? 0 : size(before));
    while (bytes > capacityBytes) {
      bytes -= size(answers.pollFirstEntry().getValue());
    }
  }

  /** Bytes of all answers kept. */
  long bytes() {
    synchronized (answers) {
      return bytes;
    }
  }

  /** Views of a larger result would keep all of it; what is kept is copied. */
  private static Map<String, Tensor> owned(Map<String, Tensor> outputs) {
    Map<String, Tensor> own = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> own.put(name, Rows.copy(tensor)));
    return own;
  }

  private static long size(Map<String, Tensor> outputs) {
    return OVERHEAD_BYTES + outputs.values().stream().mapToLong(Rows::bytes).sum();
  }

  private static RuntimeException again(Throwable failure) {
    return failure instanceof LatheException known
        ? new LatheException(known.code(), known.getMessage(), known)
        : new LatheException(ServeError.RUN_FAILED, "the model's run failed", failure);
  }

  @Override
  public List<ValueInfo> inputs() {
    return behind.inputs();
  }

  @Override
  public List<ValueInfo> outputs() {
    return behind.outputs();
  }

  @Override
  public boolean joinable() {
    return behind.joinable();
  }

  @Override
  public BatchPolicy policy() {
    return behind.policy();
  }

  @Override
  public int waiting() {
    return behind.waiting();
  }

  @Override
  public void close() {
    behind.close();
  }
}

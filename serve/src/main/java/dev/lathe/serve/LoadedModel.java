package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A version in memory, ready to answer. It is counted who uses it; when nobody does any more, it is
 * closed. Callers get it by a {@link Lease}.
 */
public final class LoadedModel {
  private final Served served;
  private final Source.Opened opened;
  private final Responder responder;
  private final ServeObserver observer;
  private final Tally tally;
  private final Checkup checkup;
  private final Runnable onUnused;
  private final AtomicInteger users = new AtomicInteger(1);

  /** The maker is the first user. */
  LoadedModel(Served served, Source.Opened opened, Responder responder, Ending ending) {
    this.served = served;
    this.opened = opened;
    this.responder = responder;
    this.observer = ending.observer();
    this.tally = ending.tally();
    this.onUnused = ending.onUnused();
    this.checkup = new Checkup(opened.engine());
  }

  /** Who hears of answers and failures, and what happens when the last user is gone. */
  record Ending(ServeObserver observer, Tally tally, Runnable onUnused) {}

  /**
   * Which version this is.
   *
   * @return model and version
   */
  public ModelVersion id() {
    return served.version();
  }

  /** The version and how it is served. */
  Served served() {
    return served;
  }

  /**
   * What a request needs.
   *
   * @return the inputs in order
   */
  public List<ValueInfo> inputs() {
    return responder.inputs();
  }

  /**
   * What an answer has.
   *
   * @return the outputs in order
   */
  public List<ValueInfo> outputs() {
    return responder.outputs();
  }

  /**
   * What {@code lathe.yaml} says about the version.
   *
   * @return task, labels, signature, lineage
   */
  public Metadata metadata() {
    return opened.metadata();
  }

  /**
   * The size of its constants.
   *
   * @return bytes
   */
  public long weightBytes() {
    return opened.engine().weightBytes();
  }

  /**
   * How its requests wait and run.
   *
   * @return the policy
   */
  public BatchPolicy policy() {
    return responder.policy();
  }

  /**
   * Whether requests may share a run: every input and output has the same named first axis.
   *
   * @return true if the first axis is a batch
   */
  public boolean joinable() {
    return responder.joinable();
  }

  /**
   * Requests that wait for it.
   *
   * @return the length of its queue
   */
  public int waiting() {
    return responder.waiting();
  }

  /**
   * What it has done since it was first loaded.
   *
   * @return counts and times at this moment
   */
  public ModelStatistics statistics() {
    return tally.snapshot().holding(List.of(new ModelStatistics.Memory("CPU", 0, weightBytes())));
  }

  /**
   * Answers a request; the calling thread waits.
   *
   * @param request inputs, outputs wanted, deadline, caller
   * @return the outputs
   * @throws LatheException BAD_INPUT or UNKNOWN_OUTPUT if the request does not fit the model;
   *     QUEUE_FULL; DEADLINE_PASSED, and then the inputs may still be read for a while; or what the
   *     run threw
   */
  public InferResponse infer(InferRequest request) {
    long arrived = System.nanoTime();
    try {
      InferResponse response = responder.infer(request);
      tally.answered(response.timing(), System.nanoTime() - arrived);
      observer.answered(id(), request, response);
      return response;
    } catch (LatheException e) {
      tally.failed(e.kind(), System.nanoTime() - arrived);
      observer.failed(id(), e.code());
      throw e;
    }
  }

  /**
   * Runs it once on zeros, beside its requests and uncounted, to see whether it answers.
   *
   * @param patience how long that may take; the calling thread waits
   * @return why it does not answer; empty if it does, if its signature does not tell what to ask,
   *     or if it is not in memory any more
   */
  public Optional<String> check(Duration patience) {
    return tryRetain() ? checkup.run(patience, this::release) : Optional.empty();
  }

  /** Becomes a user, unless the last one has gone already. */
  boolean tryRetain() {
    int before = users.get();
    while (before > 0) {
      if (users.compareAndSet(before, before + 1)) {
        return true;
      }
      before = users.get();
    }
    return false;
  }

  /** Stops being a user. */
  void release() {
    if (users.decrementAndGet() == 0) {
      onUnused.run();
    }
  }

  /** Frees everything; after the last user has gone. */
  void close() {
    responder.close();
    opened.close();
    observer.unloaded(id());
  }
}

package dev.lathe.serve;

import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.TextModel;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

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
  private final LongConsumer onGrown;
  private final Runnable onUnused;
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicInteger leases = new AtomicInteger();
  private final CountDownLatch gone = new CountDownLatch(1);
  private volatile long lastUsed = System.nanoTime();

  /** What was live before, as long as sequences go on there; this is one of its users. */
  private final AtomicReference<@Nullable LoadedModel> before = new AtomicReference<>();

  /** The maker is the first user. */
  LoadedModel(Served served, Source.Opened opened, Responder responder, Ending ending) {
    this.served = served;
    this.opened = opened;
    this.responder = responder;
    this.observer = ending.observer();
    this.tally = ending.tally();
    this.onGrown = ending.onGrown();
    this.onUnused = ending.onUnused();
    opened.text().onResized(onGrown);
    opened.engine().onGrown(onGrown);
    opened.writer().model().ifPresent(writer -> writer.onResized(onGrown));
    this.checkup = new Checkup(opened.engine(), opened.samples());
  }

  /**
   * Who hears of answers and failures, of memory taken later, and what happens when the last user
   * is gone.
   */
  record Ending(ServeObserver observer, Tally tally, LongConsumer onGrown, Runnable onUnused) {}

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
    return opened.bytes();
  }

  /**
   * Whether it makes text.
   *
   * @return true if {@link #text} gives a text model
   */
  public boolean isText() {
    return opened.text().isText();
  }

  /**
   * The text model that it is, opened first if need be; as long as the lease is open.
   *
   * @return the model; stays open until the version is closed
   * @throws LatheException NO_TEXT if it is none; or why it cannot be opened
   */
  public TextModel text() {
    TextSlot slot = opened.text();
    if (!slot.isText()) {
      throw new LatheException(
          ServeError.NO_TEXT,
          "%s: task \"%s\" (expected: a text model: \"text-generation\", or \"language_model\" with"
                  .formatted(id(), metadata().task())
              + " a tokenizer.json)");
    }
    return slot.open(onGrown);
  }

  /**
   * The encoder and the decoder that write a text for a text; as long as the lease is open.
   *
   * @return the model; stays open until the version is closed
   * @throws LatheException NO_TEXT if it is none, with the reason
   */
  public SequenceModel writer() {
    return opened
        .writer()
        .model()
        .orElseThrow(
            () ->
                new LatheException(
                    ServeError.NO_TEXT,
                    id() + " writes no text for a text: " + opened.writer().problem()));
  }

  /**
   * The text model, if it is open and its own: an adapter's is the one that it was made for.
   *
   * @return what is in memory now; for figures
   */
  public Optional<TextModel> openText() {
    return metadata().adapterOf().isPresent() ? Optional.empty() : opened.text().current();
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
    LoadedModel earlier = before.get();
    if (earlier != null && !begins(request) && earlier.tryRetain()) {
      try {
        return earlier.infer(request);
      } finally {
        earlier.release();
      }
    }
    long arrived = System.nanoTime();
    try {
      InferResponse response = responder.infer(request);
      if (response.timing().requests() > 0) {
        tally.answered(response.timing(), System.nanoTime() - arrived);
      }
      observer.answered(id(), request, response);
      return response;
    } catch (LatheException e) {
      tally.failed(e.kind(), System.nanoTime() - arrived);
      observer.failed(id(), e.code());
      throw e;
    }
  }

  /**
   * Runs it once on its first warm-up sample, or on zeros, beside its requests and uncounted, to
   * see whether it answers.
   *
   * @param patience how long that may take; the calling thread waits
   * @return why it does not answer; empty if it does, if its signature does not tell what to ask,
   *     or if it is not in memory, or not yet
   */
  public Optional<String> check(Duration patience) {
    if (!opened.engine().isOpen()) {
      return Optional.empty();
    }
    return tryRetain() ? checkup.run(patience, this::release) : Optional.empty();
  }

  /** Whether a request is for this version and not for a sequence that goes on in another. */
  private boolean begins(InferRequest request) {
    SequenceStep step = request.options().sequence();
    LoadedModel earlier = before.get();
    return step.isNone()
        || step.start()
        || responder.knows(request.caller(), step.id())
        || earlier == null
        || !earlier.goesOn(request);
  }

  private boolean goesOn(InferRequest request) {
    return responder.knows(request.caller(), request.options().sequence().id()) || !begins(request);
  }

  /** Sequences that go on, also in what was live before. */
  int sequences() {
    LoadedModel earlier = before.get();
    int there = earlier == null ? 0 : earlier.sequences();
    if (earlier != null && there == 0) {
      forget(earlier);
    }
    return responder.sequences() + there;
  }

  /**
   * Takes over from another version, whose sequences go on there. The reference that the caller
   * holds to it is given back when none is left.
   */
  void takeOver(LoadedModel earlier) {
    for (LoadedModel one = earlier; one != null; one = one.before.get()) {
      if (one.before.get() == this) {
        one.forget(this);
      }
    }
    LoadedModel replaced = before.getAndSet(earlier);
    if (replaced != null) {
      replaced.release();
    }
    sequences();
  }

  private void forget(LoadedModel earlier) {
    if (before.compareAndSet(earlier, null)) {
      earlier.release();
    }
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

  /** How many use it: keepers and requests. */
  int users() {
    return users.get();
  }

  /**
   * How many leases are open: those of requests, and of adapters and pipelines that answer with it.
   *
   * @return 0 if nothing holds it but what keeps it in memory
   */
  public int leases() {
    return leases.get();
  }

  /** A lease begins, which has been counted as a user already. */
  void lent() {
    lastUsed = System.nanoTime();
    leases.incrementAndGet();
  }

  /** A lease ends, and with it a use. */
  void givenBack() {
    lastUsed = System.nanoTime();
    leases.decrementAndGet();
    release();
  }

  /** When a request had it last, by {@link System#nanoTime}. */
  long lastUsed() {
    return lastUsed;
  }

  /** Stops being a user. */
  void release() {
    if (users.decrementAndGet() == 0) {
      onUnused.run();
    }
  }

  /** Frees everything; after the last user has gone. */
  void close() {
    try {
      Optional.ofNullable(before.getAndSet(null)).ifPresent(LoadedModel::release);
      responder.close();
      opened.close();
      observer.unloaded(id());
    } finally {
      gone.countDown();
    }
  }

  /** Waits until everything is freed; after the last user has gone. */
  void awaitClosed() {
    try {
      gone.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

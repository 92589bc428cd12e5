package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Requests to a model that keeps state. A sequence belongs to one caller; its requests run one
 * after another as they arrive, each with the state that the one before left, while requests of
 * other sequences share their runs. A sequence begins with its first request, which says so, and is
 * forgotten with its last, or when no request came for a while. A request that fails leaves the
 * state as it was. Safe for use by many threads.
 */
final class Sequences implements Responder {
  private final SequencePolicy policy;
  private final SequenceInputs io;
  private final Responder behind;
  private final Duration longest;
  private final LongSupplier clock;
  private final Map<Key, Sequence> known = new HashMap<>();

  private record Key(String caller, SequenceStep.Id id) {}

  /** One sequence; {@code state} is empty until its first answer. */
  private static final class Sequence {
    /** Held by the request that runs; the others wait in the order of their arrival. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private Map<String, Tensor> state = Map.of();
    private boolean begun;
    private int users;
    private long lastUsed;
  }

  /**
   * No sequences yet.
   *
   * @param io what the model has that its callers do not see
   * @param behind answers requests that have all inputs
   */
  Sequences(SequencePolicy policy, SequenceInputs io, Responder behind, Timing timing) {
    this.policy = policy;
    this.io = io;
    this.behind = behind;
    this.longest = timing.longest();
    this.clock = timing.clock();
  }

  /**
   * What time is and how long it may take.
   *
   * @param longest how long a request waits at most that names no deadline
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  record Timing(Duration longest, LongSupplier clock) {}

  @Override
  public InferResponse infer(InferRequest request) {
    SequenceStep step = request.options().sequence();
    if (step.isNone()) {
      throw new LatheException(
          ServeError.BAD_INPUT,
          "sequence: none is named (expected: a sequence's id, because the model keeps state)");
    }
    Key key = new Key(request.caller(), step.id());
    Sequence sequence = enter(key, step.start());
    try {
      long start = System.nanoTime();
      awaitTurn(sequence, request);
      try {
        return run(sequence, key, remaining(request, System.nanoTime() - start));
      } finally {
        sequence.turn.unlock();
      }
    } finally {
      leave(key, sequence);
    }
  }

  private InferResponse run(Sequence sequence, Key key, InferRequest request) {
    SequenceStep step = request.options().sequence();
    if (request.options().cancellation().isCancelled()) {
      throw new LatheException(ServeError.ABANDONED, "the caller gave the request up");
    }
    if (!step.start() && !sequence.begun) {
      throw unknown(key);
    }
    Map<String, Tensor> state = step.start() ? Map.of() : sequence.state;
    InferResponse response =
        behind.infer(
            new InferRequest(
                io.complete(request, state), io.wanted(request.outputs()), request.options()));
    sequence.state = step.end() ? Map.of() : io.kept(response.outputs());
    sequence.begun = !step.end();
    return new InferResponse(io.shown(response.outputs(), request.outputs()), response.timing());
  }

  private Sequence enter(Key key, boolean start) {
    synchronized (known) {
      Sequence sequence = known.get(key);
      if (sequence == null) {
        if (!start) {
          throw unknown(key);
        }
        if (known.size() >= policy.most()) {
          forgetIdle();
        }
        if (known.size() >= policy.most()) {
          throw new LatheException(
              ServeError.QUEUE_FULL,
              "as many sequences go on as may: " + policy.most() + " (try again when some ended)",
              Duration.ofSeconds(1));
        }
        sequence = new Sequence();
        known.put(key, sequence);
      }
      sequence.users++;
      return sequence;
    }
  }

  private void leave(Key key, Sequence sequence) {
    synchronized (known) {
      sequence.users--;
      sequence.lastUsed = clock.getAsLong();
      if (sequence.users == 0 && !sequence.begun) {
        known.remove(key);
      }
    }
  }

  private void awaitTurn(Sequence sequence, InferRequest request) {
    try {
      if (!sequence.turn.tryLock(limit(request).toNanos(), TimeUnit.NANOSECONDS)) {
        throw new LatheException(
            ServeError.DEADLINE_PASSED,
            "no answer within "
                + limit(request).toNanos() / 1_000_000.0
                + " ms: earlier requests of the sequence go on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServeError.ABANDONED, "the wait for an answer was interrupted");
    }
  }

  private Duration limit(InferRequest request) {
    Duration asked = request.options().timeout();
    return asked.isPositive() && asked.compareTo(longest) < 0 ? asked : longest;
  }

  private InferRequest remaining(InferRequest request, long waited) {
    Duration left = limit(request).minusNanos(waited);
    Duration timeout = left.isPositive() ? left : Duration.ofNanos(1);
    return new InferRequest(
        request.inputs(), request.outputs(), request.options().withTimeout(timeout));
  }

  @Override
  public boolean knows(String caller, SequenceStep.Id id) {
    synchronized (known) {
      return known.containsKey(new Key(caller, id));
    }
  }

  @Override
  public int sequences() {
    synchronized (known) {
      forgetIdle();
      return known.size();
    }
  }

  private void forgetIdle() {
    long now = clock.getAsLong();
    long most = policy.idle().toNanos();
    known.values().removeIf(s -> s.users == 0 && now - s.lastUsed >= most);
  }

  private LatheException unknown(Key key) {
    return new LatheException(
        ServeError.UNKNOWN_SEQUENCE,
        "sequence \""
            + key.id()
            + "\": is not known (expected: a first request that starts it; it ends with its last"
            + " one, and after "
            + policy.idle().toMillis()
            + " ms without a request)");
  }

  @Override
  public List<ValueInfo> inputs() {
    return io.inputs();
  }

  @Override
  public List<ValueInfo> outputs() {
    return io.outputs();
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

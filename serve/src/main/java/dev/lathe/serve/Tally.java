package dev.lathe.serve;

import dev.lathe.ir.ErrorKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what one version does. Adding is a few uncontended additions; nothing is allocated except
 * for a batch size that was not seen before.
 */
final class Tally {
  /** Sizes told apart; runs of further sizes count in all figures but those by size. */
  static final int MOST_SIZES = 256;

  private final ModelVersion model;
  private final LongAdder inferences = new LongAdder();
  private final LongAdder executions = new LongAdder();
  private final Sum success = new Sum();
  private final Sum fail = new Sum();
  private final Sum queue = new Sum();
  private final Parts parts = new Parts();
  private final Sum cacheHit = new Sum();
  private final Sum cacheMiss = new Sum();
  private final AtomicLongArray failures = new AtomicLongArray(ErrorKind.values().length);
  private final Map<Long, Parts> sizes = new ConcurrentHashMap<>();
  private volatile long lastInferenceMillis;

  Tally(ModelVersion model) {
    this.model = model;
  }

  /**
   * A request was answered by a run. One that the cache answered, without a run, is counted by
   * {@link #hit}.
   *
   * @param timing where its time went
   * @param nanos from its arrival to its answer
   */
  void answered(InferResponse.Timing timing, long nanos) {
    if (timing.requests() == 0) {
      return;
    }
    lastInferenceMillis = System.currentTimeMillis();
    success.add(nanos);
    queue.add(timing.queueNanos());
    parts.add(timing);
  }

  /**
   * A request failed.
   *
   * @param kind why
   * @param nanos from its arrival to its failure
   */
  void failed(ErrorKind kind, long nanos) {
    fail.add(nanos);
    failures.incrementAndGet(kind.ordinal());
  }

  /**
   * A run ended well.
   *
   * @param timing its time, requests and rows
   */
  void ran(InferResponse.Timing timing) {
    long size = Math.max(timing.rows(), timing.requests());
    inferences.add(size);
    executions.increment();
    Parts known = sizes.get(size);
    if (known == null && sizes.size() < MOST_SIZES) {
      known = sizes.computeIfAbsent(size, absent -> new Parts());
    }
    if (known != null) {
      known.add(timing);
    }
  }

  /**
   * A request was answered without a run.
   *
   * @param lookup nanoseconds that the cache took
   * @param nanos from the request's arrival to its answer
   */
  void hit(long lookup, long nanos) {
    lastInferenceMillis = System.currentTimeMillis();
    success.add(nanos);
    cacheHit.add(lookup);
  }

  /**
   * The cache did not have the answer.
   *
   * @param nanos how long looking it up and keeping it took
   */
  void missed(long nanos) {
    cacheMiss.add(nanos);
  }

  ModelStatistics snapshot() {
    return new ModelStatistics(
        model,
        false,
        lastInferenceMillis,
        inferences.sum(),
        executions.sum(),
        new ModelStatistics.Totals(
            success.total(),
            fail.total(),
            queue.total(),
            parts.input.total(),
            parts.infer.total(),
            parts.output.total(),
            cacheHit.total(),
            cacheMiss.total()),
        failures(),
        sizes.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(size -> size.getValue().ofSize(size.getKey()))
            .toList(),
        List.of());
  }

  private Map<ErrorKind, Long> failures() {
    Map<ErrorKind, Long> byKind = new EnumMap<>(ErrorKind.class);
    for (ErrorKind kind : ErrorKind.values()) {
      long count = failures.get(kind.ordinal());
      if (count > 0) {
        byKind.put(kind, count);
      }
    }
    return byKind;
  }

  private static final class Sum {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long time) {
      count.increment();
      nanos.add(time);
    }

    ModelStatistics.Total total() {
      return new ModelStatistics.Total(count.sum(), nanos.sum());
    }
  }

  private static final class Parts {
    private final Sum input = new Sum();
    private final Sum infer = new Sum();
    private final Sum output = new Sum();

    void add(InferResponse.Timing timing) {
      input.add(timing.inputNanos());
      infer.add(timing.inferNanos());
      output.add(timing.outputNanos());
    }

    ModelStatistics.OfSize ofSize(long size) {
      return new ModelStatistics.OfSize(size, input.total(), infer.total(), output.total());
    }
  }
}

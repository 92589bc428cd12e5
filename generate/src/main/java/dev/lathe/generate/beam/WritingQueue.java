package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.engine.Tenants;
import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Orders that wait for a place among the lines of a model, and the lanes that write for them: as
 * many steps at once as there are lanes, each for sentences of many orders. The more urgent order
 * comes first, then that of the tenant who got least, then that of which least was begun, then the
 * earlier one. For many threads.
 */
public final class WritingQueue implements AutoCloseable {
  private static final int MOST_ORDERS = 256;
  private static final long MOST_ENCODED = 8192;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 200;
  private static final double SHARE_OF_LAST = 0.1;

  private final SourceScores scores;
  private final int mostLanes;
  private final List<WritingOrder> waiting = new ArrayList<>();
  private final List<WritingLane> lanes = new ArrayList<>();
  private final Tenants tenants = new Tenants();
  private double secondsEach = 0.1;
  private long lastEnded = System.nanoTime();
  private LongConsumer onResized = _ -> {};
  private long told;
  private boolean closed;

  /**
   * A queue.
   *
   * @param scores the model, which stays the caller's
   * @param mostLanes steps at once, at least one
   */
  public WritingQueue(SourceScores scores, int mostLanes) {
    this.scores = scores;
    this.mostLanes = Math.max(1, mostLanes);
  }

  /**
   * Has an order written; the calling thread waits.
   *
   * @param order the order
   * @return for each source what was found, the best first
   * @throws LatheException QUEUE_FULL if too many wait, or it does not get its turn; ABANDONED if
   *     the thread is interrupted; DEADLINE_PASSED; CLOSED; what a search or the model throws; what
   *     the sitting's check throws
   */
  public List<List<Hypothesis>> write(WritingOrder order) {
    enter(order);
    try {
      await(order);
    } finally {
      leave(order);
      order.sitting().worked().accept(worked(order));
    }
    return result(order);
  }

  private synchronized void enter(WritingOrder order) {
    requireOpen();
    if (waiting.size() >= MOST_ORDERS) {
      throw full(waiting.size() + " requests wait for texts to be written, which is the most");
    }
    waiting.add(order);
    tenants.enter(order.sitting().caller().tenant());
    if (lanes.size() < mostLanes) {
      WritingLane lane = new WritingLane(this, scores.joint());
      lanes.add(lane);
      Thread.ofPlatform().daemon().name("lathe-write").start(lane);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LatheException(GenerateError.CLOSED, "the model is being closed");
    }
  }

  private LatheException full(String why) {
    int sentences = waiting.stream().mapToInt(WritingOrder::left).sum();
    double seconds = Math.clamp(sentences * secondsEach, 1, PATIENCE.toSeconds());
    return new LatheException(
        GenerateError.QUEUE_FULL, why, Duration.ofMillis((long) (1000 * seconds)));
  }

  private void await(WritingOrder order) {
    long patient = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!order.over().await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        lookAfter(order, patient);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(GenerateError.ABANDONED, "the caller does not wait any more", e);
    }
  }

  /** As long as no lane has anything of it, who waits looks after the order. */
  private synchronized void lookAfter(WritingOrder order, long patient) {
    if (order.isInLane() || order.isOver()) {
      return;
    }
    order.check();
    if (order.begun() == 0 && System.nanoTime() > patient) {
      throw full("no turn within " + PATIENCE.toSeconds() + " s: too many texts are being written");
    }
  }

  /** What is not over is given up; lanes notice at their next step. */
  private synchronized void leave(WritingOrder order) {
    order.fail(new LatheException(GenerateError.ABANDONED, "nobody waits any more"));
    waiting.remove(order);
    tenants.leave(order.sitting().caller().tenant());
  }

  private synchronized long worked(WritingOrder order) {
    return order.nanos();
  }

  private synchronized List<List<Hypothesis>> result(WritingOrder order) {
    switch (order.failure()) {
      case null -> {
        return order.found();
      }
      case LatheException known ->
          throw new LatheException(known.code(), String.valueOf(known.getMessage()), known);
      case RuntimeException other -> throw other;
      case Throwable error ->
          throw new LatheException(GenerateError.FAILED, "writing failed: " + error, error);
    }
  }

  /**
   * Sentences for a lane, as many as it has room for and should have beside the others.
   *
   * @param lane the lane
   * @return none for now; nothing if the lane is at its end, and gone
   */
  synchronized Optional<List<WritingOrder.Sentence>> take(WritingLane lane) {
    List<WritingOrder.Sentence> taken = new ArrayList<>();
    int left = waiting.stream().mapToInt(WritingOrder::left).sum();
    int open = lanes.stream().mapToInt(WritingLane::sentences).sum();
    int share = Math.max(1, Math.ceilDiv(open + left, mostLanes));
    long longest = 0;
    @Nullable WritingOrder next = next();
    while (next != null && lane.sentences() + taken.size() < share) {
      WritingOrder.Sentence sentence = next.peek();
      longest = Math.max(longest, sentence.tokens().length);
      boolean alone = taken.isEmpty() && lane.sentences() == 0;
      boolean encoded = taken.isEmpty() || (taken.size() + 1) * longest <= MOST_ENCODED;
      if (!alone && (!encoded || !lane.hasRoom(taken, sentence))) {
        break;
      }
      taken.add(next.take());
      tenants.charge(next.sitting().caller().tenant(), sentence.lines() * sentence.tokens().length);
      if (next.left() == 0) {
        waiting.remove(next);
      }
      next = next();
    }
    if (taken.isEmpty() && lane.sentences() == 0) {
      lanes.remove(lane);
      return Optional.empty();
    }
    lane.add(taken);
    return Optional.of(taken);
  }

  private @Nullable WritingOrder next() {
    return waiting.stream()
        .min(
            Comparator.<WritingOrder>comparingInt(order -> order.sitting().caller().priority())
                .thenComparingDouble(order -> tenants.served(order.sitting().caller().tenant()))
                .thenComparingInt(WritingOrder::begun))
        .orElse(null);
  }

  /** A lane has written what it took, or could not. */
  synchronized void ended(WritingLane lane, WritingOrder.Sentence sentence, SequenceEnd end) {
    lane.remove(sentence);
    if (end.failure() != null) {
      sentence.order().fail(end.failure());
      waiting.remove(sentence.order());
      return;
    }
    long now = System.nanoTime();
    double seconds = Math.min(1, (now - lastEnded) / 1e9);
    secondsEach += SHARE_OF_LAST * (seconds - secondsEach);
    lastEnded = now;
    sentence.order().done(sentence, end.found());
  }

  /** How a sentence ended. */
  record SequenceEnd(List<Hypothesis> found, @Nullable Throwable failure) {}

  /** A lane ends; if it should not, whoever it writes for hears of it. */
  synchronized void gone(WritingLane lane) {
    if (lanes.remove(lane)) {
      Throwable why = new LatheException(GenerateError.FAILED, "writing has stopped");
      lane.orders().forEach(order -> fail(order, why));
    }
    resized();
    notifyAll();
  }

  /** An order that nobody wants any more, or that cannot be written. */
  synchronized void fail(WritingOrder order, Throwable why) {
    order.fail(why);
    waiting.remove(order);
  }

  synchronized boolean isOver(WritingOrder order) {
    return order.isOver();
  }

  synchronized void worked(WritingOrder order, long nanos) {
    order.worked(nanos);
  }

  /** Orders of which something waits. */
  synchronized int waiting() {
    return waiting.size();
  }

  /** The most lines of a lane. */
  int mostLines(int longest) {
    return scores.mostLines(longest);
  }

  /**
   * Who hears how many bytes lanes hold more than before, or less.
   *
   * @param listener takes the place of an earlier one; must not call back
   */
  public synchronized void onResized(LongConsumer listener) {
    onResized = listener;
  }

  /** A lane holds more than before, or less. */
  synchronized void resized() {
    long more = lanes.stream().mapToLong(WritingLane::bytes).sum() - told;
    told += more;
    if (more != 0) {
      onResized.accept(more);
    }
  }

  /** Fails what is not over, and returns when nothing runs any more. */
  @Override
  public synchronized void close() {
    closed = true;
    LatheException why = new LatheException(GenerateError.CLOSED, "the model is being closed");
    List.copyOf(waiting).forEach(order -> fail(order, why));
    lanes.forEach(lane -> lane.orders().forEach(order -> order.fail(why)));
    boolean interrupted = false;
    while (!lanes.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

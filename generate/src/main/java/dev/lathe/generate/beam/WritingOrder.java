package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.Sitting;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sources that somebody wants targets for. Guarded by the lock of the {@link WritingQueue}, but for
 * what is said to be for any thread.
 */
public final class WritingOrder {
  private final List<long[]> sources;
  private final WritingRules rules;
  private final Sitting sitting;
  private final long deadline;
  private final List<Integer> byLength;
  private final List<List<Hypothesis>> found = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private int begun;
  private int ended;
  private long nanos;
  private @Nullable Throwable failure;

  /**
   * An order.
   *
   * @param sources the tokens of each
   * @param rules how to write
   * @param sitting who waits
   */
  public WritingOrder(List<long[]> sources, WritingRules rules, Sitting sitting) {
    this.sources = List.copyOf(sources);
    this.rules = rules;
    this.sitting = sitting;
    long timeout = sitting.caller().timeout().toNanos();
    this.deadline = timeout == 0 ? Long.MAX_VALUE : System.nanoTime() + timeout;
    this.byLength =
        IntStream.range(0, sources.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> sources.get(i).length))
            .toList();
    sources.forEach(_ -> found.add(List.of()));
  }

  /** One of its sources. */
  record Sentence(WritingOrder order, int place) {
    long[] tokens() {
      return order.sources.get(place);
    }

    int lines() {
      return order.rules.beams().count();
    }
  }

  /** How to write; for any thread. */
  WritingRules rules() {
    return rules;
  }

  /** Who waits; for any thread. */
  Sitting sitting() {
    return sitting;
  }

  /** Lets who waits say that it is enough; for any thread, without the lock of the queue. */
  void check() {
    synchronized (byLength) {
      ask();
    }
  }

  private void ask() {
    sitting.between().run();
    if (deadline != Long.MAX_VALUE && System.nanoTime() > deadline) {
      throw new LatheException(
          GenerateError.DEADLINE_PASSED,
          "the texts were not written within "
              + sitting.caller().timeout().toNanos() / 1e6
              + " ms, the time that the request allows");
    }
  }

  /** Waits until all is written, or the order is given up; for any thread. */
  CountDownLatch over() {
    return over;
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  /** Whether a lane has sources of it, and looks after it. */
  boolean isInLane() {
    return begun > ended;
  }

  /** Sources that a lane has taken. */
  int begun() {
    return begun;
  }

  /** Sources that nobody has begun to write for. */
  int left() {
    return isOver() ? 0 : sources.size() - begun;
  }

  /** The next source; there must be one left. */
  Sentence peek() {
    return new Sentence(this, byLength.get(begun));
  }

  Sentence take() {
    Sentence next = peek();
    begun++;
    return next;
  }

  void done(Sentence sentence, List<Hypothesis> targets) {
    found.set(sentence.place(), targets);
    ended++;
    if (ended == sources.size()) {
      over.countDown();
    }
  }

  void fail(Throwable why) {
    if (!isOver()) {
      failure = why;
      over.countDown();
    }
  }

  void worked(long more) {
    nanos += more;
  }

  long nanos() {
    return nanos;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  List<List<Hypothesis>> found() {
    return List.copyOf(found);
  }
}

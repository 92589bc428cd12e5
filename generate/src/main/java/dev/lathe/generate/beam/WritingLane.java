package dev.lathe.generate.beam;

import dev.lathe.generate.SequenceWriter;
import dev.lathe.generate.beam.WritingOrder.Sentence;
import dev.lathe.generate.beam.WritingQueue.SequenceEnd;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A thread that writes for sentences of many orders, step by step; whoever is done makes room for
 * the next. What it has taken is guarded by the lock of the queue.
 */
final class WritingLane implements Runnable {
  private final WritingQueue queue;
  private final JointScores scores;
  private final SequenceWriter writer;
  private final List<Sentence> taken = new ArrayList<>();

  /** For the lane's own thread. */
  private final Map<Integer, Sentence> open = new LinkedHashMap<>();

  private int number;

  /** What it held after its last step. */
  private volatile long bytes;

  WritingLane(WritingQueue queue, JointScores scores) {
    this.queue = queue;
    this.scores = scores;
    this.writer = new SequenceWriter(scores);
  }

  /** How many sentences it has; under the queue's lock, as what follows. */
  int sentences() {
    return taken.size();
  }

  Collection<WritingOrder> orders() {
    return taken.stream().map(Sentence::order).toList();
  }

  void add(List<Sentence> more) {
    taken.addAll(more);
  }

  void remove(Sentence sentence) {
    taken.remove(sentence);
  }

  /** Whether one more has room beside what is there and what is being taken. */
  boolean hasRoom(List<Sentence> beside, Sentence more) {
    int longest = more.order().rules().lengths().most();
    int lines = more.lines();
    for (List<Sentence> some : List.of(taken, beside)) {
      for (Sentence one : some) {
        longest = Math.max(longest, one.order().rules().lengths().most());
        lines += one.lines();
      }
    }
    return lines <= queue.mostLines(longest);
  }

  /** What it holds; for any thread. */
  long bytes() {
    return bytes;
  }

  @Override
  public void run() {
    try {
      write();
    } finally {
      queue.gone(this);
    }
  }

  private void write() {
    Optional<List<Sentence>> fresh = queue.take(this);
    while (fresh.isPresent()) {
      try {
        dropUnwanted();
        begin(wanted(fresh.get()));
        if (!writer.isIdle()) {
          step();
        }
        measure();
      } catch (Error | RuntimeException e) {
        failAll(fresh.get(), e);
      }
      fresh = queue.take(this);
    }
  }

  private void measure() {
    long now = scores.bytes();
    if (now != bytes) {
      bytes = now;
      queue.resized();
    }
  }

  /** Every order is asked once before a step; those that end here are gone from the lane. */
  private void dropUnwanted() {
    Set<WritingOrder> orders = new LinkedHashSet<>();
    open.values().forEach(sentence -> orders.add(sentence.order()));
    orders.forEach(this::check);
    List.copyOf(open.keySet()).stream()
        .filter(source -> queue.isOver(sentence(source).order()))
        .forEach(
            source -> {
              writer.drop(source);
              end(source, new SequenceEnd(List.of(), new IllegalStateException("given up")));
            });
  }

  private List<Sentence> wanted(List<Sentence> fresh) {
    Set<WritingOrder> known = new LinkedHashSet<>();
    open.values().forEach(sentence -> known.add(sentence.order()));
    fresh.stream().map(Sentence::order).filter(known::add).forEach(this::check);
    List<Sentence> wanted = new ArrayList<>();
    for (Sentence sentence : fresh) {
      if (queue.isOver(sentence.order())) {
        queue.ended(
            this, sentence, new SequenceEnd(List.of(), new IllegalStateException("given up")));
      } else {
        wanted.add(sentence);
      }
    }
    return wanted;
  }

  private void check(WritingOrder order) {
    try {
      order.check();
    } catch (Error | RuntimeException e) {
      queue.fail(order, e);
    }
  }

  /** The encoder reads all of them at once; if it cannot, each alone, so that one fails alone. */
  private void begin(List<Sentence> fresh) {
    if (fresh.isEmpty()) {
      return;
    }
    Map<Integer, Sentence> numbered = new LinkedHashMap<>();
    fresh.forEach(sentence -> numbered.put(number++, sentence));
    try {
      begin(numbered);
    } catch (LatheException together) {
      numbered.forEach(
          (source, sentence) -> {
            try {
              begin(Map.of(source, sentence));
            } catch (LatheException e) {
              queue.ended(this, sentence, new SequenceEnd(List.of(), e));
            }
          });
    }
  }

  private void begin(Map<Integer, Sentence> numbered) {
    Map<Integer, long[]> tokens = new LinkedHashMap<>();
    numbered.forEach((source, sentence) -> tokens.put(source, sentence.tokens()));
    long start = System.nanoTime();
    scores.begin(tokens);
    long each = (System.nanoTime() - start) / numbered.size();
    numbered.forEach(
        (source, sentence) -> {
          queue.worked(sentence.order(), each);
          open.put(source, sentence);
          writer.begin(source, sentence.tokens(), sentence.order().rules());
        });
  }

  private void step() {
    long start = System.nanoTime();
    List<SequenceWriter.Ended> ended = writer.step();
    long nanos = System.nanoTime() - start;
    long lines = open.values().stream().mapToLong(Sentence::lines).sum();
    Map<WritingOrder, Long> shares = new HashMap<>();
    open.values().forEach(one -> shares.merge(one.order(), (long) one.lines(), Long::sum));
    shares.forEach((order, share) -> queue.worked(order, nanos * share / lines));
    ended.forEach(one -> end(one.source(), new SequenceEnd(one.found(), one.failure())));
  }

  private Sentence sentence(int source) {
    return Objects.requireNonNull(open.get(source));
  }

  private void end(int source, SequenceEnd end) {
    Sentence sentence = sentence(source);
    open.remove(source);
    scores.end(source);
    queue.ended(this, sentence, end);
  }

  /** A step that fails is nobody's alone. */
  private void failAll(List<Sentence> fresh, Throwable why) {
    for (Sentence sentence : fresh) {
      if (!open.containsValue(sentence)) {
        queue.ended(this, sentence, new SequenceEnd(List.of(), why));
      }
    }
    for (int source : List.copyOf(open.keySet())) {
      writer.drop(source);
      end(source, new SequenceEnd(List.of(), why));
    }
  }
}

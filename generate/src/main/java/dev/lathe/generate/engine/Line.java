package dev.lathe.generate.engine;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sequences that wait for a row: by priority, then the tenant that got least, then by arrival. Who
 * waits rises by a level after each {@link #LEVEL_NANOS}, so that nobody waits for ever.
 */
final class Line {
  /** How long a sequence waits for each level that it rises. */
  static final long LEVEL_NANOS = 5_000_000_000L;

  private final Tenants tenants;
  private final Map<Key, Queue> queues = new LinkedHashMap<>();
  private int size;

  private record Key(int priority, String tenant) {
    static Key of(Sequence sequence) {
      var caller = sequence.job().request().caller();
      return new Key(caller.priority(), caller.tenant());
    }
  }

  private static final class Queue {
    private final ArrayDeque<Sequence> sequences = new ArrayDeque<>();
    private boolean passed;
  }

  Line(Tenants tenants) {
    this.tenants = tenants;
  }

  int size() {
    return size;
  }

  /** Stands behind those of its tenant and priority. */
  void add(Sequence sequence) {
    queue(sequence).sequences.addLast(sequence);
    size++;
  }

  /** Stands before them again. */
  void addFirst(Sequence sequence) {
    queue(sequence).sequences.addFirst(sequence);
    size++;
  }

  private Queue queue(Sequence sequence) {
    return queues.computeIfAbsent(Key.of(sequence), key -> new Queue());
  }

  /** Takes a sequence out; false if it is not here. */
  boolean remove(Sequence sequence) {
    Key key = Key.of(sequence);
    Queue queue = queues.get(key);
    if (queue == null || !queue.sequences.remove(sequence)) {
      return false;
    }
    size--;
    if (queue.sequences.isEmpty()) {
      queues.remove(key);
    }
    return true;
  }

  /** All may be next again. */
  void beginRound() {
    for (Queue queue : queues.values()) {
      queue.passed = false;
    }
  }

  /** Those of its tenant and priority are passed over in this round. */
  void pass(Sequence sequence) {
    queue(sequence).passed = true;
  }

  /** Whose turn it is; null if all are passed over. */
  @Nullable Sequence next(long now) {
    Sequence best = null;
    for (Queue queue : queues.values()) {
      Sequence head = queue.sequences.peekFirst();
      if (!queue.passed && head != null && (best == null || isBefore(head, best, now))) {
        best = head;
      }
    }
    return best;
  }

  private boolean isBefore(Sequence one, Sequence other, long now) {
    long level = level(one, now);
    long otherLevel = level(other, now);
    if (level != otherLevel) {
      return level < otherLevel;
    }
    double served = tenants.served(one.job().request().caller().tenant());
    double otherServed = tenants.served(other.job().request().caller().tenant());
    return served != otherServed ? served < otherServed : one.job().order() < other.job().order();
  }

  /** How urgent a sequence has become: less is more. */
  static long level(Sequence sequence, long now) {
    return sequence.job().request().caller().priority()
        - (now - sequence.waitsSince()) / LEVEL_NANOS;
  }
}

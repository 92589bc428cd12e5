package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All requests that wait for a model, by level of urgency. The level is served whose oldest request
 * is the most urgent, counting one level for each stretch of waiting; what has room in the run is
 * filled from the other levels.
 *
 * <p>When the room is full, whoever has most in it loses its newest and least urgent request, so
 * that one caller's flood takes no place from another; between callers that have equally much, the
 * less urgent request gives way. Not safe for several threads; the {@link Batcher} locks.
 */
final class WaitingRoom {
  private final int capacity;
  private final long ageing;
  private final List<FairQueue> levels = new ArrayList<>();
  private final Map<String, Integer> perCaller = new HashMap<>();
  private final Map<RowShape, Long> rowsPerShape = new HashMap<>();
  private int size;

  WaitingRoom(int capacity, Priorities priorities) {
    this.capacity = capacity;
    this.ageing = priorities.ageing().toNanos();
    for (int i = 0; i < priorities.levels(); i++) {
      levels.add(new FairQueue());
    }
  }

  int size() {
    return size;
  }

  /**
   * Why a caller's request has no place.
   *
   * @param again when it may be tried again
   */
  LatheException full(String caller, Duration again) {
    boolean own = isCrowdedBy(caller);
    return new LatheException(
        own ? ServeError.SHARE_FULL : ServeError.QUEUE_FULL,
        "queue full: "
            + capacity
            + " requests wait for this model"
            + (own ? ", most of them this caller's" : "")
            + " (try again soon)",
        again);
  }

  /** Whether one caller has most of the requests that wait, beside others. */
  boolean isCrowdedBy(String caller) {
    int own = perCaller.getOrDefault(caller, 0);
    return own > capacity / 2 && own < size;
  }

  /** Rows that wait, of one shape. */
  long rows(RowShape shape) {
    return rowsPerShape.getOrDefault(shape, 0L);
  }

  /** Rows that wait, by shape; a view. */
  Map<RowShape, Long> rows() {
    return rowsPerShape;
  }

  /**
   * Puts a request in line.
   *
   * @return the request that has no place now: the given one, or another
   */
  Optional<Pending> offer(Pending arriving) {
    if (size < capacity) {
      add(arriving);
      return Optional.empty();
    }
    Optional<Pending> out = givesWay(arriving);
    if (out.isEmpty()) {
      return Optional.of(arriving);
    }
    remove(out.get());
    add(arriving);
    return out;
  }

  private Optional<Pending> givesWay(Pending arriving) {
    int own = perCaller.getOrDefault(arriving.request().caller(), 0);
    Map.Entry<String, Integer> most =
        perCaller.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    if (most.getValue() > own + 1) {
      return newestOf(most.getKey(), 1);
    }
    for (int level = levels.size(); level > arriving.level(); level--) {
      FairQueue queue = levels.get(level - 1);
      Optional<Pending> out =
          queue.callers().stream()
              .filter(caller -> perCaller.get(caller) >= own)
              .findFirst()
              .flatMap(queue::newestOf);
      if (out.isPresent()) {
        return out;
      }
    }
    return Optional.empty();
  }

  private Optional<Pending> newestOf(String caller, int highest) {
    for (int level = levels.size(); level >= highest; level--) {
      Optional<Pending> newest = levels.get(level - 1).newestOf(caller);
      if (newest.isPresent()) {
        return newest;
      }
    }
    return Optional.empty();
  }

  private void add(Pending pending) {
    levels.get(pending.level() - 1).add(pending);
    size++;
    perCaller.merge(pending.request().caller(), 1, Integer::sum);
    rowsPerShape.merge(pending.shape(), pending.weight(), Long::sum);
  }

  /** Takes a request out of its line, wherever it stands. */
  void remove(Pending pending) {
    if (levels.get(pending.level() - 1).remove(pending)) {
      forget(pending);
    }
  }

  private void forget(Pending pending) {
    size--;
    perCaller.computeIfPresent(
        pending.request().caller(), (caller, count) -> count == 1 ? null : count - 1);
    rowsPerShape.computeIfPresent(
        pending.shape(),
        (shape, rows) -> rows == pending.weight() ? null : rows - pending.weight());
  }

  /** The request that the next run begins with. */
  Optional<Pending> next(long now) {
    return size == 0 ? Optional.empty() : mostUrgent(now).next();
  }

  /** Moves what may share a run from the lines to it. */
  void giveTo(Gathering run, long now) {
    if (size == 0) {
      return;
    }
    FairQueue first = mostUrgent(now);
    first.giveTo(run);
    for (FairQueue level : levels) {
      if (level != first && level.size() > 0 && !run.isFull()) {
        level.giveTo(run);
      }
    }
    run.taken().forEach(this::forget);
  }

  private FairQueue mostUrgent(long now) {
    FairQueue best = levels.getFirst();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < levels.size(); i++) {
      FairQueue level = levels.get(i);
      if (level.size() == size) {
        return level;
      }
      if (level.size() > 0) {
        long urgency = i * ageing - (now - level.oldestArrival());
        if (urgency < least) {
          least = urgency;
          best = level;
        }
      }
    }
    return best;
  }

  /** All requests; the room is empty afterwards. */
  List<Pending> drain() {
    List<Pending> all = levels.stream().flatMap(level -> level.drain().stream()).toList();
    all.forEach(this::forget);
    return all;
  }
}

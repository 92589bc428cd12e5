package dev.lathe.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Requests in line, one line for each caller; callers take turns. When the queue is full, whoever
 * has the longest line loses its newest request, so that one caller's flood takes no place from
 * another. Not safe for several threads; the {@link Batcher} locks.
 */
final class FairQueue {
  private final int capacity;
  private final Map<String, ArrayDeque<Pending>> lines = new HashMap<>();

  /** Callers with a line that is not empty, the next one to be served first. */
  private final ArrayDeque<String> turns = new ArrayDeque<>();

  private int size;

  FairQueue(int capacity) {
    this.capacity = capacity;
  }

  int size() {
    return size;
  }

  /**
   * Puts a request at the end of its caller's line.
   *
   * @return the request that has no place now: the given one, or another caller's newest
   */
  Optional<Pending> offer(Pending arriving) {
    if (size < capacity) {
      add(arriving);
      return Optional.empty();
    }
    int own = lineOf(arriving).size();
    ArrayDeque<Pending> longest =
        lines.values().stream().max(Comparator.comparingInt(ArrayDeque::size)).orElseThrow();
    if (longest.size() <= own + 1) {
      return Optional.of(arriving);
    }
    Pending out = longest.getLast();
    remove(out);
    add(arriving);
    return Optional.of(out);
  }

  /** Takes a request out of its line, wherever it stands. */
  void remove(Pending pending) {
    ArrayDeque<Pending> line = lineOf(pending);
    if (line.removeLastOccurrence(pending)) {
      size--;
      if (line.isEmpty()) {
        lines.remove(pending.request().caller());
        turns.remove(pending.request().caller());
      }
    }
  }

  /** All requests; the queue is empty afterwards. */
  List<Pending> drain() {
    List<Pending> all = lines.values().stream().flatMap(ArrayDeque::stream).toList();
    lines.clear();
    turns.clear();
    size = 0;
    return all;
  }

  /** The request whose turn it is. */
  Optional<Pending> peek() {
    return turns.isEmpty() ? Optional.empty() : Optional.of(lines.get(turns.peek()).peek());
  }

  /**
   * Takes requests in turn, as long as they may share a run: one from each caller, then the next
   * from each. A caller whose first request may not join keeps its turn for the next run.
   *
   * @param maxRows the most rows in all; the first request is taken whatever it has
   * @param mayJoin whether a request may share a run with the first
   */
  List<Pending> take(long maxRows, BiPredicate<Pending, Pending> mayJoin) {
    List<Pending> taken = new ArrayList<>();
    List<String> passedOver = new ArrayList<>();
    long rows = 0;
    while (!turns.isEmpty()) {
      String caller = turns.poll();
      ArrayDeque<Pending> line = lines.get(caller);
      Pending head = line.peek();
      boolean fits =
          taken.isEmpty() || rows + head.rows() <= maxRows && mayJoin.test(taken.getFirst(), head);
      if (!fits) {
        passedOver.add(caller);
        continue;
      }
      taken.add(line.poll());
      rows += head.rows();
      if (line.isEmpty()) {
        lines.remove(caller);
      } else {
        turns.add(caller);
      }
    }
    passedOver.reversed().forEach(turns::addFirst);
    size -= taken.size();
    return taken;
  }

  private ArrayDeque<Pending> lineOf(Pending pending) {
    ArrayDeque<Pending> line = lines.get(pending.request().caller());
    return line == null ? new ArrayDeque<>(0) : line;
  }

  private void add(Pending pending) {
    String caller = pending.request().caller();
    ArrayDeque<Pending> line = lines.computeIfAbsent(caller, name -> new ArrayDeque<>());
    if (line.isEmpty()) {
      turns.add(caller);
    }
    line.add(pending);
    size++;
  }
}

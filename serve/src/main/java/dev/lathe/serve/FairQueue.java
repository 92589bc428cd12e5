package dev.lathe.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Requests of one level in line, one line for each caller; callers take turns. Not safe for several
 * threads; the {@link Batcher} locks.
 */
final class FairQueue {
  private final Map<String, CallerLine> lines = new HashMap<>();

  /** The lines that are not empty, the next one to be served first. */
  private final ArrayDeque<CallerLine> turns = new ArrayDeque<>();

  private int size;

  int size() {
    return size;
  }

  /** Puts a request at the end of its caller's line. */
  void add(Pending pending) {
    CallerLine line =
        lines.computeIfAbsent(
            pending.request().caller(),
            caller -> {
              CallerLine opened = new CallerLine(caller);
              turns.add(opened);
              return opened;
            });
    line.add(pending);
    size++;
  }

  /** Takes a request out of its line, wherever it stands; false if it is not here. */
  boolean remove(Pending pending) {
    CallerLine line = lines.get(pending.request().caller());
    if (line == null || !line.remove(pending)) {
      return false;
    }
    size--;
    if (line.isEmpty()) {
      lines.remove(line.caller());
      turns.remove(line);
    }
    return true;
  }

  /** The request whose turn it is. */
  Optional<Pending> next() {
    return turns.isEmpty() ? Optional.empty() : Optional.of(turns.getFirst().oldest());
  }

  /** When the request arrived that waits longest; only if there is one. */
  long oldestArrival() {
    Pending oldest = turns.getFirst().oldest();
    for (CallerLine line : turns) {
      Pending other = line.oldest();
      oldest = other.isBefore(oldest) ? other : oldest;
    }
    return oldest.arrived();
  }

  /** The newest request of a caller. */
  Optional<Pending> newestOf(String caller) {
    return Optional.ofNullable(lines.get(caller)).map(CallerLine::newest);
  }

  /** Callers in line. */
  List<String> callers() {
    return turns.stream().map(CallerLine::caller).toList();
  }

  /**
   * Gives a run what may join it: one request from each caller in turn, then the next from each. A
   * caller whose first request could not join keeps its turn for the next run.
   */
  void giveTo(Gathering run) {
    if (size == 1) {
      Pending only = turns.getFirst().oldest();
      if (run.fits(only)) {
        run.add(only);
        remove(only);
      }
      return;
    }
    List<CallerLine> order = List.copyOf(turns);
    Set<CallerLine> served = new LinkedHashSet<>();
    boolean more = true;
    while (more && !run.isFull()) {
      more = false;
      for (CallerLine line : order) {
        more |= !run.isFull() && giveOne(line, run, served);
      }
    }
    turns.removeAll(served);
    for (CallerLine line : served) {
      if (!line.isEmpty()) {
        turns.add(line);
      }
    }
  }

  /** Whoever gives the request that it is waiting for longest has had its turn. */
  private boolean giveOne(CallerLine line, Gathering run, Set<CallerLine> served) {
    if (line.isEmpty()) {
      return false;
    }
    Pending oldest = line.oldest();
    Optional<Pending> candidate = run.isEmpty() ? Optional.of(oldest) : line.oldest(run.shape());
    if (candidate.isEmpty() || !run.fits(candidate.get())) {
      return false;
    }
    Pending given = candidate.get();
    run.add(given);
    line.remove(given);
    size--;
    if (given == oldest) {
      served.add(line);
    }
    if (line.isEmpty()) {
      lines.remove(line.caller());
      served.add(line);
    }
    return true;
  }

  /** All requests; the queue is empty afterwards. */
  List<Pending> drain() {
    List<Pending> all = new ArrayList<>();
    while (!turns.isEmpty()) {
      Pending next = turns.getFirst().oldest();
      remove(next);
      all.add(next);
    }
    return all;
  }
}

package dev.lathe.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are being collected for one run. The first decides what others may join, and the
 * one with the soonest deadline how long the run may be. One that no run could answer in time any
 * more makes no run shorter: it ends, unless there is nothing else to be run.
 */
final class Gathering {
  private final List<Pending> taken = new ArrayList<>();
  private final List<Pending> hopeless = new ArrayList<>();
  private final ToLongFunction<Pending> mostRows;
  private RowShape shape = RowShape.FIXED;
  private long most;
  private long rows;
  private long soonest;

  /**
   * Nothing yet.
   *
   * @param mostRows the most rows of a run that answers a request in time; 0 if there is none,
   *     negative if nothing joins. The first request is taken whatever it has
   */
  Gathering(ToLongFunction<Pending> mostRows) {
    this.mostRows = mostRows;
  }

  /** Whether nothing is there that can be run in time. */
  boolean isEmpty() {
    return taken.isEmpty();
  }

  /** Whether no further request could be taken. */
  boolean isFull() {
    return !taken.isEmpty() && rows >= most;
  }

  /** What further requests must have; of no meaning while this is empty. */
  RowShape shape() {
    return shape;
  }

  boolean fits(Pending pending) {
    return taken.isEmpty() || rows + pending.rows() <= most && shape.equals(pending.shape());
  }

  void add(Pending pending) {
    boolean first = taken.isEmpty();
    if (first || pending.deadline() - soonest < 0) {
      long own = mostRows.applyAsLong(pending);
      if (own == 0) {
        hopeless.add(pending);
        return;
      }
      // Where the run is too long for it already, it comes along and hopes.
      boolean decides = first || own >= rows + pending.rows();
      most = first ? own : decides ? Math.min(most, own) : most;
      soonest = decides ? pending.deadline() : soonest;
    }
    if (first) {
      shape = pending.shape();
    }
    rows += pending.rows();
    taken.add(pending);
  }

  /** All that left the line. */
  List<Pending> taken() {
    return hopeless.isEmpty() ? taken : Stream.concat(hopeless.stream(), taken.stream()).toList();
  }

  /** What is to be run: it has somebody who waits. What is too late ends. */
  List<Pending> live(long now) {
    Pending spared = taken.isEmpty() ? latest(now) : null;
    for (Pending pending : hopeless) {
      if (pending != spared) {
        pending.fail(pending.isExpired(now) ? pending.deadlinePassed() : pending.hopeless(now));
      }
    }
    List<Pending> rest = spared == null ? taken : List.of(spared);
    boolean all = true;
    for (Pending pending : rest) {
      if (pending.isExpired(now)) {
        pending.fail(pending.deadlinePassed());
      }
      all &= !pending.isDone();
    }
    return all ? rest : rest.stream().filter(pending -> !pending.isDone()).toList();
  }

  /** Runs may turn out shorter than they are known to be; else that would never be seen. */
  private @Nullable Pending latest(long now) {
    Pending latest = null;
    for (Pending pending : hopeless) {
      boolean waits = !pending.isDone() && !pending.isExpired(now);
      if (waits && (latest == null || pending.deadline() - latest.deadline() > 0)) {
        latest = pending;
      }
    }
    return latest;
  }
}

package dev.lathe.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Requests that are being collected for one run. The first decides what others may join. */
final class Gathering {
  private final List<Pending> taken = new ArrayList<>();
  private final ToLongFunction<Pending> mostRows;
  private RowShape shape = RowShape.FIXED;
  private long most;
  private long rows;

  /**
   * Nothing yet.
   *
   * @param mostRows the most rows in all, by the first request; negative if nothing joins. The
   *     first request is taken whatever it has
   */
  Gathering(ToLongFunction<Pending> mostRows) {
    this.mostRows = mostRows;
  }

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
    if (taken.isEmpty()) {
      shape = pending.shape();
      most = mostRows.applyAsLong(pending);
    }
    taken.add(pending);
    rows += pending.rows();
  }

  List<Pending> taken() {
    return taken;
  }

  /** What was taken and still has somebody who waits; what is too late ends. */
  List<Pending> live(long now) {
    boolean all = true;
    for (Pending pending : taken) {
      if (pending.isExpired(now)) {
        pending.fail(pending.deadlinePassed());
      }
      all &= !pending.isDone();
    }
    return all ? taken : taken.stream().filter(pending -> !pending.isDone()).toList();
  }
}

package dev.lathe.serve;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one caller waits for at one level: a line for each row shape, so that a run finds all
 * requests of its shape however they are mixed.
 */
final class CallerLine {
  private final String caller;
  private final Map<RowShape, ArrayDeque<Pending>> byShape = new LinkedHashMap<>(2);
  private int size;

  CallerLine(String caller) {
    this.caller = caller;
  }

  String caller() {
    return caller;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(Pending pending) {
    byShape.computeIfAbsent(pending.shape(), shape -> new ArrayDeque<>(4)).add(pending);
    size++;
  }

  /** Takes a request out; false if it is not here. */
  boolean remove(Pending pending) {
    ArrayDeque<Pending> line = byShape.get(pending.shape());
    boolean there = line != null && line.removeLastOccurrence(pending);
    if (there) {
      size--;
      if (line.isEmpty()) {
        byShape.remove(pending.shape());
      }
    }
    return there;
  }

  /** The request that arrived first; only if there is one. */
  Pending oldest() {
    Iterator<ArrayDeque<Pending>> shapes = byShape.values().iterator();
    Pending oldest = shapes.next().getFirst();
    while (shapes.hasNext()) {
      Pending other = shapes.next().getFirst();
      oldest = other.isBefore(oldest) ? other : oldest;
    }
    return oldest;
  }

  /** The request that arrived last; only if there is one. */
  Pending newest() {
    Iterator<ArrayDeque<Pending>> shapes = byShape.values().iterator();
    Pending newest = shapes.next().getLast();
    while (shapes.hasNext()) {
      Pending other = shapes.next().getLast();
      newest = other.isBefore(newest) ? newest : other;
    }
    return newest;
  }

  /** The request that arrived first of those of a shape. */
  Optional<Pending> oldest(RowShape shape) {
    ArrayDeque<Pending> line = byShape.get(shape);
    return line == null ? Optional.empty() : Optional.of(line.getFirst());
  }
}

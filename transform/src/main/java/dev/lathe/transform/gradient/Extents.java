package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A shape put together axis by axis, of fixed sizes and of sizes of values. It becomes a constant
 * where it can, and is worked out when the graph runs where it cannot.
 */
final class Extents {
  /** One axis: a fixed size, or the size of a value along an axis. */
  private record Part(long size, String value, int axis) {
    boolean open() {
      return !value.isEmpty();
    }
  }

  private final Algebra g;
  private final List<Part> parts = new ArrayList<>();

  Extents(Algebra g) {
    this.g = g;
  }

  /** The next axes have fixed sizes. */
  Extents sizes(long... sizes) {
    for (long size : sizes) {
      parts.add(new Part(size, "", 0));
    }
    return this;
  }

  /** The next axis is as long as a value along an axis. */
  Extents of(String value, int axis) {
    Dim dim = g.draft().shape(value).dim(axis);
    parts.add(dim instanceof Dim.Fixed(long size) ? new Part(size, "", 0) : open(value, axis));
    return this;
  }

  private static Part open(String value, int axis) {
    return new Part(-1, value, axis);
  }

  /** The next axes are those of a value from one up to, not including, another. */
  Extents of(String value, int from, int to) {
    for (int axis = from; axis < to; axis++) {
      of(value, axis);
    }
    return this;
  }

  /** A value seen in this shape, of as many elements. */
  String reshape(String value) {
    long open = parts.stream().filter(part -> part.size() < 0).count();
    long[] sizes = parts.stream().mapToLong(Part::size).toArray();
    return open <= 1 ? g.reshape(value, sizes) : g.node("Reshape", value, vector());
  }

  /** A value stretched to this shape. */
  String expand(String value) {
    return g.node("Expand", value, vector());
  }

  /** The sizes, INT64 [rank]. */
  String vector() {
    if (parts.stream().noneMatch(Part::open)) {
      return g.draft().longs(parts.stream().mapToLong(Part::size).toArray());
    }
    List<String> pieces = new ArrayList<>();
    for (Part part : parts) {
      pieces.add(
          part.open()
              ? g.node("Gather", g.node("Shape", part.value()), g.draft().longs(part.axis()))
              : g.draft().longs(part.size()));
    }
    return pieces.size() == 1
        ? pieces.getFirst()
        : g.draft().node("Concat", Map.of("axis", Attribute.of(0L)), pieces.toArray(new String[0]));
  }
}

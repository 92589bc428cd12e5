package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Gradients of operators that lay elements out anew. */
final class LayoutGradients {
  private LayoutGradients() {}

  static void transpose(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] reversed = IntStream.range(0, rank).mapToLong(i -> rank - 1L - i).toArray();
    long[] perm = r.node().intsAttribute("perm", reversed);
    long[] back = new long[rank];
    for (int i = 0; i < rank; i++) {
      back[(int) perm[i]] = i;
    }
    r.give(0, () -> g.transpose(r.dy(), back));
  }

  private static int axis(Reverse r, long axis) {
    return (int) (axis < 0 ? axis + r.rank(0) : axis);
  }

  /** Concat: the cotangent is split again. */
  static void concat(Algebra g, Reverse r) {
    int axis = axis(r, r.node().intAttribute("axis", 0));
    int count = r.node().inputs().size();
    if (count == 1) {
      r.give(0, r::dy);
      return;
    }
    String[] sizes = new String[count];
    boolean fixed = true;
    for (int i = 0; i < count; i++) {
      fixed &= r.shape(i).dim(axis).isFixed();
    }
    for (int i = 0; i < count; i++) {
      sizes[i] = fixed ? "" : sizeAlong(g, r.in(i), axis);
    }
    String lengths =
        fixed
            ? g.draft().longs(IntStream.range(0, count).mapToLong(i -> r.size(i, axis)).toArray())
            : g.draft().node("Concat", Map.of("axis", Attribute.of(0L)), sizes);
    List<String> pieces =
        g.draft().nodes("Split", Map.of("axis", Attribute.of((long) axis)), count, r.dy(), lengths);
    for (int i = 0; i < count; i++) {
      int input = i;
      r.give(i, () -> pieces.get(input));
    }
  }

  private static String sizeAlong(Algebra g, String value, int axis) {
    return g.node("Gather", g.shapeOf(value), g.draft().longs(axis));
  }

  /** Split: the cotangents are joined again, zeros where the loss does not depend on a piece. */
  static void split(Algebra g, Reverse r) {
    long axis = r.node().intAttribute("axis", 0);
    r.give(
        0,
        () -> {
          List<String> pieces = new ArrayList<>();
          for (int i = 0; i < r.node().outputs().size(); i++) {
            pieces.add(r.dy(i).isEmpty() ? g.zerosLike(r.out(i)) : r.dy(i));
          }
          return g.draft()
              .node("Concat", Map.of("axis", Attribute.of(axis)), pieces.toArray(new String[0]));
        });
  }

  /** Slice with steps of 1: zeros around the cotangent. */
  static void slice(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] starts = r.constants("starts", 1);
    long[] ends = r.constants("ends", 2);
    boolean axesGiven = r.node().attribute("axes").isPresent() || !r.in(3).isEmpty();
    long[] axes =
        axesGiven
            ? r.constants("axes", 3)
            : IntStream.range(0, starts.length).mapToLong(i -> i).toArray();
    if (!r.in(4).isEmpty() && hasSteps(r)) {
      throw r.refuse("steps (expected: 1)");
    }
    long[] pads = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = axis(r, axes[i]);
      if (starts[i] == 0 && ends[i] >= Integer.MAX_VALUE) {
        continue;
      }
      long size = r.size(0, axis);
      long start = Math.clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
      long end = Math.clamp(ends[i] < 0 ? ends[i] + size : ends[i], start, size);
      pads[axis] = start;
      pads[axis + rank] = size - end;
    }
    r.give(0, () -> g.node("Pad", r.dy(), g.draft().longs(pads)));
  }

  private static boolean hasSteps(Reverse r) {
    for (long step : r.constants("steps", 4)) {
      if (step != 1) {
        return true;
      }
    }
    return false;
  }

  /** Pad with a constant: what was added is taken away, what was cropped gets zeros. */
  static void pad(Algebra g, Reverse r) {
    String mode = r.node().stringAttribute("mode", "constant");
    if (!mode.equals("constant")) {
      throw r.refuse("mode \"" + mode + "\" (expected: constant)");
    }
    int rank = r.rank(0);
    long[] given = r.constants("pads", 1);
    long[] axes =
        r.in(3).isEmpty()
            ? IntStream.range(0, rank).mapToLong(i -> i).toArray()
            : r.constants("axes", 3);
    long[] pads = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = axis(r, axes[i]);
      pads[axis] = -given[i];
      pads[axis + rank] = -given[i + axes.length];
    }
    r.give(0, () -> g.node("Pad", r.dy(), g.draft().longs(pads)));
  }

  /** Tile: [r₀·d₀, ...] seen as [r₀, d₀, ...] and summed over the repeats. */
  static void tile(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] repeats = r.constants("repeats", 1);
    long open = r.shape(0).dims().stream().filter(dim -> !dim.isFixed()).count();
    if (open > 1) {
      throw r.refuse("input " + r.shape(0) + " (expected: at most one open size)");
    }
    long[] sizes = new long[2 * rank];
    long[] axes = new long[rank];
    for (int i = 0; i < rank; i++) {
      sizes[2 * i] = repeats[i];
      sizes[2 * i + 1] = r.shape(0).dim(i) instanceof Dim.Fixed(long size) ? size : -1;
      axes[i] = 2L * i;
    }
    r.give(0, () -> g.reshapeLike(g.sum(g.reshape(r.dy(), sizes), 0, axes), r.x()));
  }

  static void trilu(Algebra g, Reverse r) {
    r.give(0, () -> g.draft().node("Trilu", r.node().attributes(), r.dy(), r.in(1)));
  }
}

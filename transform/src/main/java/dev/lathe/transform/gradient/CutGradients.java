package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Gradients of operators that cut pieces out of axes, or add to their ends: Slice, Pad. */
final class CutGradients {
  private CutGradients() {}

  static int axis(Reverse r, long axis) {
    return (int) (axis < 0 ? axis + r.rank(0) : axis);
  }

  private static long[] inOrder(int count) {
    return LongStream.range(0, count).toArray();
  }

  /**
   * What a slice takes of an axis: elements {@code start}, {@code start + step}, ...
   *
   * @param start the first
   * @param step the distance, not 0
   * @param count how many
   * @param size of how many
   */
  private record Cut(long start, long step, long count, long size) {
    /** Clamps as Slice-13 does; the range is start, end, step. */
    static Cut of(long size, long... range) {
      long step = range[2];
      long start = range[0] < 0 ? range[0] + size : range[0];
      long end = range[1] < 0 && range[1] >= Long.MIN_VALUE + size ? range[1] + size : range[1];
      start = step > 0 ? Math.clamp(start, 0, size) : Math.clamp(start, -1, size - 1);
      end = step > 0 ? Math.clamp(end, 0, size) : Math.clamp(end, -1, size - 1);
      long span = step > 0 ? end - start : start - end;
      long count = span <= 0 ? 0 : (span - 1) / Math.abs(step) + 1;
      return new Cut(start, count <= 1 ? 1 : step, count, size);
    }

    /** The smallest place taken. */
    long low() {
      return step > 0 ? start : start + (count - 1) * step;
    }

    /** Elements after the last step, counted as whole steps; negative if the last is not whole. */
    long after() {
      return size - low() - count * Math.abs(step);
    }
  }

  /**
   * Slice: zeros around the cotangent, and between its elements where steps were taken; turned
   * round first where they were taken backwards.
   */
  static void slice(Algebra g, Reverse r) {
    long[] starts = r.constants("starts", 1);
    long[] ends = r.constants("ends", 2);
    boolean axesGiven = r.node().attribute("axes").isPresent() || !r.in(3).isEmpty();
    long[] axes = axesGiven ? r.constants("axes", 3) : inOrder(starts.length);
    long[] steps = r.in(4).isEmpty() ? new long[0] : r.constants("steps", 4);
    r.give(
        0,
        () -> {
          Map<Integer, Cut> cuts = new TreeMap<>();
          for (int i = 0; i < axes.length; i++) {
            int axis = axis(r, axes[i]);
            long step = steps.length == 0 ? 1 : steps[i];
            if (starts[i] != 0 || ends[i] < Integer.MAX_VALUE || step != 1) {
              cuts.put(axis, Cut.of(r.size(0, axis), starts[i], ends[i], step));
            }
          }
          return cuts.values().stream().anyMatch(cut -> cut.count() == 0)
              ? g.zerosLike(r.x())
              : filled(g, r, cuts);
        });
  }

  private static String filled(Algebra g, Reverse r, Map<Integer, Cut> cuts) {
    int rank = r.rank(0);
    long[] pads = new long[2 * rank];
    String dx = r.dy();
    for (Map.Entry<Integer, Cut> entry : cuts.entrySet()) {
      int axis = entry.getKey();
      dx = spaced(g, dx, axis, entry.getValue());
      pads[axis] = entry.getValue().low();
      pads[axis + rank] = entry.getValue().after();
    }
    return g.node("Pad", dx, g.draft().longs(pads));
  }

  /** Zeros after each element along an axis, so that steps of one lead where the slice's did. */
  private static String spaced(Algebra g, String dy, int axis, Cut cut) {
    Draft draft = g.draft();
    String forward = dy;
    if (cut.step() < 0) {
      long end = Long.MIN_VALUE + 1;
      forward =
          g.node(
              "Slice", dy, draft.longs(-1), draft.longs(end), draft.longs(axis), draft.longs(-1));
    }
    long step = Math.abs(cut.step());
    if (step == 1) {
      return forward;
    }
    int rank = draft.shape(dy).rank();
    long[] pads = new long[2 * rank + 2];
    pads[rank + 1 + axis + 1] = step - 1;
    String wide = g.node("Unsqueeze", forward, draft.longs(axis + 1L));
    Extents merged = new Extents(g).of(dy, 0, axis).sizes(cut.count() * step);
    return merged.of(dy, axis + 1, rank).reshape(g.node("Pad", wide, draft.longs(pads)));
  }

  /**
   * Pad: with a constant, what was added is taken away and what was cropped gets zeros; else each
   * cotangent is added to the element that was copied.
   */
  static void pad(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] given = r.constants("pads", 1);
    long[] axes = r.in(3).isEmpty() ? inOrder(rank) : r.constants("axes", 3);
    String mode = r.node().stringAttribute("mode", "constant");
    if (mode.equals("constant")) {
      long[] pads = new long[2 * rank];
      for (int i = 0; i < axes.length; i++) {
        int axis = axis(r, axes[i]);
        pads[axis] = -given[i];
        pads[axis + rank] = -given[i + axes.length];
      }
      r.give(0, () -> g.node("Pad", r.dy(), g.draft().longs(pads)));
      r.give(2, () -> filling(g, r, pads));
      return;
    }
    r.give(
        0,
        () -> {
          String dx = r.dy();
          for (int i = 0; i < axes.length; i++) {
            long before = given[i];
            if (before != 0 || given[i + axes.length] != 0) {
              int axis = axis(r, axes[i]);
              long size = r.size(0, axis);
              long padded = size + before + given[i + axes.length];
              dx = AlongAxis.apply(g, dx, axis, copies(r, mode, size, before, padded));
            }
          }
          return dx;
        });
  }

  /** The cotangent of the filling: of what was added, all of it. */
  private static String filling(Algebra g, Reverse r, long[] pads) {
    long[] shrink = LongStream.of(pads).map(pad -> Math.min(pad, 0)).toArray();
    String kept = g.node("Pad", r.dy(), g.draft().longs(shrink));
    return g.reshapeLike(g.sub(total(g, r.dy()), total(g, kept)), r.in(2));
  }

  private static String total(Algebra g, String value) {
    return g.draft().node("ReduceSum", Map.of("keepdims", Attribute.of(0L)), value);
  }

  /** Which padded places copy which element: [size, padded], by the first axis of the answer. */
  private static double[][] copies(Reverse r, String mode, long... sizeBeforePadded) {
    int size = Math.toIntExact(sizeBeforePadded[0]);
    double[][] matrix = new double[size][Math.toIntExact(sizeBeforePadded[2])];
    for (int place = 0; place < matrix[0].length; place++) {
      int from = Math.toIntExact(place - sizeBeforePadded[1]);
      int source =
          switch (mode) {
            case "edge" -> Math.clamp(from, 0, size - 1);
            case "wrap" -> Math.floorMod(from, size);
            case "reflect" -> reflected(from, size);
            default -> throw r.refuse("mode \"" + mode + "\"");
          };
      matrix[source][place] += 1;
    }
    return matrix;
  }

  private static int reflected(int place, int size) {
    if (size == 1) {
      return 0;
    }
    int folded = Math.floorMod(place, 2 * (size - 1));
    return folded < size ? folded : 2 * (size - 1) - folded;
  }

  /**
   * CenterCropPad: what was cropped gets zeros, what was padded is cropped; the operator's own
   * rounding is the same both ways.
   */
  static void centerCropPad(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] axes = r.node().intsAttribute("axes", inOrder(rank));
    r.give(
        0,
        () -> {
          String sizes = g.shapeOf(r.x());
          long[] picked = LongStream.of(axes).map(axis -> axis(r, axis)).toArray();
          boolean all = IntStream.range(0, picked.length).allMatch(i -> picked[i] == i);
          String target =
              all && picked.length == rank
                  ? sizes
                  : g.node("Gather", sizes, g.draft().longs(picked));
          return g.draft().node("CenterCropPad", r.node().attributes(), r.dy(), target);
        });
  }
}

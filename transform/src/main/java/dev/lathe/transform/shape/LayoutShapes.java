package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Shapes of operators that lay elements out anew. */
final class LayoutShapes {
  private LayoutShapes() {}

  /** Reshape: 0 copies a size (unless allowzero), one -1 takes what is left. */
  static Shape reshape(ShapeCall call) {
    Optional<List<Term>> wanted = call.in(1).content();
    if (wanted.isEmpty()) {
      return unknownOfRank(call.shape(1));
    }
    boolean copyZero = call.node().intAttribute("allowzero", 0) == 0;
    List<Term> sizes = new ArrayList<>(wanted.get());
    for (int i = 0; i < sizes.size(); i++) {
      if (copyZero && sizes.get(i).is(0)) {
        if (i >= call.shape(0).rank()) {
          throw call.mismatch("a size of 0 at axis " + i, "an axis of " + call.describe(0));
        }
        sizes.set(i, call.in(0).size(i));
      }
    }
    fillRest(call, sizes);
    return Shape.of(sizes.stream().map(Term::toDim).toList());
  }

  private static void fillRest(ShapeCall call, List<Term> sizes) {
    Term count = call.in(0).count();
    int rest = -1;
    Term product = Term.of(1);
    for (int i = 0; i < sizes.size(); i++) {
      if (!sizes.get(i).is(-1)) {
        product = product.times(sizes.get(i));
      } else if (rest >= 0) {
        throw call.mismatch("two sizes of -1", "one");
      } else {
        rest = i;
      }
    }
    boolean constant = count.isConstant() && product.isConstant();
    boolean fits =
        rest < 0
            ? count.factor() == product.factor()
            : product.factor() != 0 && count.factor() % product.factor() == 0;
    if (constant && !fits) {
      throw call.mismatch(call.describe(0) + " reshaped to " + sizes, count + " elements");
    }
    if (rest >= 0) {
      sizes.set(rest, count.dividedBy(product));
    }
  }

  /** A shape of unknown sizes whose number is the length of a vector of sizes. */
  static Shape unknownOfRank(Shape vector) {
    return vector.rank() == 1 && vector.dim(0) instanceof Dim.Fixed(long rank) && rank <= 64
        ? Shape.of(Collections.nCopies((int) rank, Dim.UNKNOWN))
        : Shape.UNRANKED;
  }

  static Shape flatten(ShapeCall call) {
    int rank = call.shape(0).rank();
    long given = call.node().intAttribute("axis", 1);
    if (given < -rank || given > rank) {
      throw call.mismatch("axis " + given, -rank + " to " + rank);
    }
    int axis = (int) (given < 0 ? given + rank : given);
    Term rows = Term.of(1);
    Term columns = Term.of(1);
    for (int i = 0; i < rank; i++) {
      if (i < axis) {
        rows = rows.times(call.in(0).size(i));
      } else {
        columns = columns.times(call.in(0).size(i));
      }
    }
    return Shape.of(List.of(rows.toDim(), columns.toDim()));
  }

  static Shape transpose(ShapeCall call) {
    int rank = call.shape(0).rank();
    long[] perm = permutation(call, rank);
    boolean[] seen = new boolean[rank];
    List<Dim> dims = new ArrayList<>();
    for (long axis : perm) {
      int from = call.axis(axis, rank);
      if (seen[from]) {
        throw call.mismatch("perm " + Arrays.toString(perm), "a permutation");
      }
      seen[from] = true;
      dims.add(call.shape(0).dim(from));
    }
    if (perm.length != rank) {
      throw call.mismatch("perm " + Arrays.toString(perm), "of " + rank + " axes");
    }
    return Shape.of(dims);
  }

  private static long[] permutation(ShapeCall call, int rank) {
    long[] reversed = new long[rank];
    for (int i = 0; i < rank; i++) {
      reversed[i] = rank - 1L - i;
    }
    return call.node().intsAttribute("perm", reversed);
  }

  static Shape squeeze(ShapeCall call) {
    int rank = call.shape(0).rank();
    Optional<long[]> axes = call.ints("axes", 1);
    if (axes.isEmpty() && (call.has(1) || !call.shape(0).isStatic())) {
      return Shape.UNRANKED;
    }
    boolean[] dropped = new boolean[rank];
    for (long axis : axes.orElse(new long[0])) {
      int at = call.axis(axis, rank);
      dropped[at] = true;
      if (call.shape(0).dim(at) instanceof Dim.Fixed(long size) && size != 1) {
        throw call.mismatch(call.describe(0) + " squeezed at axis " + at, "size 1 there");
      }
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      boolean drop = axes.isPresent() ? dropped[i] : call.shape(0).dim(i).equals(Dim.of(1));
      if (!drop) {
        dims.add(call.shape(0).dim(i));
      }
    }
    return Shape.of(dims);
  }

  static Shape unsqueeze(ShapeCall call) {
    Optional<long[]> axes = call.ints("axes", 1);
    if (axes.isEmpty()) {
      return Shape.UNRANKED;
    }
    int rank = call.shape(0).rank() + axes.get().length;
    boolean[] added = new boolean[rank];
    for (long axis : axes.get()) {
      int at = call.axis(axis, rank);
      if (added[at]) {
        throw call.mismatch("axes " + Arrays.toString(axes.get()), "different axes");
      }
      added[at] = true;
    }
    List<Dim> dims = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < rank; i++) {
      dims.add(added[i] ? Dim.of(1) : call.shape(0).dim(from++));
    }
    return Shape.of(dims);
  }

  static Shape concat(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", 0), dims.size());
    Term total = call.in(0).size(axis);
    for (int i = 1; i < call.inputs().size(); i++) {
      call.requireRank(i, dims.size());
      total = total.plus(call.in(i).size(axis));
      for (int j = 0; j < dims.size(); j++) {
        if (j != axis) {
          dims.set(j, call.same(dims.get(j), call.shape(i).dim(j)));
        }
      }
    }
    dims.set(axis, total.toDim());
    return Shape.of(dims);
  }

  static List<Shape> split(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", 0), dims.size());
    Dim whole = dims.get(axis);
    int parts = call.node().outputs().size();
    Optional<long[]> sizes = call.ints("split", 1);
    if (sizes.isPresent()
        && (sizes.get().length != parts
            || whole instanceof Dim.Fixed(long total)
                && Arrays.stream(sizes.get()).sum() != total)) {
      throw call.mismatch(
          call.describe(0) + " split into " + Arrays.toString(sizes.get()),
          parts + " parts that add up to " + whole);
    }
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      dims.set(axis, sizes.isPresent() ? Dim.of(sizes.get()[i]) : part(call, whole, i));
      shapes.add(Shape.of(dims));
    }
    return shapes;
  }

  private static Dim part(ShapeCall call, Dim whole, int index) {
    int parts = call.node().outputs().size();
    if (call.has(1) || !(whole instanceof Dim.Fixed(long size))) {
      return Dim.UNKNOWN;
    }
    long each = Math.ceilDiv(size, parts);
    return Dim.of(index < parts - 1 ? each : Math.max(0, size - each * (parts - 1)));
  }

  /** Slice: starts, ends, axes, steps as inputs (from version 10) or attributes. */
  static Shape slice(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int rank = dims.size();
    Optional<long[]> axes = call.ints("axes", 3);
    if (axes.isEmpty() && call.has(3)) {
      return Shape.of(Collections.nCopies(rank, Dim.UNKNOWN));
    }
    Optional<long[]> starts = call.ints("starts", 1);
    Optional<long[]> ends = call.ints("ends", 2);
    Optional<long[]> steps = call.has(4) ? call.in(4).constants() : Optional.empty();
    int count = axes.map(a -> a.length).orElseGet(() -> starts.map(s -> s.length).orElse(rank));
    for (int i = 0; i < count; i++) {
      int axis = axes.isPresent() ? call.axis(axes.get()[i], rank) : i;
      boolean known = starts.isPresent() && ends.isPresent() && (steps.isPresent() || !call.has(4));
      dims.set(
          axis,
          known
              ? sliced(
                  call,
                  dims.get(axis),
                  starts.get()[i],
                  ends.get()[i],
                  steps.isPresent() ? steps.get()[i] : 1)
              : Dim.UNKNOWN);
    }
    return Shape.of(dims);
  }

  private static Dim sliced(ShapeCall call, Dim whole, long... startEndStep) {
    long step = startEndStep[2];
    if (step == 0) {
      throw call.mismatch("a step of 0", "any other step");
    }
    if (!(whole instanceof Dim.Fixed(long size))) {
      boolean all = startEndStep[0] == 0 && startEndStep[1] >= Integer.MAX_VALUE && step == 1;
      return all ? whole : Dim.UNKNOWN;
    }
    return Dim.of(Range.of(size, startEndStep[0], startEndStep[1], step).count());
  }

  /**
   * The elements that a slice takes.
   *
   * @param start the first
   * @param step the distance, not 0
   * @param count how many
   */
  record Range(long start, long step, long count) {
    /** Clamps as Slice does: starts and ends outside the axis are moved to its ends. */
    static Range of(long size, long start, long end, long step) {
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? size : size - 1;
      long first =
          Math.clamp(
              start < 0 ? start + size : start,
              step > 0 ? 0 : Math.min(0, high),
              Math.max(low, high));
      long last =
          Math.clamp(
              end < 0 && end > Long.MIN_VALUE / 2 ? end + size : end, low, Math.max(low, high));
      long span = step > 0 ? last - first : first - last;
      return new Range(first, step, Math.max(0, Math.ceilDiv(span, Math.abs(step))));
    }
  }

  static Shape pad(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int rank = dims.size();
    Optional<long[]> axes = call.has(3) ? call.in(3).constants() : Optional.empty();
    Optional<long[]> pads = call.ints("pads", 1);
    if (pads.isEmpty() || call.has(3) && axes.isEmpty()) {
      return Shape.of(Collections.nCopies(rank, Dim.UNKNOWN));
    }
    int count = pads.get().length / 2;
    if (pads.get().length != 2 * axes.map(a -> a.length).orElse(rank)) {
      throw call.mismatch("pads " + Arrays.toString(pads.get()), "two for each axis");
    }
    for (int i = 0; i < count; i++) {
      int axis = axes.isPresent() ? call.axis(axes.get()[i], rank) : i;
      Term grown = call.in(0).size(axis).plus(Term.of(pads.get()[i] + pads.get()[count + i]));
      dims.set(axis, grown.toDim());
    }
    return Shape.of(dims);
  }

  /** CenterCropPad: the sizes asked for, along the axes named. */
  static Shape centerCropPad(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int rank = dims.size();
    long[] axes = call.node().intsAttribute("axes", LongStream.range(0, rank).toArray());
    Optional<List<Term>> sizes = call.in(1).content();
    for (int i = 0; i < axes.length; i++) {
      Term size = sizes.isPresent() ? sizes.get().get(i) : Term.UNKNOWN;
      dims.set(call.axis(axes[i], rank), size.toDim());
    }
    return Shape.of(dims);
  }

  static Shape expand(ShapeCall call) {
    return call.in(1)
        .content()
        .map(sizes -> Shape.of(sizes.stream().map(Term::toDim).toList()))
        .or(() -> Optional.of(unknownOfRank(call.shape(1))).filter(Shape::ranked))
        .map(shape -> Broadcast.of(call, call.shape(0), shape))
        .orElse(Shape.UNRANKED);
  }

  static Shape tile(ShapeCall call) {
    int rank = call.shape(0).rank();
    Optional<List<Term>> repeats = call.in(1).content();
    if (repeats.isEmpty()) {
      return Shape.of(Collections.nCopies(rank, Dim.UNKNOWN));
    }
    if (repeats.get().size() != rank) {
      throw call.mismatch("repeats " + repeats.get(), "one for each axis of " + call.describe(0));
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      dims.add(call.in(0).size(i).times(repeats.get().get(i)).toDim());
    }
    return Shape.of(dims);
  }

  static Shape depthToSpace(ShapeCall call) {
    call.requireRank(0, 4);
    Term block = Term.of(call.node().intAttribute("blocksize", 1));
    boolean grows = call.node().op().equals("DepthToSpace");
    Term area = block.times(block);
    Fact x = call.in(0);
    Term depth = grows ? x.size(1).dividedBy(area) : x.size(1).times(area);
    Term height = grows ? x.size(2).times(block) : x.size(2).dividedBy(block);
    Term width = grows ? x.size(3).times(block) : x.size(3).dividedBy(block);
    return Shape.of(List.of(call.shape(0).dim(0), depth.toDim(), height.toDim(), width.toDim()));
  }

  static Shape sized(ShapeCall call) {
    return sizes(call, 0);
  }

  /** The shape whose sizes an input holds. */
  static Shape sizes(ShapeCall call, int input) {
    return call.in(input)
        .content()
        .map(sizes -> Shape.of(sizes.stream().map(Term::toDim).toList()))
        .orElseGet(() -> unknownOfRank(call.shape(input)));
  }
}

package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that move elements, of any type, or only change the shape. */
final class Movement {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Identity", one(call -> call.in(0))),
          entry("Reshape", one(Movement::reshape)),
          entry("Flatten", one(Movement::flatten)),
          entry("Squeeze", one(Movement::squeeze)),
          entry("Unsqueeze", one(Movement::unsqueeze)),
          entry("Transpose", one(Movement::transpose)),
          entry("Expand", one(Movement::expand)),
          entry("Tile", one(Movement::tile)),
          entry("Concat", one(Movement::concat)),
          entry("Trilu", one(Movement::trilu)),
          entry("DepthToSpace", one(Movement::depthToSpace)),
          entry("SpaceToDepth", one(Movement::spaceToDepth)));

  private Movement() {}

  /** All elements of one array, then all of another of the same type. */
  static Array append(Call call, Array first, Array second) {
    int[] dims = {Math.addExact(first.size(), second.size())};
    if (first instanceof Array.Reals x && second instanceof Array.Reals y) {
      double[] values = Arrays.copyOf(x.values(), dims[0]);
      System.arraycopy(y.values(), 0, values, x.size(), y.size());
      return new Array.Reals(x.type(), dims, values);
    }
    if (first instanceof Array.Integers x && second instanceof Array.Integers y) {
      long[] values = Arrays.copyOf(x.values(), dims[0]);
      System.arraycopy(y.values(), 0, values, x.size(), y.size());
      return new Array.Integers(x.type(), dims, values);
    }
    if (first instanceof Array.Texts x && second instanceof Array.Texts y) {
      String[] values = Arrays.copyOf(x.values(), dims[0]);
      System.arraycopy(y.values(), 0, values, x.size(), y.size());
      return new Array.Texts(dims, values);
    }
    throw call.bad(first.type() + " and " + second.type() + " (expected: one type)");
  }

  /** 0 copies a size unless allowzero is set; -1 stands for what is left. */
  private static Array reshape(Call call) {
    Array input = call.in(0);
    long[] asked = call.inputOrAttribute(1, "shape").orElseThrow(() -> call.bad("no shape"));
    long[] dims = asked.clone();
    int open = -1;
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims[axis] == 0 && !call.flag("allowzero")) {
        dims[axis] = axis < input.rank() ? input.dims()[axis] : 0;
      } else if (dims[axis] == -1 && open < 0) {
        open = axis;
        dims[axis] = 1;
      }
    }
    if (Arrays.stream(dims).anyMatch(dim -> dim < 0)) {
      throw misfit(call, input, asked);
    }
    int[] known = Sizes.require(dims);
    int count = Sizes.count(known);
    if (open >= 0 && count > 0) {
      known[open] = input.size() / count;
    }
    if (Sizes.count(known) != input.size()) {
      throw misfit(call, input, asked);
    }
    return input.reshaped(known);
  }

  private static RuntimeException misfit(Call call, Array input, long[] asked) {
    return call.bad(
        "shape "
            + Arrays.toString(asked)
            + " for "
            + Arrays.toString(input.dims())
            + " (expected: as many elements)");
  }

  private static Array flatten(Call call) {
    int[] dims = call.in(0).dims();
    long given = call.number("axis", 1);
    int axis = given == dims.length ? dims.length : call.axis(given, Math.max(1, dims.length));
    return call.in(0)
        .reshaped(new int[] {Sizes.count(dims, 0, axis), Sizes.count(dims, axis, dims.length)});
  }

  private static Array squeeze(Call call) {
    int[] dims = call.in(0).dims();
    int[] axes =
        call.inputOrAttribute(1, "axes")
            .map(given -> call.axes(given, dims.length))
            .orElseGet(
                () -> IntStream.range(0, dims.length).filter(axis -> dims[axis] == 1).toArray());
    for (int axis : axes) {
      if (dims[axis] != 1) {
        throw call.bad("axis " + axis + " of " + Arrays.toString(dims) + " (expected: size 1)");
      }
    }
    return call.in(0).reshaped(without(dims, axes));
  }

  static int[] without(int[] dims, int[] axes) {
    return IntStream.range(0, dims.length)
        .filter(axis -> Arrays.stream(axes).noneMatch(gone -> gone == axis))
        .map(axis -> dims[axis])
        .toArray();
  }

  private static Array unsqueeze(Call call) {
    long[] given = call.inputOrAttribute(1, "axes").orElseThrow(() -> call.bad("no axes"));
    int[] dims = call.in(0).dims();
    int[] axes = call.axes(given, dims.length + given.length);
    int[] wide = new int[dims.length + axes.length];
    int next = 0;
    for (int axis = 0; axis < wide.length; axis++) {
      int at = axis;
      wide[axis] = Arrays.stream(axes).anyMatch(a -> a == at) ? 1 : dims[next++];
    }
    return call.in(0).reshaped(wide);
  }

  private static Array transpose(Call call) {
    int rank = call.in(0).rank();
    int[] reversed = IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
    int[] order = call.sizes("perm", reversed);
    int[] sorted = call.axes(Arrays.stream(order).asLongStream().toArray(), rank);
    if (sorted.length != rank) {
      throw call.bad("perm " + Arrays.toString(order) + " (expected: " + rank + " axes)");
    }
    return permute(call.in(0), order);
  }

  /** The array with its axes in another order. */
  static Array permute(Array array, int... order) {
    int[] strides = Sizes.strides(array.dims());
    int[] dims = Arrays.stream(order).map(axis -> array.dims()[axis]).toArray();
    int[] steps = Arrays.stream(order).map(axis -> strides[axis]).toArray();
    return array.pick(dims, Sizes.places(dims, steps, 0));
  }

  /** The order of axes that undoes another. */
  static int[] inverse(int[] order) {
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return inverse;
  }

  private static Array expand(Call call) {
    int[] dims = Broadcast.join(call, call.in(0).dims(), Sizes.require(call.longs(1)));
    return Broadcast.stretch(call.in(0), Sizes.require(dims));
  }

  private static Array tile(Call call) {
    int[] dims = call.in(0).dims();
    long[] repeats = call.longs(1);
    if (repeats.length != dims.length) {
      throw call.bad(repeats.length + " repeats (expected: " + dims.length + ")");
    }
    int[] wide =
        Sizes.require(
            IntStream.range(0, dims.length)
                .mapToLong(axis -> Math.multiplyExact(repeats[axis], (long) dims[axis]))
                .toArray());
    int[] places = new int[Sizes.count(wide)];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(wide, i);
      Arrays.setAll(index, axis -> index[axis] % dims[axis]);
      places[i] = Sizes.place(dims, index);
    }
    return call.in(0).pick(wide, places);
  }

  private static Array concat(Call call) {
    Array[] parts = call.all();
    int rank = parts[0].rank();
    int axis = call.axis("axis", 0, rank);
    long[] dims = Arrays.stream(parts[0].dims()).asLongStream().toArray();
    dims[axis] = 0;
    for (Array part : parts) {
      int[] sizes = part.dims();
      boolean fits =
          sizes.length == rank
              && IntStream.range(0, rank).allMatch(i -> i == axis || sizes[i] == dims[i]);
      if (!fits) {
        throw call.bad(
            "shape "
                + Arrays.toString(sizes)
                + " beside "
                + Arrays.toString(parts[0].dims())
                + " (expected: equal but for axis "
                + axis
                + ")");
      }
      dims[axis] += sizes[axis];
    }
    return join(call, parts, axis, Sizes.require(dims));
  }

  private static Array join(Call call, Array[] parts, int axis, int[] dims) {
    Array all = parts[0].reshaped(new int[] {parts[0].size()});
    int[] starts = new int[parts.length];
    for (int i = 1; i < parts.length; i++) {
      starts[i] = all.size();
      all = append(call, all, parts[i]);
    }
    int[] places = new int[Sizes.count(dims)];
    int inner = Sizes.count(dims, axis + 1, dims.length);
    int outer = Sizes.count(dims, 0, axis);
    int next = 0;
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < parts.length; i++) {
        int run = parts[i].dims()[axis] * inner;
        for (int k = 0; k < run; k++) {
          places[next++] = starts[i] + o * run + k;
        }
      }
    }
    return all.pick(dims, places);
  }

  private static Array trilu(Call call) {
    Array input = call.in(0);
    int[] dims = input.dims();
    if (dims.length < 2) {
      throw call.bad("shape " + Arrays.toString(dims) + " (expected: two axes or more)");
    }
    boolean upper = call.number("upper", 1) != 0;
    long diagonal = call.has(1) ? call.longs(1)[0] : 0;
    int columns = dims[dims.length - 1];
    int rows = dims[dims.length - 2];
    int[] places = new int[input.size()];
    for (int i = 0; i < places.length; i++) {
      long beyond = i % columns - (long) (i / columns % rows);
      places[i] = (upper ? beyond >= diagonal : beyond <= diagonal) ? i : -1;
    }
    return input.pick(dims, places);
  }

  private static Array depthToSpace(Call call) {
    int b = call.size(call.number("blocksize", 1));
    int[] d = call.in(0).dims();
    int c = d[1] / (b * b);
    boolean columnsFirst = call.node().stringAttribute("mode", "DCR").equals("DCR");
    int[] parts =
        columnsFirst
            ? new int[] {d[0], b, b, c, d[2], d[3]}
            : new int[] {d[0], c, b, b, d[2], d[3]};
    int[] order = columnsFirst ? new int[] {0, 3, 4, 1, 5, 2} : new int[] {0, 1, 4, 2, 5, 3};
    return permute(call.in(0).reshaped(parts), order)
        .reshaped(new int[] {d[0], c, d[2] * b, d[3] * b});
  }

  private static Array spaceToDepth(Call call) {
    int b = call.size(call.number("blocksize", 1));
    int[] d = call.in(0).dims();
    int[] parts = {d[0], d[1], d[2] / b, b, d[3] / b, b};
    return permute(call.in(0).reshaped(parts), 0, 3, 5, 1, 2, 4)
        .reshaped(new int[] {d[0], d[1] * b * b, d[2] / b, d[3] / b});
  }
}

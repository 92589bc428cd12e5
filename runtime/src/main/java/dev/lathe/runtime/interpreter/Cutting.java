package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operators that cut pieces out of axes, or add to their ends. */
final class Cutting {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Split", Cutting::split),
          entry("Slice", one(Cutting::slice)),
          entry("Pad", one(Cutting::pad)),
          entry("CenterCropPad", one(Cutting::centerCropPad)),
          entry("ReverseSequence", one(Cutting::reverseSequence)));

  private Cutting() {}

  private static List<Array> split(Call call) {
    Array input = call.in(0);
    int axis = call.axis("axis", 0, input.rank());
    int size = input.dims()[axis];
    Optional<long[]> given = call.inputOrAttribute(1, "split");
    int parts = call.size(call.number("num_outputs", call.node().outputs().size()));
    int even = parts == 0 ? size : (size + parts - 1) / parts;
    List<Array> outputs = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < (given.isPresent() ? given.get().length : parts); i++) {
      int length = given.isPresent() ? call.size(given.get()[i]) : Math.min(even, size - start);
      if (length < 0 || length > size - start) {
        throw call.bad("part " + i + " of " + length + " beyond axis " + axis + " of " + size);
      }
      outputs.add(range(input, axis, start, length));
      start += length;
    }
    if (start != size) {
      throw call.bad("parts of " + start + " in all (expected: " + size + ")");
    }
    return outputs;
  }

  /** A run of an axis. */
  static Array range(Array array, int axis, int start, int length) {
    int[] dims = array.dims().clone();
    dims[axis] = length;
    int[] strides = Sizes.strides(array.dims());
    return array.pick(dims, Sizes.places(dims, strides, start * strides[axis]));
  }

  /** Starts and ends are attributes before opset 10. */
  private static Array slice(Call call) {
    Array input = call.in(0);
    long[] starts = call.inputOrAttribute(1, "starts").orElseThrow(() -> call.bad("no starts"));
    long[] ends = call.inputOrAttribute(2, "ends").orElseThrow(() -> call.bad("no ends"));
    long[] axes =
        call.inputOrAttribute(3, "axes")
            .orElseGet(() -> IntStream.range(0, starts.length).asLongStream().toArray());
    if (ends.length != starts.length || axes.length != starts.length) {
      throw call.bad("starts, ends and axes of different lengths");
    }
    int[] dims = input.dims().clone();
    int[] strides = Sizes.strides(input.dims());
    int[] steps = strides.clone();
    int base = 0;
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], input.rank());
      Cut cut = Cut.of(call, new long[] {starts[i], ends[i], step(call, i)}, input.dims()[axis]);
      dims[axis] = cut.count;
      base += cut.start * strides[axis];
      steps[axis] = cut.step * strides[axis];
    }
    return input.pick(dims, Sizes.places(dims, steps, base));
  }

  private static long step(Call call, int index) {
    return call.has(4) ? call.longs(4)[index] : 1;
  }

  /**
   * What a slice takes of an axis.
   *
   * @param start the first place
   * @param step the distance to the next, not 0
   * @param count how many
   */
  private record Cut(int start, int step, int count) {
    /** Clamps as the specification of Slice-13 says; the range is start, end, step. */
    static Cut of(Call call, long[] range, int size) {
      long step = range[2];
      if (step == 0) {
        throw call.bad("a step of 0 (expected: another number)");
      }
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? size : size - 1L;
      long start = Math.clamp(fromEnd(range[0], size), Math.max(low, 0), Math.max(high, 0));
      long end = Math.clamp(fromEnd(range[1], size), low, Math.max(high, low));
      long bounded = Math.clamp(step, -Integer.MAX_VALUE, Integer.MAX_VALUE);
      long span = bounded > 0 ? end - start : start - end;
      long count = span <= 0 || size == 0 ? 0 : (span - 1) / Math.abs(bounded) + 1;
      return new Cut((int) start, count <= 1 ? 0 : (int) bounded, (int) count);
    }

    private static long fromEnd(long place, int size) {
      return place < 0 && place >= Long.MIN_VALUE + size ? place + size : place;
    }
  }

  /** Pads are begins, then ends, and may be negative; they are an attribute before opset 11. */
  private static Array pad(Call call) {
    Array input = call.in(0);
    int[] dims = input.dims();
    int rank = dims.length;
    long[] pads = call.inputOrAttribute(1, "pads").orElseThrow(() -> call.bad("no pads"));
    int[] axes =
        call.has(3)
            ? Arrays.stream(call.longs(3)).mapToInt(axis -> call.axis(axis, rank)).toArray()
            : IntStream.range(0, rank).toArray();
    if (pads.length != 2 * axes.length) {
      throw call.bad(pads.length + " pads (expected: " + 2 * axes.length + ")");
    }
    long[] wide = Arrays.stream(dims).asLongStream().toArray();
    int[] shift = new int[rank];
    for (int i = 0; i < axes.length; i++) {
      shift[axes[i]] = call.size(pads[i]);
      wide[axes[i]] = Math.addExact(wide[axes[i]], Math.addExact(pads[i], pads[i + axes.length]));
    }
    int[] padded = Sizes.require(wide);
    String mode = call.node().stringAttribute("mode", "constant");
    int[] places = new int[Sizes.count(padded)];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(padded, i);
      boolean inside = true;
      for (int axis = 0; axis < rank; axis++) {
        index[axis] = mirror(call, mode, index[axis] - shift[axis], dims[axis]);
        inside &= index[axis] >= 0;
      }
      places[i] = inside ? Sizes.place(dims, index) : -1;
    }
    return input.pick(padded, places, filling(call));
  }

  private static Array filling(Call call) {
    if (call.has(2)) {
      return call.in(2);
    }
    double value = call.real("value", 0);
    return new Array.Reals(ElementType.DOUBLE, new int[0], new double[] {value});
  }

  /** Where a place outside of an axis takes its element from; -1 for the filling. */
  private static int mirror(Call call, String mode, int place, int size) {
    boolean inside = place >= 0 && place < size;
    return switch (mode) {
      case "constant" -> inside ? place : -1;
      case "edge" -> Math.clamp(place, 0, size - 1);
      case "wrap" -> Math.floorMod(place, size);
      case "reflect" -> {
        if (size == 1) {
          yield 0;
        }
        int folded = Math.floorMod(place, 2 * (size - 1));
        yield folded < size ? folded : 2 * (size - 1) - folded;
      }
      default -> throw call.bad("mode \"" + mode + "\" (expected: constant, edge, reflect, wrap)");
    };
  }

  /** Each axis named is cut or filled at both ends alike; an odd element goes to the end. */
  private static Array centerCropPad(Call call) {
    Array input = call.in(0);
    long[] sizes = call.longs(1);
    long[] every = IntStream.range(0, input.rank()).asLongStream().toArray();
    long[] axes = call.node().intsAttribute("axes", every);
    int[] dims = input.dims().clone();
    int[] shift = new int[dims.length];
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], dims.length);
      int size = dims[axis];
      dims[axis] = call.size(sizes[i]);
      shift[axis] = size > dims[axis] ? (size - dims[axis]) / 2 : -((dims[axis] - size) / 2);
    }
    int[] places = new int[Sizes.count(Sizes.require(dims))];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(dims, i);
      boolean inside = true;
      for (int axis = 0; axis < dims.length; axis++) {
        index[axis] += shift[axis];
        inside &= index[axis] >= 0 && index[axis] < input.dims()[axis];
      }
      places[i] = inside ? Sizes.place(input.dims(), index) : -1;
    }
    return input.pick(dims, places);
  }

  /** The first elements of each sequence, as many as its length says, turned round. */
  private static Array reverseSequence(Call call) {
    Array input = call.in(0);
    int batch = call.axis("batch_axis", 1, input.rank());
    int time = call.axis("time_axis", 0, input.rank());
    int[] places = new int[input.size()];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(input.dims(), i);
      int length = call.size(call.longs(1)[index[batch]]);
      if (length < 0 || length > input.dims()[time]) {
        throw call.bad("length " + length + " (expected: 0 to " + input.dims()[time] + ")");
      }
      index[time] = index[time] < length ? length - 1 - index[time] : index[time];
      places[i] = Sizes.place(input.dims(), index);
    }
    return input.pick(input.dims(), places);
  }
}

package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that take or put elements at places that are values themselves. */
final class Indexing {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Gather", one(Indexing::gather)),
          entry("GatherElements", one(Indexing::gatherElements)),
          entry("GatherND", one(Indexing::gatherNd)),
          entry("ScatterElements", one(Indexing::scatterElements)),
          entry("ScatterND", one(Indexing::scatterNd)),
          entry("NonZero", one(Indexing::nonZero)),
          entry("Compress", one(Indexing::compress)),
          entry("TopK", Indexing::topK));

  private Indexing() {}

  /** An index into an axis, negative from the end. */
  private static int within(Call call, long index, int size) {
    if (index < -size || index >= size) {
      throw call.bad("index " + index + " (expected: " + -size + " to " + (size - 1) + ")");
    }
    return (int) (index < 0 ? index + size : index);
  }

  private static Array gather(Call call) {
    Array data = call.in(0);
    long[] indices = call.longs(1);
    int axis = call.axis("axis", 0, data.rank());
    int size = data.dims()[axis];
    int outer = Sizes.count(data.dims(), 0, axis);
    int inner = Sizes.count(data.dims(), axis + 1, data.rank());
    int[] places = new int[Sizes.count(Sizes.require((long) outer, indices.length, inner))];
    for (int i = 0; i < places.length; i++) {
      int index = within(call, indices[i / inner % indices.length], size);
      places[i] = (i / inner / indices.length * size + index) * inner + i % inner;
    }
    IntStream before = Arrays.stream(data.dims(), 0, axis);
    IntStream after = Arrays.stream(data.dims(), axis + 1, data.rank());
    int[] dims =
        IntStream.concat(IntStream.concat(before, Arrays.stream(call.in(1).dims())), after)
            .toArray();
    return data.pick(dims, places);
  }

  /** For each index the place in data of the same position, but for the axis. */
  private static int[] elementPlaces(Call call) {
    int[] dims = call.in(0).dims();
    int[] shape = call.in(1).dims();
    long[] indices = call.longs(1);
    int axis = call.axis("axis", 0, dims.length);
    if (shape.length != dims.length
        || !IntStream.range(0, dims.length).allMatch(i -> i == axis || shape[i] <= dims[i])) {
      throw call.bad(
          "indices "
              + Arrays.toString(shape)
              + " for data "
              + Arrays.toString(dims)
              + " (expected: within it)");
    }
    int[] places = new int[indices.length];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(shape, i);
      index[axis] = within(call, indices[i], dims[axis]);
      places[i] = Sizes.place(dims, index);
    }
    return places;
  }

  private static Array gatherElements(Call call) {
    return call.in(0).pick(call.in(1).dims(), elementPlaces(call));
  }

  /** The starts in data of the slices that rows of indices name, after some batch axes. */
  private static int[] slicePlaces(Call call, int batchAxes) {
    int[] dims = call.in(0).dims();
    int[] shape = call.in(1).dims();
    long[] indices = call.longs(1);
    int depth = shape.length == 0 ? 0 : shape[shape.length - 1];
    if (depth < 1 || batchAxes < 0 || depth + batchAxes > dims.length) {
      throw call.bad("indices " + Arrays.toString(shape) + " for data " + Arrays.toString(dims));
    }
    int[] strides = Sizes.strides(dims);
    int rows = indices.length / depth;
    int batches = Sizes.count(dims, 0, batchAxes);
    int[] starts = new int[rows];
    for (int row = 0; row < rows; row++) {
      int batch = row / (rows / batches);
      int start = batchAxes == 0 ? 0 : batch * strides[batchAxes - 1];
      for (int k = 0; k < depth; k++) {
        int axis = batchAxes + k;
        start += within(call, indices[row * depth + k], dims[axis]) * strides[axis];
      }
      starts[row] = start;
    }
    return starts;
  }

  private static Array gatherNd(Call call) {
    int batchAxes = call.size(call.number("batch_dims", 0));
    int[] starts = slicePlaces(call, batchAxes);
    int[] data = call.in(0).dims();
    int[] shape = call.in(1).dims();
    int[] inner = Arrays.copyOfRange(data, batchAxes + shape[shape.length - 1], data.length);
    int[] dims =
        IntStream.concat(Arrays.stream(shape, 0, shape.length - 1), Arrays.stream(inner)).toArray();
    return call.in(0).pick(Sizes.require(dims), spread(starts, Sizes.count(inner)));
  }

  /** Runs of consecutive places. */
  private static int[] spread(int[] starts, int length) {
    int[] places = new int[Sizes.count(Sizes.require((long) starts.length, length))];
    Arrays.setAll(places, i -> starts[i / length] + i % length);
    return places;
  }

  private static Array scatterElements(Call call) {
    return scatter(call, elementPlaces(call));
  }

  private static Array scatterNd(Call call) {
    int[] starts = slicePlaces(call, 0);
    int[] shape = call.in(1).dims();
    int[] data = call.in(0).dims();
    return scatter(call, spread(starts, Sizes.count(data, shape[shape.length - 1], data.length)));
  }

  /** Data with updates put, or added, multiplied, compared, at places, in order. */
  private static Array scatter(Call call, int[] places) {
    Array updates = call.in(2);
    if (updates.size() != places.length || updates.type() != call.in(0).type()) {
      throw call.bad(
          "updates "
              + updates.type()
              + Arrays.toString(updates.dims())
              + " (expected: "
              + call.in(0).type()
              + ", "
              + places.length
              + " elements)");
    }
    String reduction = call.node().stringAttribute("reduction", "none");
    if (call.in(0) instanceof Array.Reals data && updates instanceof Array.Reals more) {
      double[] values = data.values().clone();
      for (int i = 0; i < places.length; i++) {
        values[places[i]] = merge(call, reduction, values[places[i]], more.values()[i]);
      }
      return new Array.Reals(data.type(), data.dims(), values);
    }
    if (call.in(0) instanceof Array.Integers data && updates instanceof Array.Integers more) {
      long[] values = data.values().clone();
      for (int i = 0; i < places.length; i++) {
        long merged = merge(call, reduction, values[places[i]], more.values()[i]);
        values[places[i]] = Words.wrap(data.type(), merged);
      }
      return new Array.Integers(data.type(), data.dims(), values);
    }
    if (!reduction.equals("none")) {
      throw call.bad("reduction \"" + reduction + "\" of texts (expected: none)");
    }
    int[] from = IntStream.range(0, call.in(0).size()).toArray();
    for (int i = 0; i < places.length; i++) {
      from[places[i]] = call.in(0).size() + i;
    }
    return Movement.append(call, call.in(0), updates).pick(call.in(0).dims(), from);
  }

  private static double merge(Call call, String reduction, double old, double update) {
    return switch (reduction) {
      case "none" -> update;
      case "add" -> old + update;
      case "mul" -> old * update;
      case "max" -> Math.max(old, update);
      case "min" -> Math.min(old, update);
      default -> throw badReduction(call, reduction);
    };
  }

  private static long merge(Call call, String reduction, long old, long update) {
    boolean larger = Words.compare(call.in(0).type(), update, old) > 0;
    return switch (reduction) {
      case "none" -> update;
      case "add" -> old + update;
      case "mul" -> old * update;
      case "max" -> larger ? update : old;
      case "min" -> larger ? old : update;
      default -> throw badReduction(call, reduction);
    };
  }

  private static RuntimeException badReduction(Call call, String reduction) {
    return call.bad("reduction \"" + reduction + "\" (expected: none, add, mul, max, min)");
  }

  /** Indices of what is not zero: [rank, count], in row-major order. */
  private static Array nonZero(Call call) {
    Array input = call.in(0);
    int[] found =
        IntStream.range(0, input.size()).filter(place -> input.real(place) != 0).toArray();
    int rank = Math.max(1, input.rank());
    int[] dims = input.rank() == 0 ? new int[] {1} : input.dims();
    long[] values = new long[rank * found.length];
    for (int i = 0; i < found.length; i++) {
      int[] index = Sizes.index(dims, found[i]);
      for (int axis = 0; axis < rank; axis++) {
        values[axis * found.length + i] = index[axis];
      }
    }
    return new Array.Integers(ElementType.INT64, new int[] {rank, found.length}, values);
  }

  /** Values and indices of the k largest or smallest along an axis, sorted; first index on ties. */
  private static List<Array> topK(Call call) {
    Array input = call.in(0);
    int axis = call.axis("axis", -1, input.rank());
    int size = input.dims()[axis];
    int k = call.size(call.longs(1)[0]);
    if (k < 0 || k > size) {
      throw call.bad("k " + k + " (expected: 0 to " + size + ")");
    }
    int sign = call.number("largest", 1) != 0 ? -1 : 1;
    int[] dims = input.dims().clone();
    dims[axis] = k;
    int inner = Sizes.count(dims, axis + 1, dims.length);
    int[] places = new int[Sizes.count(dims)];
    long[] indices = new long[places.length];
    for (int run = 0; k > 0 && run < places.length / k; run++) {
      int base = run / inner * size * inner + run % inner;
      int[] order =
          IntStream.range(0, size)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> sign * input.real(base + i * inner)))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int i = 0; i < k; i++) {
        int at = run / inner * k * inner + i * inner + run % inner;
        indices[at] = order[i];
        places[at] = base + order[i] * inner;
      }
    }
    return List.of(input.pick(dims, places), new Array.Integers(ElementType.INT64, dims, indices));
  }

  /** What is picked along an axis, or of all elements; a short condition picks none of the rest. */
  private static Array compress(Call call) {
    boolean flat = call.node().attribute("axis").isEmpty();
    Array input = flat ? call.in(0).reshaped(new int[] {call.in(0).size()}) : call.in(0);
    int axis = flat ? 0 : call.axis("axis", 0, input.rank());
    long[] condition = call.longs(1);
    int[] picked =
        IntStream.range(0, Math.min(condition.length, input.dims()[axis]))
            .filter(i -> condition[i] != 0)
            .toArray();
    int[] dims = input.dims().clone();
    dims[axis] = picked.length;
    int[] places = new int[Sizes.count(dims)];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(dims, i);
      index[axis] = picked[index[axis]];
      places[i] = Sizes.place(input.dims(), index);
    }
    return input.pick(dims, places);
  }
}

package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Operators that make values from shapes, attributes and scalars. */
final class Making {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Constant", one(Making::constant)),
          entry("ConstantOfShape", one(Making::constantOfShape)),
          entry("Shape", one(Making::shape)),
          entry("Size", one(call -> scalar(call.in(0).size()))),
          entry("Range", one(Making::range)),
          entry("EyeLike", one(Making::eyeLike)),
          entry("OneHot", one(Making::oneHot)));

  private Making() {}

  static Array scalar(long value) {
    return new Array.Integers(ElementType.INT64, new int[0], new long[] {value});
  }

  private static Array constant(Call call) {
    Attribute value =
        call.node().attributes().values().stream()
            .findFirst()
            .orElseThrow(() -> call.bad("no value"));
    return switch (value) {
      case Attribute.OfTensor(Tensor tensor) -> Array.of(tensor);
      case Attribute.OfFloat(float number) -> Array.of(Tensor.scalar(number));
      case Attribute.OfInt(long number) -> scalar(number);
      case Attribute.OfString(Bytes text) ->
          new Array.Texts(new int[0], new String[] {text.utf8()});
      case Attribute.OfInts(var numbers) ->
          new Array.Integers(
              ElementType.INT64,
              new int[] {numbers.size()},
              numbers.stream().mapToLong(Long::longValue).toArray());
      case Attribute.OfFloats(var numbers) ->
          new Array.Reals(
              ElementType.FLOAT,
              new int[] {numbers.size()},
              numbers.stream().mapToDouble(Float::doubleValue).toArray());
      case Attribute.OfStrings(var texts) ->
          new Array.Texts(
              new int[] {texts.size()}, texts.stream().map(Bytes::utf8).toArray(String[]::new));
      case Attribute.OfSparseTensor _,
          Attribute.OfGraph _,
          Attribute.OfType _,
          Attribute.OfTensors _,
          Attribute.OfSparseTensors _,
          Attribute.OfGraphs _,
          Attribute.OfTypes _,
          Attribute.Reference _ ->
          throw call.unsupported("a constant of another kind than tensor, number or text");
    };
  }

  private static Array constantOfShape(Call call) {
    int[] dims = Sizes.require(call.longs(0));
    Array value =
        call.node().attribute("value").orElse(Attribute.of(Tensor.scalar(0f)))
                instanceof Attribute.OfTensor(Tensor tensor)
            ? Array.of(tensor)
            : Array.of(Tensor.scalar(0f));
    return value.pick(dims, new int[Sizes.count(dims)]);
  }

  /** Start and end clamp, and count from the end if negative (opset 15). */
  private static Array shape(Call call) {
    int[] dims = call.in(0).dims();
    int rank = dims.length;
    int start = bound(call.number("start", 0), rank);
    int end = bound(call.number("end", rank), rank);
    long[] sizes =
        Arrays.stream(Arrays.copyOfRange(dims, start, Math.max(start, end)))
            .asLongStream()
            .toArray();
    return new Array.Integers(ElementType.INT64, new int[] {sizes.length}, sizes);
  }

  private static int bound(long place, int rank) {
    return Math.clamp(place < 0 ? place + rank : place, 0, rank);
  }

  private static Array range(Call call) {
    ElementType type = call.in(0).type();
    if (call.in(2).real(0) == 0) {
      throw call.bad("a step of 0 (expected: another number)");
    }
    if (call.in(0) instanceof Array.Reals start) {
      double delta = call.reals(2).values()[0];
      double steps = Math.ceil((call.reals(1).values()[0] - start.values()[0]) / delta);
      int[] dims = Sizes.require((long) Math.max(0, steps));
      double[] values = new double[dims[0]];
      Arrays.setAll(values, i -> start.values()[0] + i * delta);
      return new Array.Reals(type, dims, values);
    }
    long start = call.longs(0)[0];
    long delta = call.longs(2)[0];
    long span = Math.subtractExact(call.longs(1)[0], start);
    int[] dims = Sizes.require(Math.max(0, Math.ceilDiv(span, delta)));
    long[] values = new long[dims[0]];
    Arrays.setAll(values, i -> start + i * delta);
    return new Array.Integers(type, dims, values);
  }

  private static Array eyeLike(Call call) {
    int[] dims = call.in(0).dims();
    long diagonal = call.number("k", 0);
    if (dims.length != 2) {
      throw call.bad("shape " + Arrays.toString(dims) + " (expected: two axes)");
    }
    long[] ones = new long[Sizes.count(dims)];
    for (int row = 0; row < dims[0]; row++) {
      long column = row + diagonal;
      if (column >= 0 && column < dims[1]) {
        ones[Sizes.place(dims, row, (int) column)] = 1;
      }
    }
    Array eye = new Array.Integers(ElementType.INT64, dims, ones);
    return Converting.cast(call, eye, call.type("dtype", call.in(0).type()));
  }

  /** Indices beyond the depth, on either side, make a row of off values. */
  private static Array oneHot(Call call) {
    Array indices = call.in(0);
    long depth = (long) call.in(1).real(0);
    int axis = call.axis("axis", -1, indices.rank() + 1);
    long[] dims = new long[indices.rank() + 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i == axis ? depth : indices.dims()[i < axis ? i : i - 1];
    }
    int[] wide = Sizes.require(dims);
    int inner = Sizes.count(wide, axis + 1, wide.length);
    int[] places = new int[Sizes.count(wide)];
    for (int i = 0; i < places.length; i++) {
      long column = i / inner % depth;
      int index = i / inner / wide[axis] * inner + i % inner;
      long hot = (long) indices.real(index);
      places[i] = (hot < 0 ? hot + depth : hot) == column ? 1 : 0;
    }
    return call.in(2).pick(wide, places);
  }
}

package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Operators that change the element type: casts and linear quantization. */
final class Converting {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Cast", one(call -> cast(call, call.in(0), call.type("to", ElementType.FLOAT)))),
          entry("CastLike", one(call -> cast(call, call.in(0), call.in(1).type()))),
          entry("QuantizeLinear", one(Converting::quantize)),
          entry("DequantizeLinear", one(Converting::dequantize)));

  private Converting() {}

  /**
   * Casts. FLOAT and DOUBLE keep their full precision; narrower floating types round, since that is
   * what a cast to them is for. Floating values are truncated towards zero on the way to integers,
   * and integers keep their low bits.
   */
  static Array cast(Call call, Array array, ElementType to) {
    if (array.type() == to) {
      return array;
    }
    if (to == ElementType.STRING) {
      return texts(array);
    }
    if (!to.isFloating() && !to.isInteger() && to != ElementType.BOOL) {
      throw call.unsupported("cast to " + to);
    }
    Array numbers = array instanceof Array.Texts texts ? parsed(call, texts, to) : array;
    if (to.isFloating()) {
      double[] values = new double[numbers.size()];
      Arrays.setAll(values, i -> rounded(to, numbers.real(i)));
      return new Array.Reals(to, numbers.dims(), values);
    }
    long[] values = new long[numbers.size()];
    Arrays.setAll(
        values,
        i ->
            numbers instanceof Array.Integers integers
                ? Words.wrap(to, integers.values()[i])
                : Words.ofDouble(to, numbers.real(i)));
    return new Array.Integers(to, numbers.dims(), values);
  }

  static double rounded(ElementType type, double value) {
    if (type == ElementType.FLOAT || type == ElementType.DOUBLE) {
      return value;
    }
    MemorySegment cell = MemorySegment.ofArray(new byte[Double.BYTES]);
    Elements.write(type, cell, 0, value);
    return Elements.read(type, cell, 0);
  }

  private static Array texts(Array array) {
    String[] values = new String[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          array instanceof Array.Integers integers
              ? Long.toString(integers.values()[i])
              : String.format(Locale.ROOT, "%s", array.real(i));
    }
    return new Array.Texts(array.dims(), values);
  }

  private static Array parsed(Call call, Array.Texts texts, ElementType to) {
    try {
      if (to.isInteger()) {
        long[] values = Arrays.stream(texts.values()).mapToLong(Long::parseLong).toArray();
        return new Array.Integers(ElementType.INT64, texts.dims(), values);
      }
      double[] values = Arrays.stream(texts.values()).mapToDouble(Double::parseDouble).toArray();
      return new Array.Reals(ElementType.DOUBLE, texts.dims(), values);
    } catch (NumberFormatException e) {
      throw call.bad("a text that is no number: " + e.getMessage());
    }
  }

  /**
   * Scale and zero point as each element sees them: one for all, one along an axis, or one for each
   * block along it.
   */
  private static int[] parameterPlaces(Call call, Array values, Array scale) {
    if (scale.size() == 1 && scale.rank() <= 1) {
      return new int[values.size()];
    }
    int axis = call.axis("axis", 1, values.rank());
    int[] dims = values.dims();
    long block = call.number("block_size", 0);
    int[] places = new int[values.size()];
    for (int i = 0; i < places.length; i++) {
      int[] index = Sizes.index(dims, i);
      if (block > 0) {
        index[axis] /= call.size(block);
        places[i] = Sizes.place(scale.dims(), index);
      } else {
        places[i] = index[axis];
      }
    }
    return places;
  }

  /** y = saturate(round(x / scale) + zero point), ties to even. */
  private static Array quantize(Call call) {
    Array.Reals x = call.reals(0);
    Array scale = call.in(1);
    ElementType declared = call.type("output_dtype", ElementType.UNDEFINED);
    ElementType type =
        call.has(2)
            ? call.in(2).type()
            : declared == ElementType.UNDEFINED ? ElementType.UINT8 : declared;
    if (!type.isInteger()) {
      throw call.unsupported("quantization to " + type);
    }
    int[] places = parameterPlaces(call, x, scale);
    double low = type.isUnsigned() ? 0 : -Math.scalb(1.0, type.bits() - 1);
    double high = low + Math.scalb(1.0, type.bits()) - 1;
    long[] values = new long[x.size()];
    for (int i = 0; i < values.length; i++) {
      double zero = call.has(2) ? call.in(2).real(places[i]) : 0;
      double step = Math.rint(x.values()[i] / scale.real(places[i])) + zero;
      values[i] = (long) Math.clamp(step, low, high);
    }
    return new Array.Integers(type, x.dims(), values);
  }

  /** y = (x - zero point)·scale, in the scale's type. */
  private static Array dequantize(Call call) {
    Array x = call.in(0);
    Array.Reals scale = call.reals(1);
    int[] places = parameterPlaces(call, x, scale);
    double[] values = new double[x.size()];
    for (int i = 0; i < values.length; i++) {
      double zero = call.has(2) ? call.in(2).real(places[i]) : 0;
      values[i] = (x.real(i) - zero) * scale.values()[places[i]];
    }
    return new Array.Reals(scale.type(), x.dims(), values);
  }
}

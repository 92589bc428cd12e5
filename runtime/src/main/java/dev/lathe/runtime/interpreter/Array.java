package dev.lathe.runtime.interpreter;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.RuntimeError;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor opened up for computing. Kernels never change an array that they did not make.
 *
 * <p>The element type says what the operator's rules make of the value; it does not limit its
 * precision: a FLOAT array holds doubles that were never rounded.
 */
public sealed interface Array {
  /**
   * Floating values.
   *
   * @param type FLOAT, DOUBLE, FLOAT16, BFLOAT16 or a smaller floating type
   * @param dims the shape
   * @param values row-major
   */
  record Reals(ElementType type, int[] dims, double[] values) implements Array {
    @Override
    public Array pick(int[] newDims, int[] places, Array fill) {
      double[] picked = new double[places.length];
      double filling = fill.real(0);
      for (int i = 0; i < places.length; i++) {
        picked[i] = places[i] < 0 ? filling : values[places[i]];
      }
      return new Reals(type, newDims, picked);
    }

    @Override
    public Array reshaped(int[] newDims) {
      return new Reals(type, newDims, values);
    }

    @Override
    public int size() {
      return values.length;
    }
  }

  /**
   * Integers and truth values, exact.
   *
   * @param type an integer type or BOOL; each value lies in its range, UINT64 by its bits
   * @param dims the shape
   * @param values row-major
   */
  record Integers(ElementType type, int[] dims, long[] values) implements Array {
    @Override
    public Array pick(int[] newDims, int[] places, Array fill) {
      long[] picked = new long[places.length];
      long filling = fill instanceof Integers same ? same.values[0] : (long) fill.real(0);
      for (int i = 0; i < places.length; i++) {
        picked[i] = places[i] < 0 ? filling : values[places[i]];
      }
      return new Integers(type, newDims, picked);
    }

    @Override
    public Array reshaped(int[] newDims) {
      return new Integers(type, newDims, values);
    }

    @Override
    public int size() {
      return values.length;
    }
  }

  /**
   * Texts.
   *
   * @param dims the shape
   * @param values row-major
   */
  record Texts(int[] dims, String[] values) implements Array {
    @Override
    public ElementType type() {
      return ElementType.STRING;
    }

    @Override
    public Array pick(int[] newDims, int[] places, Array fill) {
      String[] picked = new String[places.length];
      for (int i = 0; i < places.length; i++) {
        picked[i] = places[i] < 0 ? "" : values[places[i]];
      }
      return new Texts(newDims, picked);
    }

    @Override
    public Array reshaped(int[] newDims) {
      return new Texts(newDims, values);
    }

    @Override
    public int size() {
      return values.length;
    }
  }

  /** A zero of no particular type, to fill with. */
  Array ZERO = new Integers(ElementType.INT64, new int[0], new long[1]);

  /**
   * The element type.
   *
   * @return the type by whose rules kernels compute
   */
  ElementType type();

  /**
   * The shape.
   *
   * @return sizes; not to be changed
   */
  int[] dims();

  /**
   * The number of elements.
   *
   * @return the product of the shape
   */
  int size();

  /**
   * A new array of elements of this one.
   *
   * @param newDims its shape
   * @param places for each of its elements the place in this array, or -1 to take the filling
   * @param fill a scalar
   * @return the array
   */
  Array pick(int[] newDims, int[] places, Array fill);

  /**
   * The same elements under another shape.
   *
   * @param newDims a shape of the same size
   * @return an array over the same values
   */
  Array reshaped(int[] newDims);

  /**
   * A new array of elements of this one.
   *
   * @param newDims its shape
   * @param places for each of its elements the place in this array
   * @return the array
   */
  default Array pick(int[] newDims, int[] places) {
    return pick(newDims, places, ZERO);
  }

  /**
   * Type and shape, for messages.
   *
   * @return {@code FLOAT[2, 3]}
   */
  default String describe() {
    return type() + Arrays.toString(dims());
  }

  /**
   * The number of axes.
   *
   * @return 0 for a scalar
   */
  default int rank() {
    return dims().length;
  }

  /**
   * One element as a double.
   *
   * @param place row-major
   * @return the value
   */
  default double real(int place) {
    return switch (this) {
      case Reals reals -> reals.values[place];
      case Integers integers -> Words.toDouble(integers.type, integers.values[place]);
      case Texts texts ->
          throw new LatheException(
              RuntimeError.WRONG_TYPE,
              "STRING" + Arrays.toString(texts.dims) + " (expected: numbers)");
    };
  }

  /**
   * Opens a tensor.
   *
   * @param tensor any type but the complex ones
   * @return its elements
   */
  static Array of(Tensor tensor) {
    int[] dims = Sizes.require(tensor.dims());
    int size = Math.toIntExact(tensor.size());
    if (tensor.type() == ElementType.STRING) {
      return new Texts(dims, tensor.strings().toArray(String[]::new));
    }
    if (tensor.type().isFloating()) {
      double[] values = new double[size];
      Arrays.setAll(values, i -> Elements.read(tensor.type(), tensor.data(), i));
      return new Reals(tensor.type(), dims, values);
    }
    if (tensor.type().isInteger() || tensor.type() == ElementType.BOOL) {
      long[] values = new long[size];
      Arrays.setAll(values, i -> Elements.readLong(tensor.type(), tensor.data(), i));
      return new Integers(tensor.type(), dims, values);
    }
    throw new LatheException(
        RuntimeError.UNSUPPORTED, "tensor " + tensor + " (expected: real numbers or STRING)");
  }

  /**
   * Closes the array into a tensor of its own type, floating values rounded to it.
   *
   * @return a new tensor
   */
  default Tensor toTensor() {
    return toTensor(type());
  }

  /**
   * Closes the array into a tensor, floating values in a type of choice.
   *
   * @param floating the type of the tensor if this holds floating values
   * @return a new tensor
   */
  default Tensor toTensor(ElementType floating) {
    long[] shape = Arrays.stream(dims()).asLongStream().toArray();
    return switch (this) {
      case Reals reals -> Tensor.ofValues(floating, reals.values, shape);
      case Integers integers -> Words.toTensor(integers.type, integers.values, shape);
      case Texts texts -> Tensor.ofStrings(List.of(texts.values), shape);
    };
  }
}

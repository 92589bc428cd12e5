package dev.lathe.cli.input;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.VersionDetails.Port;
import java.util.Arrays;
import java.util.List;

/**
 * The shape of a model's input seen as a batch of examples.
 *
 * @param port the input; its first axis is the batch
 */
record Batch(Port port) {
  /** The element type of a datatype in Open Inference Protocol words. */
  static ElementType type(String datatype) {
    return Datatype.of(datatype)
        .filter(type -> type != Datatype.BYTES)
        .map(Datatype::element)
        .orElseThrow(
            () ->
                Inputs.bad(
                    "datatype " + datatype + " (expected: a number or BOOL, such as FP32)", null));
  }

  /** The sizes of one example; -1 where any size goes. */
  List<Long> example() {
    return port.shape().isEmpty() ? List.of() : port.shape().subList(1, port.shape().size());
  }

  /** The elements of one example, or -1 if any number goes. */
  long exampleSize() {
    long product = 1;
    for (long size : example()) {
      if (size < 0) {
        return -1;
      }
      product *= size;
    }
    return product;
  }

  /** Rows of numbers as a tensor of the input's type and shape. */
  Tensor of(double[] values, long rows) {
    long size = rows == 0 ? 0 : values.length / rows;
    long[] dims = new long[Math.max(1, port.shape().size())];
    dims[0] = rows;
    for (int i = 1; i < dims.length; i++) {
      long given = port.shape().get(i);
      dims[i] = given < 0 ? size : given;
    }
    if (Tensor.sizeOf(dims) != values.length) {
      throw Inputs.bad(
          "input \""
              + port.name()
              + "\": "
              + size
              + " numbers in an example (expected: shape "
              + example()
              + ")",
          null);
    }
    return Tensor.ofValues(type(port.datatype()), values, dims);
  }

  /** Values under their own shape, an axis for the batch added where one example was given. */
  Tensor of(double[] values, long[] dims) {
    if (dims.length == 1 && port.shape().size() != 1 && exampleSize() > 0) {
      return of(values, flatRows(values.length));
    }
    boolean single = dims.length == port.shape().size() - 1;
    long[] shape = dims;
    if (single) {
      shape = new long[dims.length + 1];
      shape[0] = 1;
      System.arraycopy(dims, 0, shape, 1, dims.length);
    }
    requireFit(shape);
    return Tensor.ofValues(type(port.datatype()), values, shape);
  }

  private long flatRows(int count) {
    if (count == 0 || count % exampleSize() != 0) {
      throw Inputs.bad(
          "input \""
              + port.name()
              + "\": "
              + count
              + " numbers (expected: "
              + exampleSize()
              + " for each example, shape "
              + example()
              + ")",
          null);
    }
    return count / exampleSize();
  }

  private void requireFit(long[] shape) {
    List<Long> expected = port.shape();
    boolean fits = shape.length == expected.size();
    for (int i = 0; fits && i < shape.length; i++) {
      fits = expected.get(i) < 0 || expected.get(i) == shape[i];
    }
    if (!fits) {
      throw Inputs.bad(
          "input \""
              + port.name()
              + "\": shape "
              + Arrays.toString(shape)
              + " (expected: "
              + expected
              + ")",
          null);
    }
  }
}

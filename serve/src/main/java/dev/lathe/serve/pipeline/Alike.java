package dev.lathe.serve.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.serve.ServeError;
import java.util.Arrays;

/** Whether tensors can be brought together. */
final class Alike {
  private Alike() {}

  /** Refuses tensors whose shapes differ elsewhere than in an axis. */
  static void require(Tensor first, Tensor other, int apartFrom) {
    long[] a = first.dims();
    long[] b = other.dims();
    if (apartFrom >= 0 && a.length == b.length) {
      b[apartFrom] = a[apartFrom];
    }
    if (!Arrays.equals(a, b)) {
      throw new LatheException(
          ServeError.BAD_INPUT,
          "shapes "
              + Arrays.toString(first.dims())
              + " and "
              + Arrays.toString(other.dims())
              + " beside each other (expected: the same)");
    }
  }
}

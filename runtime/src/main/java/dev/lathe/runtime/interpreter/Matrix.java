package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;

/** Products of matrices. Letters here: A is [M, K], B is [K, P], their product [M, P]. */
final class Matrix {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("MatMul", one(call -> multiply(call, call.in(0), call.in(1)))),
          entry("Gemm", one(Matrix::gemm)));

  private Matrix() {}

  /** Y = alpha·A'·B' + beta·C, with C broadcast to Y. */
  private static Array gemm(Call call) {
    Array a = call.flag("transA") ? Movement.permute(call.in(0), 1, 0) : call.in(0);
    Array b = call.flag("transB") ? Movement.permute(call.in(1), 1, 0) : call.in(1);
    if (a.rank() != 2 || b.rank() != 2) {
      throw call.bad("ranks " + a.rank() + " and " + b.rank() + " (expected: 2 and 2)");
    }
    double alpha = call.real("alpha", 1);
    double beta = call.real("beta", 1);
    if (!(multiply(call, a, b) instanceof Array.Reals product)) {
      throw call.unsupported(a.type() + " (expected: a floating type)");
    }
    double[] values = Arrays.stream(product.values()).map(x -> alpha * x).toArray();
    if (call.has(2)) {
      Array c = Broadcast.stretch(call.in(2), product.dims());
      Arrays.setAll(values, i -> values[i] + beta * c.real(i));
    }
    return new Array.Reals(product.type(), product.dims(), values);
  }

  /**
   * As numpy.matmul: leading axes broadcast, a vector is a row on the left, a column on the right.
   */
  static Array multiply(Call call, Array left, Array right) {
    Array a = left.rank() == 1 ? left.reshaped(new int[] {1, left.size()}) : left;
    Array b = right.rank() == 1 ? right.reshaped(new int[] {right.size(), 1}) : right;
    if (a.type() != b.type() || a.rank() == 0 || b.rank() == 0) {
      throw call.bad(left.describe() + " times " + right.describe());
    }
    int[] da = a.dims();
    int[] db = b.dims();
    int inner = da[da.length - 1];
    if (inner != db[db.length - 2]) {
      throw call.bad(
          left.describe() + " times " + right.describe() + " (expected: equal inner sizes)");
    }
    int[] batch =
        Broadcast.join(call, Arrays.copyOf(da, da.length - 2), Arrays.copyOf(db, db.length - 2));
    int m = da[da.length - 2];
    int p = db[db.length - 1];
    a = Broadcast.stretch(a, Sizes.require(with(batch, m, inner)));
    b = Broadcast.stretch(b, Sizes.require(with(batch, inner, p)));
    Array product = multiply(a, b, Sizes.require(with(batch, m, p)), inner);
    int[] dims = batch;
    dims = left.rank() == 1 ? dims : with(dims, m);
    dims = right.rank() == 1 ? dims : with(dims, p);
    return product.reshaped(dims);
  }

  private static int[] with(int[] dims, int... more) {
    int[] all = Arrays.copyOf(dims, dims.length + more.length);
    System.arraycopy(more, 0, all, dims.length, more.length);
    return all;
  }

  private static Array multiply(Array a, Array b, int[] dims, int inner) {
    int m = dims[dims.length - 2];
    int p = dims[dims.length - 1];
    int count = Sizes.count(dims);
    double[] reals = new double[a instanceof Array.Reals ? count : 0];
    long[] integers = new long[a instanceof Array.Reals ? 0 : count];
    for (int i = 0; i < count; i++) {
      int row = i / p * inner;
      int column = i / (m * p) * inner * p + i % p;
      if (a instanceof Array.Reals x && b instanceof Array.Reals y) {
        for (int k = 0; k < inner; k++) {
          reals[i] += x.values()[row + k] * y.values()[column + k * p];
        }
      } else if (a instanceof Array.Integers x && b instanceof Array.Integers y) {
        for (int k = 0; k < inner; k++) {
          integers[i] += x.values()[row + k] * y.values()[column + k * p];
        }
        integers[i] = Words.wrap(a.type(), integers[i]);
      }
    }
    return a instanceof Array.Reals
        ? new Array.Reals(a.type(), dims, reals)
        : new Array.Integers(a.type(), dims, integers);
  }
}

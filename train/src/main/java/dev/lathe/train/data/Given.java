package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Dataset;
import dev.lathe.train.TrainError;
import java.util.List;

/** Examples that a program hands over, checked. */
public final class Given {
  private Given() {}

  /**
   * Checks and wraps.
   *
   * @param x features, FLOAT [N, ...]
   * @param y targets, INT64 [N] or FLOAT [N] or [N, K]
   * @return the examples
   * @throws LatheException BAD_DATA if types or sizes do not fit, or a number is not finite
   */
  public static Dataset dataset(Tensor x, Tensor y) {
    if (x.type() != ElementType.FLOAT || x.rank() < 2 || x.size() == 0) {
      throw bad("x: " + x + " (expected: FLOAT [N, ...] with examples)");
    }
    boolean classes = y.type() == ElementType.INT64 && y.rank() == 1;
    boolean numbers = y.type() == ElementType.FLOAT && (y.rank() == 1 || y.rank() == 2);
    if (!classes && !numbers) {
      throw bad("y: " + y + " (expected: INT64 [N], FLOAT [N] or FLOAT [N, K])");
    }
    if (x.dim(0) != y.dim(0)) {
      throw bad("y: " + y + " (expected: " + x.dim(0) + " examples as in x " + x + ")");
    }
    requireFinite("x", x);
    String digest = new Digest().add(x).add(y).hex();
    if (numbers) {
      requireFinite("y", y);
      Tensor columns = y.reshaped(y.dim(0), y.size() / y.dim(0));
      return new Dataset(x, columns, List.of(), "memory", digest);
    }
    for (long i = 0; i < y.size(); i++) {
      if (y.longAt(i) < 0 || y.longAt(i) >= IdxFile.MAX_CLASSES) {
        throw bad("y[" + i + "]: " + y.longAt(i) + " (expected: a class index from 0)");
      }
    }
    return new Dataset(x, y, Sources.classNames(y), "memory", digest);
  }

  private static void requireFinite(String name, Tensor tensor) {
    for (long i = 0; i < tensor.size(); i++) {
      if (!Float.isFinite(Floats.get(tensor, i))) {
        throw bad(name + "[" + i + "]: " + Floats.get(tensor, i) + " (expected: a finite number)");
      }
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_DATA, message);
  }
}

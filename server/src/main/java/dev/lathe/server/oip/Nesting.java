package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.ServerError;
import java.util.Arrays;

/** The shape that nested arrays turn out to have, level by level. */
final class Nesting {
  /** Deeper data are refused; no tensor has so many axes. */
  static final int DEEPEST = 32;

  private final String input;
  private final long[] sizes = new long[DEEPEST];
  private final long[] counts = new long[DEEPEST];
  private int level = -1;
  private int depth;

  /** Whether some array holds values; then no other level may. */
  private int valueLevel = -1;

  Nesting(String input) {
    this.input = input;
    Arrays.fill(sizes, -1);
  }

  /** An array begins. */
  void open() {
    if (level >= 0) {
      counts[level]++;
    }
    level++;
    if (level >= DEEPEST) {
      throw bad("nested deeper than " + DEEPEST + " (expected: as many levels as the shape has)");
    }
    if (valueLevel >= 0 && level > valueLevel) {
      throw bad("an array at depth " + level + " (expected: a value, as before it)");
    }
    counts[level] = 0;
    depth = Math.max(depth, level + 1);
  }

  /** An array ends; true if it was the outermost. */
  boolean close() {
    if (sizes[level] >= 0 && sizes[level] != counts[level]) {
      throw bad(
          "ragged: an array of "
              + counts[level]
              + " at depth "
              + level
              + " (expected: "
              + sizes[level]
              + ", as the one before it)");
    }
    sizes[level] = counts[level];
    level--;
    return level < 0;
  }

  /** Whether the innermost open array is the outermost one. */
  boolean isOutermost() {
    return level == 0;
  }

  /** So many values came in the innermost open array. */
  void values(long count) {
    if (count == 0) {
      return;
    }
    if (valueLevel >= 0 && valueLevel != level || depth > level + 1) {
      throw bad("a value at depth " + level + " (expected: an array, as before it)");
    }
    valueLevel = level;
    counts[level] += count;
  }

  /** The shape of what was closed, from the outermost level inwards. */
  long[] shape() {
    return Arrays.copyOf(sizes, depth);
  }

  /**
   * Refuses data that have neither the shape nor its size in one flat array.
   *
   * @param shape the shape that the request states
   * @param count elements that came
   */
  void require(long[] shape, long count) {
    long product = Tensor.sizeOf(shape);
    if (count != product) {
      throw bad(
          count
              + " elements (expected: "
              + product
              + ", for shape "
              + Arrays.toString(shape)
              + ")");
    }
    long[] found = Arrays.copyOf(sizes, depth);
    if (depth > 1 && count > 0 && !Arrays.equals(found, shape)) {
      throw bad(
          "nested as "
              + Arrays.toString(found)
              + " (expected: "
              + Arrays.toString(shape)
              + ", or one flat array)");
    }
  }

  private LatheException bad(String what) {
    return new LatheException(ServerError.BAD_REQUEST, "input \"" + input + "\": data: " + what);
  }
}

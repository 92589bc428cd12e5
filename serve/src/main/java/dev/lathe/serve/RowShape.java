package dev.lathe.serve;

import java.util.Arrays;

/**
 * The sizes of all axes of a request's inputs but the first, in the model's order. Requests of
 * equal row shape may be joined along the first axis without padding.
 */
final class RowShape {
  /** Of every request to a model whose other axes are fixed. */
  static final RowShape FIXED = new RowShape(new long[0]);

  private final long[] sizes;
  private final int hash;

  RowShape(long[] sizes) {
    this.sizes = sizes;
    this.hash = Arrays.hashCode(sizes);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof RowShape shape
            && hash == shape.hash
            && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}

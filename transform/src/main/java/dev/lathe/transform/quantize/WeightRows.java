package dev.lathe.transform.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/**
 * Reads a projection's matrix by its outputs, some at a time, whichever way it lies: what is read
 * of a mapped file need not stay in memory.
 */
final class WeightRows {
  /** Outputs read at once: of a matrix [K, N] that many columns fill whole cache lines. */
  static final int STRIPE = 64;

  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private WeightRows() {}

  /** Takes the weights of one output. */
  @FunctionalInterface
  interface Taker {
    void take(int output, float[] weights);
  }

  /** Gives the weights [K] of each output; several threads at once, each output once. */
  static void forEach(Projection projection, Taker taker) {
    int stripes = (projection.outputs() + STRIPE - 1) / STRIPE;
    IntStream.range(0, stripes).parallel().forEach(stripe -> read(projection, stripe, taker));
  }

  private static void read(Projection projection, int stripe, Taker taker) {
    int first = stripe * STRIPE;
    int count = Math.min(STRIPE, projection.outputs() - first);
    int inputs = projection.inputs();
    MemorySegment data = projection.matrix().data();
    float[] row = new float[inputs];
    if (projection.order() == Projection.Order.OUTPUTS_FIRST) {
      for (int i = 0; i < count; i++) {
        long from = (long) (first + i) * inputs * Float.BYTES;
        MemorySegment.copy(data, FLOAT, from, row, 0, inputs);
        taker.take(first + i, row);
      }
      return;
    }
    float[] columns = new float[inputs * count];
    for (int k = 0; k < inputs; k++) {
      long from = ((long) k * projection.outputs() + first) * Float.BYTES;
      MemorySegment.copy(data, FLOAT, from, columns, k * count, count);
    }
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < inputs; k++) {
        row[k] = columns[k * count + i];
      }
      taker.take(first + i, row);
    }
  }
}

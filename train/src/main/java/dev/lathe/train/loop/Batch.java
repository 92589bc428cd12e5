package dev.lathe.train.loop;

import dev.lathe.ir.ElementType;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.train.data.Examples;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Buffers for a batch of fixed size B. A batch that is not full repeats its first example in the
 * rest with weight 0, so that one shape serves all and the rest does not count.
 */
final class Batch implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Examples examples;
  private final int size;
  private final HostBuffer x;
  private final HostBuffer y;
  private final HostBuffer weights;

  Batch(Examples examples, int size) {
    this.examples = examples;
    this.size = size;
    this.x = HostBuffer.allocate(ElementType.FLOAT, dims(examples.x().dims(), size));
    this.y = HostBuffer.allocate(examples.y().type(), dims(examples.y().dims(), size));
    this.weights = HostBuffer.allocate(ElementType.FLOAT, size);
  }

  private static long[] dims(long[] dims, int size) {
    dims[0] = size;
    return dims;
  }

  /** Fills the buffers from a place of an order on; returns how many examples count. */
  int fill(int[] order, int from) {
    int count = Math.min(size, order.length - from);
    for (int i = 0; i < size; i++) {
      int row = order[i < count ? from + i : from];
      Examples.copyRow(examples.x(), row, x.segment(), i);
      Examples.copyRow(examples.y(), row, y.segment(), i);
      weights.segment().set(FLOAT, i * 4L, i < count ? 1f : 0f);
    }
    return count;
  }

  HostBuffer x() {
    return x;
  }

  HostBuffer y() {
    return y;
  }

  HostBuffer weights() {
    return weights;
  }

  int size() {
    return size;
  }

  @Override
  public void close() {
    x.close();
    y.close();
    weights.close();
  }
}

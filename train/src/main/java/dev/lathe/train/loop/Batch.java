package dev.lathe.train.loop;

import dev.lathe.ir.ElementType;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import dev.lathe.transform.TrainingGraphs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Buffers for a batch of fixed size B. A batch that is not full repeats its first example in the
 * rest with weight 0, so that one shape serves all and the rest does not count.
 */
final class Batch implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int size;
  private final List<Column> columns;
  private final Map<String, HostBuffer> buffers = new LinkedHashMap<>();
  private final List<MemorySegment> segments = new ArrayList<>();
  private final HostBuffer weights;
  private int count;

  Batch(List<Column> columns, int size) {
    this.columns = columns;
    this.size = size;
    for (Column column : columns) {
      HostBuffer buffer = HostBuffer.allocate(column.type(), column.batchDims(size));
      buffers.put(column.name(), buffer);
      segments.add(buffer.segment());
    }
    this.weights = HostBuffer.allocate(ElementType.FLOAT, size);
  }

  /** Fills the buffers with the next examples; returns how many there were, 0 at the end. */
  int fill(Cursor cursor) {
    count = 0;
    while (count < size && cursor.next(segments, count)) {
      count++;
    }
    for (int i = 0; i < size; i++) {
      if (i >= count && count > 0) {
        repeatFirst(i);
      }
      weights.segment().set(FLOAT, i * 4L, i < count ? 1f : 0f);
    }
    return count;
  }

  private void repeatFirst(int place) {
    for (int c = 0; c < columns.size(); c++) {
      long bytes = columns.get(c).bytes();
      MemorySegment all = segments.get(c);
      MemorySegment.copy(all, 0, all, place * bytes, bytes);
    }
  }

  /** Examples that count, as filled last. */
  int count() {
    return count;
  }

  /** The buffer of a column. */
  HostBuffer column(String name) {
    return buffers.get(name);
  }

  /**
   * What a graph takes: the columns and the weights.
   *
   * @param data the graph's data inputs; the first takes the column {@link Part#FEATURES}
   */
  Map<String, HostBuffer> inputs(List<String> data) {
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    buffers.forEach(
        (name, buffer) -> inputs.put(name.equals(Part.FEATURES) ? data.getFirst() : name, buffer));
    inputs.put(TrainingGraphs.WEIGHTS, weights);
    return inputs;
  }

  int size() {
    return size;
  }

  @Override
  public void close() {
    buffers.values().forEach(HostBuffer::close);
    weights.close();
  }
}

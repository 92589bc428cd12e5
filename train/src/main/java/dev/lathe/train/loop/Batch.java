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
import java.util.Optional;

/**
 * Buffers for a batch of fixed size B. In a batch that is not full the rest has weight 0, so that
 * one shape serves all and the rest does not count.
 *
 * <p>What stands in the rest matters to a network that looks at a batch as a whole, as batch
 * normalization does: there it is other examples, so that mean and variance are those of a full
 * batch. Elsewhere, and where examples have sizes of their own or there are no others, the rest
 * repeats the batch's examples.
 *
 * <p>Where examples have sizes of their own, a batch uses the beginning of its buffers, as much as
 * its examples need.
 */
final class Batch implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int size;
  private final List<Column> largest;
  private final Map<List<Column>, Map<String, HostBuffer>> shapes = new LinkedHashMap<>();
  private final HostBuffer weights;
  private List<Column> shape;
  private int count;

  Batch(List<Column> columns, int size) {
    this.largest = columns;
    this.shape = columns;
    this.size = size;
    Map<String, HostBuffer> buffers = new LinkedHashMap<>();
    for (Column column : columns) {
      buffers.put(column.name(), HostBuffer.allocate(column.type(), column.batchDims(size)));
    }
    shapes.put(columns, buffers);
    this.weights = HostBuffer.allocate(ElementType.FLOAT, size);
  }

  private Map<String, HostBuffer> buffers(List<Column> columns) {
    return shapes.computeIfAbsent(
        columns,
        _ -> {
          Map<String, HostBuffer> parts = new LinkedHashMap<>();
          for (Column column : columns) {
            HostBuffer whole = shapes.get(largest).get(column.name());
            parts.put(column.name(), whole.beginning(column.batchDims(size)));
          }
          return parts;
        });
  }

  /** Fills the buffers with the next examples; returns how many there were, 0 at the end. */
  int fill(Cursor cursor) {
    return fill(cursor, Optional.empty());
  }

  /** Likewise, with other examples in the rest of a batch that is not full. */
  int fill(Cursor cursor, Optional<Rest> others) {
    count = 0;
    shape = cursor.shaped(largest, size);
    List<MemorySegment> segments = new ArrayList<>();
    buffers(shape).values().forEach(buffer -> segments.add(buffer.segment()));
    while (count < size && cursor.next(segments, count)) {
      count++;
    }
    if (count == size) {
      others.ifPresent(rest -> rest.pass(segments, shape, size));
    } else if (count > 0) {
      fillRest(segments, others.filter(_ -> shape.equals(largest)));
    }
    for (int i = 0; i < size; i++) {
      weights.segment().set(FLOAT, i * 4L, i < count ? 1f : 0f);
    }
    return count;
  }

  private void fillRest(List<MemorySegment> segments, Optional<Rest> others) {
    int alone = count;
    int filled = others.map(rest -> rest.fill(segments, alone, size)).orElse(alone);
    for (int place = filled; place < size; place++) {
      repeat(segments, place % filled, place);
    }
  }

  private void repeat(List<MemorySegment> segments, int from, int place) {
    for (int c = 0; c < shape.size(); c++) {
      long bytes = shape.get(c).bytes();
      MemorySegment all = segments.get(c);
      MemorySegment.copy(all, from * bytes, all, place * bytes, bytes);
    }
  }

  /** Examples that count, as filled last. */
  int count() {
    return count;
  }

  /** The columns as filled last. */
  List<Column> shape() {
    return shape;
  }

  /** The buffer of a column. */
  HostBuffer column(String name) {
    return buffers(shape).get(name);
  }

  /**
   * What a graph takes: the columns as filled last, and the weights.
   *
   * @param data the graph's data inputs; the first takes the column {@link Part#FEATURES}
   */
  Map<String, HostBuffer> inputs(List<String> data) {
    return inputs(data, shape);
  }

  /** What a graph would take at most. */
  Map<String, HostBuffer> largestInputs(List<String> data) {
    return inputs(data, largest);
  }

  private Map<String, HostBuffer> inputs(List<String> data, List<Column> columns) {
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    buffers(columns)
        .forEach(
            (name, buffer) ->
                inputs.put(
                    name.equals(Part.FEATURES) && !data.contains(name) ? data.getFirst() : name,
                    buffer));
    inputs.put(TrainingGraphs.WEIGHTS, weights);
    return inputs;
  }

  int size() {
    return size;
  }

  @Override
  public void close() {
    shapes.values().forEach(buffers -> buffers.values().forEach(HostBuffer::close));
    weights.close();
  }
}

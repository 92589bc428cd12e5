package dev.lathe.train.data;

import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part that is read again and again in order: kept from the first reading on, if it is small
 * enough. For one thread at a time.
 */
final class HeldPart implements Part {
  private final Part part;
  private final boolean small;
  private @Nullable Examples held;

  HeldPart(Part part, long mostBytes) {
    this.part = part;
    this.small = part.columns().stream().mapToLong(Column::bytes).sum() * part.size() <= mostBytes;
  }

  @Override
  public int size() {
    return part.size();
  }

  @Override
  public List<Column> columns() {
    return part.columns();
  }

  @Override
  public Cursor inOrder() {
    if (!small) {
      return part.inOrder();
    }
    Examples examples = held == null ? read() : held;
    held = examples;
    return examples.inOrder();
  }

  private Examples read() {
    List<Tensor> tensors = new ArrayList<>();
    List<MemorySegment> segments = new ArrayList<>();
    for (Column column : columns()) {
      Tensor all = Tensor.zeros(column.type(), column.batchDims(size()));
      tensors.add(all);
      segments.add(all.data());
    }
    try (Cursor cursor = part.inOrder()) {
      for (int i = 0; i < size(); i++) {
        cursor.next(segments, i);
      }
    }
    return new Examples(tensors.getFirst(), tensors.getLast());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    return part.shuffled(seed, epoch);
  }

  @Override
  public boolean isInMemory() {
    return false;
  }
}

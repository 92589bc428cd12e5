package dev.lathe.train.data.source;

import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Part;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Records of one role. Shuffled, their chunks come in a random order and their examples through a
 * {@link Window}; both depend on seed and epoch only.
 */
final class TablePart implements Part {
  private static final long SHUFFLE = 2;
  private static final long CHUNKS = 1;
  private static final long EXAMPLES = 2;

  private final RoleRecords records;
  private final List<Column> columns;
  private final int size;
  private final long windowBytes;

  TablePart(RoleRecords records, List<Column> columns, int size, long windowBytes) {
    this.records = records;
    this.columns = columns;
    this.size = size;
    this.windowBytes = windowBytes;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public Cursor inOrder() {
    return records.read(IntStream.range(0, records.chunks()).toArray());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    int[] order = new Dice(seed, SHUFFLE, epoch, CHUNKS).permutation(records.chunks());
    int window = Window.examples(columns, windowBytes, size);
    WindowOrder examples = new WindowOrder(size, window, new Dice(seed, SHUFFLE, epoch, EXAMPLES));
    return new Window(records.read(order), columns, examples);
  }

  @Override
  public boolean isInMemory() {
    return false;
  }
}

package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The same examples from several parts, side by side: each column is a slice of a column of one of
 * them. The parts have the same order of examples, which those of one file that are held in memory
 * have.
 */
public final class JoinedPart implements Part {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final List<Part> sources;
  private final List<Slice> slices;

  /**
   * A column that is part of another.
   *
   * @param source which part, from 0
   * @param column which of its columns, from 0
   * @param offset where in that column's numbers of an example the slice begins
   * @param as what it is called, and its shape; INT64 of a FLOAT column are whole numbers
   */
  public record Slice(int source, int column, int offset, Column as) {}

  /**
   * Joins parts.
   *
   * @param sources the parts, of one size
   * @param slices the columns
   */
  public JoinedPart(List<Part> sources, List<Slice> slices) {
    this.sources = List.copyOf(sources);
    this.slices = List.copyOf(slices);
  }

  @Override
  public int size() {
    return sources.getFirst().size();
  }

  @Override
  public List<Column> columns() {
    return slices.stream().map(Slice::as).toList();
  }

  @Override
  public Cursor inOrder() {
    return new Joined(sources.stream().map(Part::inOrder).toList());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    return new Joined(sources.stream().map(part -> part.shuffled(seed, epoch)).toList());
  }

  @Override
  public boolean isInMemory() {
    return sources.stream().allMatch(Part::isInMemory);
  }

  /** One place in all of them. */
  private final class Joined implements Cursor {
    private final List<Cursor> cursors;
    private final List<List<MemorySegment>> rows = new ArrayList<>();

    Joined(List<Cursor> cursors) {
      this.cursors = cursors;
      Arena memory = Arena.ofAuto();
      for (Part part : sources) {
        rows.add(
            part.columns().stream().map(column -> memory.allocate(column.bytes(), 8)).toList());
      }
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      for (int i = 0; i < cursors.size(); i++) {
        if (!cursors.get(i).next(rows.get(i), 0)) {
          return false;
        }
      }
      for (int i = 0; i < slices.size(); i++) {
        copy(slices.get(i), columns.get(i), place);
      }
      return true;
    }

    private void copy(Slice slice, MemorySegment into, int place) {
      ElementType found = sources.get(slice.source()).columns().get(slice.column()).type();
      MemorySegment row = rows.get(slice.source()).get(slice.column());
      long bytes = slice.as().bytes();
      if (found == slice.as().type()) {
        MemorySegment.copy(row, found.byteSize(slice.offset()), into, place * bytes, bytes);
        return;
      }
      for (long i = 0; i < bytes / Long.BYTES; i++) {
        float value = row.get(FLOAT, 4 * (slice.offset() + i));
        if (value != Math.rint(value)) {
          throw new LatheException(
              TrainError.BAD_DATA,
              "\"" + slice.as().name() + "\": " + value + " (expected: a whole number)");
        }
        into.set(LONG, place * bytes + 8 * i, (long) value);
      }
    }

    @Override
    public void skip(long count) {
      cursors.forEach(cursor -> cursor.skip(count));
    }

    @Override
    public void close() {
      cursors.forEach(Cursor::close);
    }
  }
}

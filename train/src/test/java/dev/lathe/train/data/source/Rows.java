package dev.lathe.train.data.source;

import dev.lathe.ir.ElementType;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Examples as lists of numbers, for tests. */
final class Rows {
  private Rows() {}

  /** At most some examples from where a cursor stands; closes it. */
  static List<List<Double>> of(Part part, Cursor cursor, int most) {
    List<List<Double>> rows = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        cursor) {
      List<MemorySegment> columns =
          part.columns().stream().map(c -> arena.allocate(c.bytes() * 2, 8)).toList();
      while (rows.size() < most && cursor.next(columns, 1)) {
        List<Double> row = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
          add(row, part.columns().get(c), columns.get(c));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  /** Reads a chunk without looking. */
  static void drain(int chunk, RecordReader records) {
    while (records.next()) {
      assert chunk >= 0;
    }
  }

  static List<List<Double>> all(Part part) {
    return of(part, part.inOrder(), Integer.MAX_VALUE);
  }

  private static void add(List<Double> row, Column column, MemorySegment data) {
    long bytes = column.bytes();
    int width = (int) column.type().byteSize(1);
    for (long at = bytes; at < 2 * bytes; at += width) {
      row.add(
          column.type() == ElementType.INT64
              ? (double) data.get(ValueLayout.JAVA_LONG_UNALIGNED, at)
              : data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at));
    }
  }
}

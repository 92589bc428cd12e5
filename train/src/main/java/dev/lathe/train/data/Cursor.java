package dev.lathe.train.data;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** A place in a part of the data. For one thread at a time. */
public interface Cursor extends AutoCloseable {
  /**
   * Writes the next example.
   *
   * @param columns elements of a batch, one segment for each column; changed
   * @param place the example's place in the batch
   * @return false at the end, where nothing is written
   * @throws dev.lathe.ir.LatheException BAD_DATA saying where, if the example is not what it was
   *     when the data was looked through
   */
  boolean next(List<MemorySegment> columns, int place);

  /**
   * Passes over examples.
   *
   * @param count how many
   */
  void skip(long count);

  @Override
  void close();
}

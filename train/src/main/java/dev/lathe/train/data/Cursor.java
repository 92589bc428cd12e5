package dev.lathe.train.data;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** A place in a part of the data. For one thread at a time. */
public interface Cursor extends AutoCloseable {
  /**
   * What the next examples look like, where a batch has sizes of its own. They are written so until
   * this is asked again.
   *
   * @param largest the part's columns
   * @param count how many examples come together
   * @return the columns, no size larger than the part's
   */
  default List<Column> shaped(List<Column> largest, int count) {
    return largest;
  }

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

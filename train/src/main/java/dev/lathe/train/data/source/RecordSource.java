package dev.lathe.train.data.source;

import java.nio.file.Path;
import java.util.List;

/**
 * A file of records that are never all held: a list of chunks, each read from its beginning. Many
 * readers may be open at a time.
 */
public interface RecordSource {
  /**
   * The file.
   *
   * @return its path
   */
  Path file();

  /**
   * What each record has.
   *
   * @return the fields, in order
   */
  List<Field> fields();

  /**
   * The number of chunks.
   *
   * @return at least 0
   */
  int chunks();

  /**
   * Reads a chunk.
   *
   * @param chunk its place, from 0
   * @return before its first record; the caller closes it
   * @throws dev.lathe.ir.LatheException BAD_DATA or FILE_NOT_FOUND if it cannot be read
   */
  RecordReader open(int chunk);
}

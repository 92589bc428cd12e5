package dev.lathe.train.data.source;

import java.nio.file.Path;
import java.util.List;

/** A file of records that are never all held. */
public interface RecordSource {
  /**
   * The file.
   *
   * @return its path
   */
  Path file();

  /**
   * How large the records are, held as numbers, as far as can be told without reading them.
   *
   * @return bytes
   */
  long bytes();

  /**
   * What each record has.
   *
   * @return the fields, in order
   */
  List<Field> fields();

  /**
   * Where a field is.
   *
   * @param name its name
   * @return its place from 0; -1 if none has the name
   * @throws dev.lathe.ir.LatheException BAD_DATA if two have it
   */
  default int place(String name) {
    List<String> names = fields().stream().map(Field::name).toList();
    int place = names.indexOf(name);
    int last = names.lastIndexOf(name);
    if (place != last) {
      throw Numbers.bad(
          file()
              + ": columns "
              + (place + 1)
              + " and "
              + (last + 1)
              + " are both named \""
              + name
              + "\" (expected: one)");
    }
    return place;
  }

  /**
   * Goes over all chunks once, from the first to the last.
   *
   * @param look what is done with each
   * @return the chunks, to be gone to in any order
   * @throws dev.lathe.ir.LatheException BAD_DATA with file and line if a record cannot be read;
   *     TOO_LARGE if one is
   */
  Chunks look(Look look);

  /** What is done with a chunk in a first pass. */
  @FunctionalInterface
  interface Look {
    /**
     * Reads a chunk.
     *
     * @param chunk its place, from 0
     * @param records before its first record; must be read to the end
     */
    void at(int chunk, RecordReader records);
  }

  /** The chunks of a file that was looked through. Many readers may be open at a time. */
  interface Chunks {
    /**
     * The number of chunks.
     *
     * @return at least 0
     */
    int count();

    /**
     * Reads a chunk.
     *
     * @param chunk its place, from 0
     * @return before its first record; the caller closes it
     * @throws dev.lathe.ir.LatheException BAD_DATA or FILE_NOT_FOUND if it cannot be read
     */
    RecordReader open(int chunk);

    /**
     * Digest of the file's bytes.
     *
     * @return 64 lower-case hexadecimal digits
     */
    String sha256();
  }
}

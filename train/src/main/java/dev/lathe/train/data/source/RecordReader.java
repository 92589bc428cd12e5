package dev.lathe.train.data.source;

/** A place in a chunk of records. Begins before the first. For one thread at a time. */
public interface RecordReader extends AutoCloseable {
  /**
   * Goes to the next record.
   *
   * @return false at the chunk's end
   * @throws dev.lathe.ir.LatheException BAD_DATA with file and line if it cannot be read or has not
   *     the fields that the others have
   */
  boolean next();

  /**
   * A number of the record.
   *
   * @param field place of the field
   * @param index which number of it, below its width
   * @return a finite number
   * @throws dev.lathe.ir.LatheException BAD_DATA with file, line and field if there is no such
   *     number
   */
  float number(int field, int index);

  /**
   * Whether a number is missing: an empty cell, {@code NaN}, or null.
   *
   * @param field place of the field
   * @return false for anything else that is no number
   */
  boolean isMissing(int field);

  /**
   * A field as text, without space around it.
   *
   * @param field place of the field
   * @return the text; may be empty
   * @throws dev.lathe.ir.LatheException BAD_DATA with file, line and field if it is no single value
   */
  String text(int field);

  /**
   * Where a field is, for errors.
   *
   * @param field place of the field
   * @return such as {@code f.csv: line 12: column 3: height}
   */
  String place(int field);

  @Override
  void close();
}

package dev.lathe.train;

import dev.lathe.train.data.source.CsvSource;
import dev.lathe.train.data.source.JsonLinesSource;
import dev.lathe.train.data.source.ParquetSource;
import dev.lathe.train.data.source.RecordReader;
import dev.lathe.train.data.source.RecordSource;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of records of any size, read once from the first record to the last, as training reads it.
 */
public final class Records {
  private final RecordSource source;

  private Records(RecordSource source) {
    this.source = source;
  }

  /**
   * What every record has.
   *
   * @param name what the file calls it; empty where it has no names
   * @param width how many numbers it holds; 1 for a single value
   */
  public record Field(String name, int width) {}

  /** One record; it is valid until the next is read. */
  public interface Row {
    /**
     * A number of the record.
     *
     * @param field place of the field, from 0
     * @param index which number of it, below its width
     * @return a finite number
     * @throws dev.lathe.ir.LatheException BAD_DATA with file, line and field if there is none
     */
    float number(int field, int index);

    /**
     * Whether a number is missing: an empty cell, {@code NaN}, or null.
     *
     * @param field place of the field, from 0
     * @return false for anything else that is no number
     */
    boolean isMissing(int field);

    /**
     * A single value as it is written, without space around it.
     *
     * @param field place of the field, from 0
     * @return the text; may be empty
     * @throws dev.lathe.ir.LatheException BAD_DATA with file, line and field if it holds several
     */
    String text(int field);

    /**
     * Where a field is, for errors.
     *
     * @param field place of the field, from 0
     * @return such as {@code f.csv: line 12: column 3: height}
     */
    String place(int field);
  }

  /** What is done with each record. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes a record.
     *
     * @param row the record
     */
    void take(Row row);
  }

  private record Reading(RecordReader reader) implements Row {
    @Override
    public float number(int field, int index) {
      return reader.number(field, index);
    }

    @Override
    public boolean isMissing(int field) {
      return reader.isMissing(field);
    }

    @Override
    public String text(int field) {
      return reader.text(field);
    }

    @Override
    public String place(int field) {
      return reader.place(field);
    }
  }

  /**
   * Opens a file and reads what its records have.
   *
   * @param file the file
   * @param format how it holds records
   * @return the file
   * @throws dev.lathe.ir.LatheException FILE_NOT_FOUND; BAD_DATA if it has not that format or no
   *     records; TOO_LARGE if a record is
   */
  public static Records open(Path file, RecordFormat format) {
    return new Records(
        switch (format) {
          case CSV -> CsvSource.open(file, CsvSource.Header.NONE);
          case CSV_WITH_HEADER -> CsvSource.open(file, CsvSource.Header.NAMES);
          case JSONL -> JsonLinesSource.open(file);
          case PARQUET -> ParquetSource.open(file);
        });
  }

  /**
   * What every record has.
   *
   * @return the fields, in the file's order
   */
  public List<Field> fields() {
    return source.fields().stream().map(f -> new Field(f.name(), f.width())).toList();
  }

  /**
   * Reads the file once.
   *
   * @param visitor takes each record in turn; what it throws ends the reading
   * @throws dev.lathe.ir.LatheException BAD_DATA with file and line if a record cannot be read;
   *     TOO_LARGE if one is
   */
  public void read(Visitor visitor) {
    source.look(
        (chunk, reader) -> {
          Row row = new Reading(reader);
          while (reader.next()) {
            visitor.take(row);
          }
        });
  }
}

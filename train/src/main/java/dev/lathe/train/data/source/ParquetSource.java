package dev.lathe.train.data.source;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnSchema;
import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Parquet file whose columns are not nested. Row groups are its chunks; only columns that are
 * asked for are read. Rows are counted from 1.
 */
public final class ParquetSource implements RecordSource {
  private static final int MAX_COLUMNS = 1 << 16;

  private final Path file;
  private final long size;
  private final List<ColumnSchema> columns;
  private final List<Group> groups = new ArrayList<>();
  private final long rows;

  /**
   * A row group.
   *
   * @param start offset of its first byte
   * @param end offset after its last
   * @param before rows in the groups before it
   * @param rows rows in it
   */
  record Group(long start, long end, long before, long rows) {}

  private ParquetSource(Path file, ParquetFileReader reader) throws IOException {
    this.file = file;
    this.size = Files.size(file);
    this.columns = reader.getFileSchema().getColumns();
    long before = 0;
    for (RowGroup group : reader.getFileMetaData().rowGroups()) {
      long start = Long.MAX_VALUE;
      long end = 0;
      for (var column : group.columns()) {
        start = Math.min(start, column.chunkStartOffset());
        end = Math.max(end, column.chunkStartOffset() + column.metaData().totalCompressedSize());
      }
      if (group.numRows() > 0) {
        groups.add(new Group(start, end, before, group.numRows()));
      }
      before += group.numRows();
    }
    this.rows = before;
  }

  /**
   * Opens a file and reads its footer.
   *
   * @param file the file
   * @return the file as records
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if it is not Parquet or has no rows; TOO_LARGE
   *     if it has too many columns
   */
  public static ParquetSource open(Path file) {
    RegularFile.require(file);
    return guarded(file, () -> opened(file));
  }

  private static ParquetSource opened(Path file) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      ParquetSource source = new ParquetSource(file, reader);
      if (source.columns.size() > MAX_COLUMNS) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            file + ": " + source.columns.size() + " columns (expected: at most 65536)");
      }
      if (source.rows == 0) {
        throw Numbers.bad(file + ": no records");
      }
      return source;
    }
  }

  /** What is done with the library. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  /** The library throws many things for broken files; all of them mean BAD_DATA. */
  static <T> T guarded(Path file, Work<T> work) {
    try {
      return work.run();
    } catch (LatheException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new LatheException(
          TrainError.BAD_DATA, file + ": Parquet cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public long bytes() {
    return rows * columns.size() * Float.BYTES;
  }

  @Override
  public List<Field> fields() {
    return columns.stream().map(column -> new Field(column.fieldPath().toString(), 1)).toList();
  }

  ColumnSchema column(int field) {
    return columns.get(field);
  }

  @Override
  public Chunks look(Look look) {
    Found found = new Found(Digest.ofFile(file));
    for (int chunk = 0; chunk < found.count(); chunk++) {
      try (RecordReader reader = found.open(chunk)) {
        look.at(chunk, reader);
      }
    }
    return found;
  }

  private final class Found implements Chunks {
    private final String sha256;

    Found(String sha256) {
      this.sha256 = sha256;
    }

    @Override
    public int count() {
      return groups.size();
    }

    @Override
    public String sha256() {
      return sha256;
    }

    @Override
    public RecordReader open(int chunk) {
      return guarded(file, () -> rows(groups.get(chunk)));
    }

    private RecordReader rows(Group group) throws IOException {
      long found = Files.size(file);
      if (found != size) {
        throw Numbers.bad(file + ": " + found + " bytes (expected: " + size + " as before)");
      }
      return new ParquetRows(ParquetSource.this, group);
    }
  }
}

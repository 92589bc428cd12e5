package dev.lathe.train.data.source;

import de.siegmar.fastcsv.reader.CsvIndex;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.IndexedCsvReader;
import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A CSV file (RFC 4180, UTF-8). Opening it passes over its bytes once, to know where chunks begin.
 * Lines without a character are passed over; lines and columns are counted from 1.
 */
public final class CsvSource implements RecordSource {
  /** Whether the first record names the columns. */
  public enum Header {
    /** It does. */
    NAMES,
    /** It is a record like the others. */
    NONE
  }

  private static final int CHUNK_BYTES = 1 << 18;
  private static final int MAX_CHUNK_RECORDS = 4_096;
  private static final long MAX_CHUNK_BYTES = 1 << 26;

  private final Path file;
  private final Header header;
  private final int chunkRecords;
  private final CsvIndex index;
  private final List<Field> fields;

  private CsvSource(Path file, Header header) throws IOException {
    this.file = file;
    this.header = header;
    this.chunkRecords = chunkRecords(file);
    try (IndexedCsvReader<CsvRecord> reader = builder().ofCsvRecord(file)) {
      this.index = reader.getIndex();
      requireSmallChunks();
      this.fields = index.pages().isEmpty() ? List.of() : fields(reader.readPage(0));
    }
  }

  /**
   * Passes over a file's bytes.
   *
   * @param file the file
   * @param header whether the first record names the columns
   * @return the file as records
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if it is not CSV or has no records; TOO_LARGE
   *     if single records are
   */
  public static CsvSource open(Path file, Header header) {
    if (!Files.isRegularFile(file)) {
      throw new LatheException(TrainError.FILE_NOT_FOUND, "data file " + file + ": no such file");
    }
    try {
      CsvSource source = new CsvSource(file, header);
      if (source.fields.isEmpty()) {
        throw new LatheException(TrainError.BAD_DATA, file + ": no records");
      }
      return source;
    } catch (IOException | UncheckedIOException | CsvParseException | IllegalArgumentException e) {
      throw notCsv(file, e);
    }
  }

  private static LatheException notCsv(Path file, Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new LatheException(
        TrainError.BAD_DATA, file + ": not CSV: " + e.getMessage() + reason(e, root), e);
  }

  private static String reason(Throwable e, Throwable root) {
    return e == root ? "" : ": " + root.getMessage();
  }

  /** Records in a chunk, by the length of the first lines. */
  private static int chunkRecords(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(CHUNK_BYTES);
    }
    int lines = 1;
    for (byte b : start) {
      lines += b == '\n' ? 1 : 0;
    }
    return Math.min(MAX_CHUNK_RECORDS, lines);
  }

  private IndexedCsvReader.IndexedCsvReaderBuilder builder() {
    return IndexedCsvReader.builder().allowUnclosedQuote(false).pageSize(chunkRecords);
  }

  private void requireSmallChunks() {
    List<CsvIndex.CsvPage> pages = index.pages();
    for (int i = 0; i < pages.size(); i++) {
      long end = i + 1 < pages.size() ? pages.get(i + 1).offset() : index.fileSize();
      long bytes = end - pages.get(i).offset();
      if (bytes > MAX_CHUNK_BYTES) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            file
                + ": line "
                + pages.get(i).startingLineNumber()
                + " and the "
                + (chunkRecords - 1)
                + " records after it have "
                + bytes
                + " bytes (expected: at most "
                + MAX_CHUNK_BYTES
                + ")");
      }
    }
  }

  private List<Field> fields(List<CsvRecord> page) {
    List<Field> found = new ArrayList<>();
    for (CsvRecord row : page) {
      if (found.isEmpty() && !isBlank(row)) {
        row.getFields().forEach(cell -> found.add(new Field(name(cell), 1)));
      }
    }
    return List.copyOf(found);
  }

  private String name(String cell) {
    return header == Header.NAMES ? cell : "";
  }

  private static boolean isBlank(CsvRecord row) {
    return row.getFieldCount() == 0 || row.getFieldCount() == 1 && row.getField(0).isEmpty();
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public int chunks() {
    return index.pages().size();
  }

  @Override
  public RecordReader open(int chunk) {
    try (IndexedCsvReader<CsvRecord> reader = builder().index(index).ofCsvRecord(file)) {
      Iterator<CsvRecord> rows = reader.readPage(chunk).iterator();
      Rows read = new Rows(rows);
      if (chunk == 0 && header == Header.NAMES) {
        read.next();
      }
      return read;
    } catch (IOException | UncheckedIOException | CsvParseException | IllegalArgumentException e) {
      throw notCsv(file, e);
    }
  }

  /** The records of a chunk. */
  private final class Rows implements RecordReader {
    private final Iterator<CsvRecord> rows;
    private CsvRecord row;

    Rows(Iterator<CsvRecord> rows) {
      this.rows = rows;
    }

    @Override
    public boolean next() {
      while (rows.hasNext()) {
        row = rows.next();
        if (!isBlank(row)) {
          requireFields();
          return true;
        }
      }
      return false;
    }

    private void requireFields() {
      int found = row.getFieldCount();
      if (found != fields.size()) {
        throw Numbers.bad(
            line()
                + ": column "
                + (Math.min(found, fields.size()) + 1)
                + ": "
                + found
                + " columns (expected: "
                + fields.size()
                + ")");
      }
    }

    @Override
    public float number(int field, int index) {
      return Numbers.parse(text(field), expected(), this, field);
    }

    private String expected() {
      long line = row.getStartingLineNumber();
      return header == Header.NONE && line == 1
          ? Numbers.EXPECTED + ", or header: true if line 1 names columns"
          : Numbers.EXPECTED;
    }

    @Override
    public String text(int field) {
      return row.getField(field).strip();
    }

    private String line() {
      return file + ": line " + row.getStartingLineNumber();
    }

    @Override
    public String place(int field) {
      String name = fields.get(field).name();
      return line() + ": column " + (field + 1) + (name.isEmpty() ? "" : ": " + name);
    }

    @Override
    public void close() {
      // The chunk's records are held; the file is closed.
    }
  }
}

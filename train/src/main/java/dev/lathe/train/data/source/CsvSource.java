package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A CSV file (RFC 4180, UTF-8). Lines without a character are passed over; lines and columns are
 * counted from 1.
 */
public final class CsvSource implements RecordSource {
  /** Whether the first record names the columns. */
  public enum Header {
    /** It does. */
    NAMES,
    /** It is a record like the others. */
    NONE
  }

  private static final int MAX_FIELDS = 1 << 20;

  private final Path file;
  private final Header header;
  private final TextFile text;
  private final List<Field> fields = new ArrayList<>();

  private CsvSource(Path file, Header header) {
    this.file = file;
    this.header = header;
    this.text = new TextFile(file, new Format());
    Rows start = (Rows) text.start();
    if (start.record()) {
      for (int i = 0; i < start.count; i++) {
        fields.add(new Field(header == Header.NAMES ? start.text(i) : "", 1));
      }
    }
  }

  /**
   * Opens a file and reads its first record.
   *
   * @param file the file
   * @param header whether the first record names the columns
   * @return the file as records
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if it does not begin as CSV or has no records;
   *     TOO_LARGE if its first record is
   */
  public static CsvSource open(Path file, Header header) {
    CsvSource source = new CsvSource(file, header);
    if (source.fields.isEmpty()) {
      throw Numbers.bad(file + ": no records");
    }
    return source;
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public long bytes() {
    return text.size();
  }

  @Override
  public List<Field> fields() {
    return List.copyOf(fields);
  }

  @Override
  public Chunks look(Look look) {
    return text.look(look);
  }

  private final class Format implements TextFile.Format {
    @Override
    public int end(byte[] bytes, int length) {
      return new CsvText(bytes, length).lastEnd();
    }

    @Override
    public TextFile.LineReader read(TextFile.Slice slice) {
      Rows rows = new Rows(slice);
      if (slice.chunk() == 0 && header == Header.NAMES && !fields.isEmpty()) {
        rows.record();
      }
      return rows;
    }
  }

  /** The records of a chunk. */
  private final class Rows implements TextFile.LineReader {
    private final CsvText csv;
    private final byte[] bytes;
    private final int length;
    private int[] starts = new int[Math.max(16, fields.size())];
    private int[] ends = new int[starts.length];
    private boolean[] asked = new boolean[starts.length];
    private float[] numbers = new float[starts.length];
    private final Decimal decimal = new Decimal();
    private int count;
    private int at;
    private long line;
    private long nextLine;

    Rows(TextFile.Slice slice) {
      this.bytes = slice.bytes();
      this.length = slice.length();
      this.csv = new CsvText(bytes, length);
      this.nextLine = slice.line();
      if (slice.chunk() == 0) {
        begin();
      }
    }

    /** Passes over the mark that says UTF-8; refuses those that say something else. */
    private void begin() {
      if (length >= 2 && (bytes[0] & 0xFF) + (bytes[1] & 0xFF) == 0xFE + 0xFF) {
        throw Numbers.bad(file + ": not CSV: UTF-16 text (expected: UTF-8)");
      }
      boolean mark =
          length >= 3
              && bytes[0] == (byte) 0xEF
              && bytes[1] == (byte) 0xBB
              && bytes[2] == (byte) 0xBF;
      at = mark ? 3 : 0;
    }

    @Override
    public boolean next() {
      if (!record()) {
        return false;
      }
      if (count != fields.size()) {
        throw Numbers.bad(
            line()
                + ": column "
                + (Math.min(count, fields.size()) + 1)
                + ": "
                + count
                + " columns (expected: "
                + fields.size()
                + ")");
      }
      return true;
    }

    /** Finds the next record's fields; false at the end. */
    boolean record() {
      while (at < length) {
        line = nextLine;
        fields();
        if (count > 1 || starts[0] < ends[0]) {
          return true;
        }
      }
      return false;
    }

    private void fields() {
      count = 0;
      boolean last = false;
      while (!last) {
        if (count == starts.length) {
          grow();
        }
        int end = asked[count] ? numberEnd() : textEnd();
        starts[count] = at;
        ends[count++] = end;
        last = csv.isRecordEnd(end);
        at = csv.afterField(end);
      }
      nextLine++;
    }

    /** The end of a field that has been a number: then it has been read already. */
    private int numberEnd() {
      numbers[count] = decimal.read(bytes, at, length);
      int end = decimal.end();
      if (csv.isFieldEnd(end)) {
        return end;
      }
      numbers[count] = Float.NaN;
      return textEnd();
    }

    private int textEnd() {
      int end = csv.fieldEnd(at);
      if (end < 0) {
        throw Numbers.bad(notCsv() + "a quote that is not closed");
      }
      if (csv.isQuoted(at, end)) {
        if (!csv.isClosed(at, end)) {
          throw Numbers.bad(notCsv() + "text after a closing quote");
        }
        nextLine += csv.lines(at, end);
      }
      return end;
    }

    private String notCsv() {
      return file + ": not CSV: line " + line + ": column " + (count + 1) + ": ";
    }

    private void grow() {
      if (count == MAX_FIELDS) {
        throw Numbers.bad(line() + ": more than " + MAX_FIELDS + " columns");
      }
      starts = Arrays.copyOf(starts, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
      asked = Arrays.copyOf(asked, 2 * count);
      numbers = Arrays.copyOf(numbers, 2 * count);
    }

    @Override
    public float number(int field, int index) {
      float value = plain(field);
      return Float.isFinite(value) ? value : notPlain(field);
    }

    @Override
    public boolean isMissing(int field) {
      return !Float.isFinite(plain(field)) && Numbers.isMissing(text(field));
    }

    /** A cell's number; not finite if it is none, or is in quotes. */
    private float plain(int field) {
      if (!asked[field]) {
        asked[field] = true;
        numbers[field] = decimal.parse(bytes, starts[field], ends[field]);
      }
      return numbers[field];
    }

    /** A cell in quotes or with space around it, or none that is a number. */
    private float notPlain(int field) {
      return Numbers.parse(text(field), expected(), this, field);
    }

    private String expected() {
      return header == Header.NONE && line == 1
          ? Numbers.EXPECTED + ", or header: true if line 1 names columns"
          : Numbers.EXPECTED;
    }

    @Override
    public String text(int field) {
      return csv.text(starts[field], ends[field]).strip();
    }

    private String line() {
      return file + ": line " + line;
    }

    @Override
    public String place(int field) {
      String name = fields.get(field).name();
      return line() + ": column " + (field + 1) + (name.isEmpty() ? "" : ": " + name);
    }

    @Override
    public long nextLine() {
      return nextLine;
    }

    @Override
    public void close() {
      // The chunk's bytes are held; the file is closed.
    }
  }
}

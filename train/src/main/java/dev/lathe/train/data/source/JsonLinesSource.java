package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A file with one JSON object in each line. The first object says which fields all have: numbers,
 * texts, booleans, or arrays of numbers, which may be nested. Blank lines are passed over; lines
 * are counted from 1.
 */
public final class JsonLinesSource implements RecordSource {
  private final Path file;
  private final TextFile text;
  private final JsonRecord first;

  private JsonLinesSource(Path file, Set<String> wanted) {
    this.file = file;
    this.first = JsonRecord.first(wanted);
    this.text = new TextFile(file, new Format());
  }

  /**
   * Opens a file and reads its first record.
   *
   * @param file the file, UTF-8
   * @return the file as records
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if the first record is not JSON as described;
   *     TOO_LARGE if its line is
   */
  public static JsonLinesSource open(Path file) {
    return open(file, Set.of());
  }

  /**
   * Opens a file and reads its first record. Of each record some fields are used; others may hold
   * anything and be absent, and have the width 0.
   *
   * @param file the file, UTF-8
   * @param wanted names of the fields that are used; empty for all
   * @return the file as records
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if the first record is not JSON as described;
   *     TOO_LARGE if its line is
   */
  public static JsonLinesSource open(Path file, Set<String> wanted) {
    JsonLinesSource source = new JsonLinesSource(file, wanted);
    if (!source.text.start().next()) {
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
    return first.fields();
  }

  @Override
  public Chunks look(Look look) {
    return text.look(look);
  }

  private final class Format implements TextFile.Format {
    @Override
    public int end(byte[] bytes, int length) {
      int end = length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      return end;
    }

    @Override
    public TextFile.LineReader read(TextFile.Slice slice) {
      return new Lines(slice);
    }
  }

  /** The records of a chunk. */
  private final class Lines implements TextFile.LineReader {
    private final byte[] bytes;
    private final int length;
    private final JsonRecord record;
    private int at;
    private long line;

    Lines(TextFile.Slice slice) {
      this.bytes = slice.bytes();
      this.length = slice.length();
      this.line = slice.line() - 1;
      this.record = first.fields().isEmpty() ? first : first.like();
    }

    @Override
    public boolean next() {
      while (at < length) {
        int end = at;
        while (end < length && bytes[end] != '\n') {
          end++;
        }
        byte[] text = Arrays.copyOfRange(bytes, at, end);
        at = end + 1;
        line++;
        if (!isBlank(text)) {
          record.read(text, file + ": line " + line);
          return true;
        }
      }
      return false;
    }

    private static boolean isBlank(byte[] text) {
      for (byte b : text) {
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return true;
    }

    @Override
    public float number(int field, int index) {
      double value = record.number(field, index);
      return Double.isNaN(value) ? notNumber(field) : Numbers.finite(value, this, field);
    }

    @Override
    public boolean isMissing(int field) {
      String shown = record.shown(field);
      return Double.isNaN(record.number(field, 0))
          && (shown.equals("null") || Numbers.isMissing(shown));
    }

    private float notNumber(int field) {
      throw Numbers.none(record.shown(field), Numbers.EXPECTED, this, field);
    }

    @Override
    public String text(int field) {
      return record.text(field, place(field)).strip();
    }

    @Override
    public String place(int field) {
      return file + ": line " + line + ": " + first.fields().get(field).name();
    }

    @Override
    public long nextLine() {
      return line + 1;
    }

    @Override
    public void close() {
      // The chunk's bytes are held; the file is closed.
    }
  }
}

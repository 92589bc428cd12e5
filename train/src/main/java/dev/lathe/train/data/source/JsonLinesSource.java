package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A file with one JSON object in each line. Opening it passes over its bytes once, to know where
 * chunks begin. The first object says which fields all have: numbers, texts, booleans, or arrays of
 * numbers, which may be nested. Blank lines are passed over; lines are counted from 1.
 */
public final class JsonLinesSource implements RecordSource {
  private static final int CHUNK_BYTES = 1 << 18;
  private static final int MAX_LINE_BYTES = 1 << 24;

  private final Path file;
  private final long size;
  private final List<Chunk> chunks;
  private final JsonRecord first;

  /**
   * Lines that are read together.
   *
   * @param offset of the first, in bytes
   * @param line its number, from 1
   */
  private record Chunk(long offset, long line) {}

  private JsonLinesSource(Path file) throws IOException {
    this.file = file;
    this.size = Files.size(file);
    this.chunks = scan(file);
    this.first = JsonRecord.first();
    try (RecordReader rows = open(0)) {
      if (!rows.next()) {
        throw new LatheException(TrainError.BAD_DATA, file + ": no records");
      }
    }
  }

  /**
   * Passes over a file's bytes and reads its first record.
   *
   * @param file the file, UTF-8
   * @return the file as records
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if the first record is not JSON as described;
   *     TOO_LARGE if a line is
   */
  public static JsonLinesSource open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new LatheException(TrainError.FILE_NOT_FOUND, "data file " + file + ": no such file");
    }
    try {
      return new JsonLinesSource(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static LatheException unreadable(Path file, IOException e) {
    return new LatheException(TrainError.BAD_DATA, file + ": " + e.getMessage(), e);
  }

  private static List<Chunk> scan(Path file) throws IOException {
    List<Chunk> chunks = new ArrayList<>(List.of(new Chunk(0, 1)));
    byte[] block = new byte[1 << 16];
    long at = 0;
    long line = 1;
    long lineStart = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        for (int i = 0; i < n; i++) {
          if (block[i] == '\n') {
            requireShort(file, line, at + i - lineStart);
            line++;
            lineStart = at + i + 1;
            if (lineStart - chunks.getLast().offset() >= CHUNK_BYTES) {
              chunks.add(new Chunk(lineStart, line));
            }
          }
        }
        at += n;
        requireShort(file, line, at - lineStart);
      }
    }
    return List.copyOf(chunks);
  }

  private static void requireShort(Path file, long line, long bytes) {
    if (bytes > MAX_LINE_BYTES) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          file + ": line " + line + ": more than " + MAX_LINE_BYTES + " bytes");
    }
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public List<Field> fields() {
    return first.fields();
  }

  @Override
  public int chunks() {
    return chunks.size();
  }

  @Override
  public RecordReader open(int chunk) {
    Chunk from = chunks.get(chunk);
    long end = chunk + 1 < chunks.size() ? chunks.get(chunk + 1).offset() : size;
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      if (in.length() != size) {
        throw Numbers.bad(file + ": " + in.length() + " bytes (expected: " + size + " as before)");
      }
      in.seek(from.offset());
      byte[] bytes = new byte[Math.toIntExact(end - from.offset())];
      in.readFully(bytes);
      return new Lines(bytes, from.line());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The records of a chunk. */
  private final class Lines implements RecordReader {
    private final byte[] bytes;
    private final JsonRecord record;
    private int at;
    private long line;

    Lines(byte[] bytes, long line) {
      this.bytes = bytes;
      this.line = line - 1;
      this.record = first.fields().isEmpty() ? first : first.like();
    }

    @Override
    public boolean next() {
      while (at < bytes.length) {
        int end = at;
        while (end < bytes.length && bytes[end] != '\n') {
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
    public void close() {
      // The chunk's bytes are held; the file is closed.
    }
  }
}

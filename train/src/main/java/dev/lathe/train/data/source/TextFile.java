package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text file whose records end at bytes that a {@link Format} knows. One pass over its bytes finds
 * chunks of whole records, hands each out to be read, and takes the digest.
 */
final class TextFile {
  private static final int MAX_RECORD_BYTES = 1 << 24;
  private static final int CHUNK_BYTES = 1 << 18;

  private final Path file;
  private final Format format;
  private final long size;

  /** How a file's bytes are records. */
  interface Format {
    /** Where the last whole record among bytes ends; 0 if none does. */
    int end(byte[] bytes, int length);

    /** Reads whole records. */
    LineReader read(Slice slice);
  }

  /** A reader that knows in which line it stands. */
  interface LineReader extends RecordReader {
    /** The line after the last that was read, from 1. */
    long nextLine();
  }

  /**
   * Whole records.
   *
   * @param bytes a buffer that begins with them
   * @param length how many bytes they have
   * @param chunk their place among the chunks, from 0
   * @param line the first one's line, from 1
   */
  record Slice(byte[] bytes, int length, int chunk, long line) {}

  /**
   * Where a chunk lies.
   *
   * @param offset its first byte
   * @param length how many bytes it has
   * @param line its first line, from 1
   */
  private record Chunk(long offset, int length, long line) {}

  TextFile(Path file, Format format) {
    this.file = file;
    this.format = format;
    RegularFile.require(file);
    try {
      this.size = Files.size(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  long size() {
    return size;
  }

  private LatheException unreadable(IOException e) {
    return new LatheException(TrainError.BAD_DATA, file + ": cannot be read: " + e.getMessage(), e);
  }

  /** The first whole records, to see what the file is. */
  LineReader start() {
    try (InputStream in = Files.newInputStream(file)) {
      Buffer buffer = new Buffer(in);
      return format.read(new Slice(buffer.bytes, buffer.records(1), 0, 1));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  RecordSource.Chunks look(RecordSource.Look look) {
    Digest digest = new Digest();
    List<Chunk> chunks = new ArrayList<>();
    long offset = 0;
    long line = 1;
    try (InputStream in = Files.newInputStream(file)) {
      Buffer buffer = new Buffer(in);
      for (int end = buffer.records(line); end > 0; end = buffer.records(line)) {
        digest.add(buffer.bytes, end);
        LineReader reader = format.read(new Slice(buffer.bytes, end, chunks.size(), line));
        look.at(chunks.size(), reader);
        chunks.add(new Chunk(offset, end, line));
        offset += end;
        line = reader.nextLine();
        buffer.drop(end);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return new Found(List.copyOf(chunks), digest.hex(), offset);
  }

  /** Bytes that were read and not yet made chunks. */
  private final class Buffer {
    private final InputStream in;
    private byte[] bytes = new byte[CHUNK_BYTES];
    private int filled;

    Buffer(InputStream in) {
      this.in = in;
    }

    /** Fills up; returns where the last whole record ends, 0 at the file's end. */
    int records(long line) throws IOException {
      while (true) {
        filled += in.readNBytes(bytes, filled, bytes.length - filled);
        if (filled < bytes.length) {
          return filled;
        }
        int end = format.end(bytes, filled);
        if (end > 0) {
          return end;
        }
        if (bytes.length >= MAX_RECORD_BYTES) {
          throw new LatheException(
              TrainError.TOO_LARGE,
              file + ": line " + line + ": more than " + MAX_RECORD_BYTES + " bytes in a record");
        }
        bytes = Arrays.copyOf(bytes, 2 * bytes.length);
      }
    }

    void drop(int end) {
      System.arraycopy(bytes, end, bytes, 0, filled - end);
      filled -= end;
    }
  }

  /** The chunks of a file that was looked through. */
  private final class Found implements RecordSource.Chunks {
    private final List<Chunk> chunks;
    private final String sha256;
    private final long bytes;

    Found(List<Chunk> chunks, String sha256, long bytes) {
      this.chunks = chunks;
      this.sha256 = sha256;
      this.bytes = bytes;
    }

    @Override
    public int count() {
      return chunks.size();
    }

    @Override
    public String sha256() {
      return sha256;
    }

    @Override
    public RecordReader open(int chunk) {
      Chunk from = chunks.get(chunk);
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        if (in.length() != bytes) {
          throw Numbers.bad(
              file + ": " + in.length() + " bytes (expected: " + bytes + " as before)");
        }
        byte[] read = new byte[from.length()];
        in.seek(from.offset());
        in.readFully(read);
        return format.read(new Slice(read, read.length, chunk, from.line()));
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
  }
}

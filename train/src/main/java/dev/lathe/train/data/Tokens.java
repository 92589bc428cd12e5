package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tokens one after another, as many as the disk holds: they are written to a file in the folder for
 * temporary files, which has no name from the beginning on, so that it is gone with the last who
 * reads it whatever happens, and read where the system maps it. Safe for use by many threads.
 *
 * @param values each in four bytes, little-endian
 */
record Tokens(MemorySegment values) {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** No tokens. */
  static final Tokens NONE = new Tokens(MemorySegment.NULL);

  long size() {
    return values.byteSize() / Integer.BYTES;
  }

  int at(long index) {
    return values.getAtIndex(INT, index);
  }

  /** Those from one up to another, over the same memory. */
  Tokens part(long from, long to) {
    return new Tokens(values.asSlice(from * Integer.BYTES, (to - from) * Integer.BYTES));
  }

  /** Takes tokens in their order. */
  static final class Writer implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private long size;

    Writer() {
      try {
        Path named = Files.createTempFile("lathe-tokens", "");
        try {
          file = FileChannel.open(named, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
          Files.delete(named);
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }

    void add(int[] tokens) {
      for (int token : tokens) {
        if (!buffer.hasRemaining()) {
          flush();
        }
        buffer.putInt(token);
      }
      size += tokens.length;
    }

    long size() {
      return size;
    }

    private void flush() {
      try {
        buffer.flip();
        while (buffer.hasRemaining()) {
          file.write(buffer);
        }
        buffer.clear();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    /** All that were taken, for as long as they are reachable. */
    Tokens all() {
      flush();
      try {
        return size == 0
            ? NONE
            : new Tokens(
                file.map(FileChannel.MapMode.READ_ONLY, 0, size * Integer.BYTES, Arena.ofAuto()));
      } catch (IOException e) {
        throw failed(e);
      }
    }

    private static LatheException failed(IOException cause) {
      return new LatheException(
          TrainError.STORAGE,
          "tokens cannot be kept in the folder for temporary files, "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + cause
              + " (expected: room for 4 bytes a token; -Djava.io.tmpdir names another folder)",
          cause);
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}

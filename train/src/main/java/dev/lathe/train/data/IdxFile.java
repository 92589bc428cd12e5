package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.RegularFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * An IDX file: two zero bytes, a type, a rank, sizes and elements, big-endian; plain or in gzip.
 *
 * @param dims the sizes
 * @param values the elements as numbers, row-major
 * @see <a href="http://yann.lecun.com/exdb/mnist/">The MNIST database, file formats</a>
 */
record IdxFile(long[] dims, float[] values) {
  /** Most classes that labels may tell apart. */
  static final int MAX_CLASSES = 65_536;

  private static final int MAX_RANK = 5;

  static IdxFile read(Path file) {
    RegularFile.require(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      boolean zipped = isGzip(raw);
      InputStream in =
          zipped ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16) : raw;
      return read(new DataInputStream(in), file, zipped ? -1 : Files.size(file));
    } catch (EOFException e) {
      throw new LatheException(TrainError.BAD_DATA, file + ": ends too early", e);
    } catch (IOException e) {
      throw new LatheException(TrainError.BAD_DATA, file + ": " + e.getMessage(), e);
    }
  }

  private static boolean isGzip(InputStream in) throws IOException {
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip;
  }

  private static IdxFile read(DataInputStream in, Path file, long fileSize) throws IOException {
    int magic = in.readInt();
    Kind kind = Kind.of(magic >>> 8 & 0xFF);
    int rank = magic & 0xFF;
    if (magic >>> 16 != 0 || kind == Kind.NONE || rank < 1 || rank > MAX_RANK) {
      throw bad(
          file, String.format("magic number 0x%08x (expected: 0x0000TTRR, type 08 to 0e)", magic));
    }
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = in.readInt();
    }
    int count = count(dims, file);
    long expected = 4L + 4L * rank + (long) count * kind.width;
    if (fileSize >= 0 && fileSize != expected) {
      throw bad(
          file,
          fileSize
              + " bytes (expected: "
              + expected
              + " by its header "
              + Arrays.toString(dims)
              + ")");
    }
    float[] values = values(in, kind, count);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw bad(file, "element " + value + " (expected: finite numbers)");
      }
    }
    if (in.read() >= 0) {
      throw bad(file, "more bytes than its header " + Arrays.toString(dims) + " says");
    }
    return new IdxFile(dims, values);
  }

  private static int count(long[] dims, Path file) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 1) {
        throw bad(file, "sizes " + Arrays.toString(dims) + " (expected: at least 1 each)");
      }
      product = Math.multiplyHigh(product, dim) == 0 ? product * dim : Long.MAX_VALUE;
      if (product > FloatList.MOST) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            file
                + ": "
                + Arrays.toString(dims)
                + " elements (expected: at most "
                + FloatList.MOST
                + ")");
      }
    }
    return (int) product;
  }

  /** Reads in chunks that grow, so that a header alone cannot take much memory. */
  private static float[] values(DataInputStream in, Kind kind, int count) throws IOException {
    float[] values = new float[Math.min(count, 1 << 20)];
    byte[] chunk = new byte[1 << 13];
    int perChunk = chunk.length / kind.width;
    for (int at = 0; at < count; at += perChunk) {
      int n = Math.min(perChunk, count - at);
      in.readFully(chunk, 0, n * kind.width);
      if (at + n > values.length) {
        values = Arrays.copyOf(values, (int) Math.min(count, values.length * 2L));
      }
      ByteBuffer buffer = ByteBuffer.wrap(chunk);
      for (int i = 0; i < n; i++) {
        values[at + i] = kind.read(buffer, i * kind.width);
      }
    }
    return values;
  }

  /** Class indices [N]. */
  Tensor classes(Path file) {
    if (dims.length != 1) {
      throw bad(file, "labels " + Arrays.toString(dims) + " (expected: one size)");
    }
    long[] classes = new long[values.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (long) values[i];
      if (classes[i] != values[i] || classes[i] < 0 || classes[i] >= MAX_CLASSES) {
        throw bad(
            file, "label " + values[i] + " of example " + i + " (expected: a class index from 0)");
      }
    }
    return Tensor.ofLongs(classes, classes.length);
  }

  /** Numbers [N, K]. */
  Tensor numbers() {
    return Tensor.ofFloats(values, dims[0], values.length / dims[0]);
  }

  static LatheException bad(Path file, String message) {
    return new LatheException(TrainError.BAD_DATA, file + ": " + message);
  }

  /** The element types of the format. */
  private enum Kind {
    NONE(0, 1),
    UBYTE(0x08, 1),
    BYTE(0x09, 1),
    SHORT(0x0B, 2),
    INT(0x0C, 4),
    FLOAT(0x0D, 4),
    DOUBLE(0x0E, 8);

    private final int code;
    private final int width;

    Kind(int code, int width) {
      this.code = code;
      this.width = width;
    }

    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return NONE;
    }

    float read(ByteBuffer buffer, int at) {
      return switch (this) {
        case NONE, UBYTE -> buffer.get(at) & 0xFF;
        case BYTE -> buffer.get(at);
        case SHORT -> buffer.getShort(at);
        case INT -> buffer.getInt(at);
        case FLOAT -> buffer.getFloat(at);
        case DOUBLE -> (float) buffer.getDouble(at);
      };
    }
  }
}

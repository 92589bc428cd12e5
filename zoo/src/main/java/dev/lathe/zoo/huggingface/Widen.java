package dev.lathe.zoo.huggingface;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.ZooError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Floating-point numbers of other widths as FLOAT; those of 16 bits exactly. They go into memory,
 * or into a file that is mapped, so that a model may be larger than the memory.
 */
final class Widen {
  /** Tensors smaller than this go into memory all the same: mappings are few. */
  private static final long LEAST_IN_FILE = 1 << 16;

  /** A page, so that every tensor starts at one. */
  private static final long PAGE = 4096;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Optional<Path> file;
  private long end;

  private Widen(Optional<Path> file) {
    this.file = file;
  }

  /** Into memory. */
  static Widen inMemory() {
    return new Widen(Optional.empty());
  }

  /** Into a file, which is made when it is needed, and must live as long as the tensors. */
  static Widen into(Path file) {
    return new Widen(Optional.of(file));
  }

  /** A FLOAT tensor to be filled. */
  Tensor room(long... dims) {
    long bytes = ElementType.FLOAT.byteSize(Tensor.sizeOf(dims));
    if (file.isEmpty() || bytes < LEAST_IN_FILE) {
      return Tensor.zeros(ElementType.FLOAT, dims);
    }
    try (FileChannel channel =
        FileChannel.open(
            file.get(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MemorySegment mapped = channel.map(MapMode.READ_WRITE, end, bytes, Arena.ofAuto());
      end += (bytes + PAGE - 1) / PAGE * PAGE;
      return Tensor.of(ElementType.FLOAT, dims, mapped);
    } catch (IOException e) {
      throw new LatheException(
          ZooError.UNREADABLE, file.get() + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** A new tensor of the same numbers. */
  Tensor toFloat(Tensor narrow) {
    Tensor wide = room(narrow.dims());
    MemorySegment from = narrow.data();
    MemorySegment to = wide.data();
    long size = narrow.size();
    switch (narrow.type()) {
      case BFLOAT16 -> {
        for (long i = 0; i < size; i++) {
          to.set(INT, 4 * i, from.get(SHORT, 2 * i) << 16);
        }
      }
      case FLOAT16 -> {
        for (long i = 0; i < size; i++) {
          to.set(FLOAT, 4 * i, Float.float16ToFloat(from.get(SHORT, 2 * i)));
        }
      }
      case DOUBLE -> {
        for (long i = 0; i < size; i++) {
          to.set(FLOAT, 4 * i, (float) from.get(DOUBLE, 8 * i));
        }
      }
      default -> throw new IllegalArgumentException(narrow.toString());
    }
    return wide;
  }
}

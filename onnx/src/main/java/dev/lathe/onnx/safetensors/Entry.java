package dev.lathe.onnx.safetensors;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxError;
import java.util.List;

/**
 * One tensor of a file.
 *
 * @param name its name
 * @param dtype its element type
 * @param shape its shape
 * @param begin where its data begin, in bytes after the header
 * @param end where its data end
 */
public record Entry(String name, Dtype dtype, List<Long> shape, long begin, long end) {
  /** Copies the list. */
  public Entry {
    shape = List.copyOf(shape);
  }

  /**
   * The shape.
   *
   * @return a new array
   */
  public long[] dims() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Refuses an entry that does not begin where the one before it ended, or whose length is not what
   * its shape takes.
   *
   * @param from where the entry before it ended
   * @throws LatheException MALFORMED
   */
  public void require(long from) {
    if (begin != from || end < begin) {
      throw malformed(
          "data_offsets [" + begin + ", " + end + "] (expected: to begin at " + from + ")");
    }
    long count = Tensor.sizeOf(dims());
    int bits = dtype.type().bits();
    boolean whole = bits >= 8 || count % (8 / bits) == 0;
    long bytes = dtype.type().byteSize(count);
    if (!whole || bytes != end - begin) {
      throw malformed(
          (end - begin) + " bytes (expected: " + bytes + ", whole, for " + dtype + shape + ")");
    }
  }

  private LatheException malformed(String what) {
    return new LatheException(OnnxError.MALFORMED, "safetensors: tensor \"" + name + "\": " + what);
  }
}

package dev.lathe.onnx;

import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * Named tensors in a file, as the safetensors format has them.
 *
 * @param tensors the tensors by name, in the order of their data
 * @param metadata free keys and values
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  /**
   * Opens a file; tensors are slices of the mapped file.
   *
   * @param file the file
   * @return its tensors
   */
  public static Safetensors open(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /**
   * Reads tensors from memory.
   *
   * @param bytes the whole file; tensors are slices of it
   * @return its tensors
   */
  public static Safetensors parse(MemorySegment bytes) {
    throw new UnsupportedOperationException(bytes.toString());
  }

  /**
   * Writes a file.
   *
   * @param file the file, replaced at once when all is on the disk
   * @param tensors the tensors by name
   * @param metadata free keys and values
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    throw new UnsupportedOperationException(file + "" + tensors + metadata);
  }
}

package dev.lathe.onnx.codec;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/** Finds the bytes of tensors that lie outside the model's file. */
@FunctionalInterface
public interface ExternalSource {
  /**
   * Finds a tensor's bytes.
   *
   * @param tensor the tensor's name, for messages
   * @param entries the keys and values of {@code external_data}: {@code location}, {@code offset},
   *     {@code length}
   * @param expected the bytes that the tensor's shape takes
   * @return exactly so many bytes
   */
  MemorySegment find(String tensor, Map<String, String> entries, long expected);
}

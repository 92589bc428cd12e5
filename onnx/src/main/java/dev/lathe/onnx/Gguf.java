package dev.lathe.onnx;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.file.MappedFile;
import dev.lathe.onnx.gguf.GgufReader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file as llama.cpp has it: metadata, and named tensors whose numbers may lie in blocks of few
 * bits. What a block stands for is read exactly.
 *
 * @param metadata by key, in the file's order: Long, Double, Boolean, String, or a List of these
 * @param tensors the tensors by name, in the order of their data
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF</a>
 */
public record Gguf(Map<String, Object> metadata, Map<String, Packed> tensors) {
  /** A tensor whose numbers are read when asked for. */
  public interface Packed {
    /**
     * The shape, row-major: a matrix of PyTorch has its own shape, whatever the file calls it.
     *
     * @return a new array
     */
    long[] dims();

    /**
     * How the numbers lie.
     *
     * @return the format's name, such as {@code Q4_K}
     */
    String type();

    /**
     * Writes all numbers as FLOAT.
     *
     * @param room a FLOAT tensor of this shape, whose elements are overwritten
     */
    void readInto(Tensor room);
  }

  /** Copies the maps, keeping their order. */
  public Gguf {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Opens a file; it is mapped as long as one of its tensors is reachable.
   *
   * @param file the file
   * @return what it holds
   * @throws LatheException NO_FILE, UNREADABLE; MALFORMED or LIMIT if it is not sound; UNSUPPORTED
   *     for a version, or a type of blocks, that is not known
   */
  public static Gguf open(Path file) {
    return parse(MappedFile.map(file));
  }

  /**
   * Reads a file from memory.
   *
   * @param bytes the whole file; tensors are slices of it
   * @return what it holds
   * @throws LatheException as for {@link #open}
   */
  public static Gguf parse(MemorySegment bytes) {
    GgufReader.Content content = GgufReader.read(bytes);
    Map<String, Packed> tensors = new LinkedHashMap<>();
    content.tensors().forEach(stored -> tensors.put(stored.name(), new Blocks(stored)));
    return new Gguf(content.metadata(), tensors);
  }

  private record Blocks(GgufReader.Stored stored) implements Packed {
    @Override
    public long[] dims() {
      return stored.dims().clone();
    }

    @Override
    public String type() {
      return stored.type().name();
    }

    @Override
    public void readInto(Tensor room) {
      stored.readInto(room.data());
    }
  }
}

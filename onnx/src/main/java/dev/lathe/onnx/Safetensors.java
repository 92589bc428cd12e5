package dev.lathe.onnx;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.file.AtomicFile;
import dev.lathe.onnx.file.MappedFile;
import dev.lathe.onnx.safetensors.Entry;
import dev.lathe.onnx.safetensors.HeaderReader;
import dev.lathe.onnx.safetensors.HeaderReader.Header;
import dev.lathe.onnx.safetensors.HeaderWriter;
import dev.lathe.onnx.wire.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors in a file, as the safetensors format has them: a header of JSON, then the data
 * without gaps or overlaps. Dtypes are ONNX's element types of the same bits.
 *
 * @param tensors the tensors by name, in the order of their data
 * @param metadata free keys and values
 * @see <a href="https://huggingface.co/docs/safetensors">safetensors</a>
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  /** Copies the maps, keeping their order. */
  public Safetensors {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Opens a file; tensors are slices of the mapped file, which lives as long as one of them is
   * reachable.
   *
   * @param file the file
   * @return its tensors
   * @throws LatheException NO_FILE, UNREADABLE; MALFORMED or LIMIT if the file is not sound
   */
  public static Safetensors open(Path file) {
    return parse(MappedFile.map(file));
  }

  /**
   * Reads tensors from memory.
   *
   * @param bytes the whole file; tensors are slices of it
   * @return its tensors
   * @throws LatheException MALFORMED or LIMIT if the bytes are not sound
   */
  public static Safetensors parse(MemorySegment bytes) {
    Header header = HeaderReader.read(bytes);
    MemorySegment data = bytes.asSlice(header.dataStart());
    List<Entry> entries = new ArrayList<>(header.entries());
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long at = 0;
    for (Entry entry : entries) {
      entry.require(at);
      if (entry.end() > data.byteSize()) {
        throw malformed("tensor \"" + entry.name() + "\" ends at " + entry.end(), data.byteSize());
      }
      MemorySegment slice = data.asSlice(entry.begin(), entry.end() - entry.begin());
      tensors.put(entry.name(), Tensor.of(entry.dtype().type(), entry.dims(), slice));
      at = entry.end();
    }
    if (at != data.byteSize()) {
      throw malformed("tensors end at " + at, data.byteSize());
    }
    return new Safetensors(tensors, header.metadata());
  }

  /**
   * Writes a file: the same tensors and metadata give the same bytes, in whatever order the maps
   * have them. Tensors are aligned to their elements.
   *
   * @param file the file, replaced at once when all is on the disk
   * @param tensors the tensors by name
   * @param metadata free keys and values
   * @throws LatheException UNSUPPORTED if the format has no such element type; LIMIT; NOT_WRITTEN
   *     or DISK_FULL, and then the file is as it was
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<Entry> entries = HeaderWriter.layOut(tensors);
    byte[] header = HeaderWriter.header(entries, metadata);
    AtomicFile.write(file, channel -> write(channel, header, entries, tensors));
  }

  private static void write(
      FileChannel channel, byte[] header, List<Entry> entries, Map<String, Tensor> tensors)
      throws IOException {
    WireWriter.write(MemorySegment.ofArray(header), channel);
    for (Entry entry : entries) {
      WireWriter.write(Objects.requireNonNull(tensors.get(entry.name())).data(), channel);
    }
  }

  private static LatheException malformed(String what, long length) {
    return new LatheException(
        OnnxError.MALFORMED,
        "safetensors: " + what + " (expected: " + length + ", where the data end)");
  }
}

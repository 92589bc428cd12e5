package dev.lathe.onnx.file;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.codec.ExternalPlan;
import dev.lathe.onnx.wire.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The one file of weights beside a model: tensors in the model's order, each aligned. */
public final class Sidecar implements ExternalPlan {
  private final String fileName;
  private final long threshold;
  private final int alignment;
  private final List<Placed> placed = new ArrayList<>();
  private long end;

  private record Placed(long offset, MemorySegment data) {}

  /**
   * An empty file.
   *
   * @param fileName its name
   * @param threshold tensors of at least this many bytes go into it
   * @param alignment each starts at a multiple of this, a power of two
   */
  public Sidecar(String fileName, long threshold, int alignment) {
    this.fileName = fileName;
    this.threshold = threshold;
    this.alignment = alignment;
  }

  @Override
  public Map<String, String> place(Tensor tensor) {
    if (tensor.byteSize() < threshold || tensor.byteSize() == 0) {
      return Map.of();
    }
    long offset = Math.addExact(end, alignment - 1L) & -alignment;
    placed.add(new Placed(offset, tensor.data()));
    end = Math.addExact(offset, tensor.byteSize());
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("location", fileName);
    entries.put("offset", Long.toString(offset));
    entries.put("length", Long.toString(tensor.byteSize()));
    return entries;
  }

  /**
   * Whether no tensor is large enough.
   *
   * @return true if nothing was placed
   */
  public boolean isEmpty() {
    return placed.isEmpty();
  }

  /**
   * Writes all tensors placed so far; gaps between them are zeros.
   *
   * @param channel an empty file
   * @throws IOException if the disk fails
   */
  public void writeTo(FileChannel channel) throws IOException {
    for (Placed each : placed) {
      channel.position(each.offset());
      WireWriter.write(each.data(), channel);
    }
  }
}

package dev.lathe.serve;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Joins tensors along their first axis, and takes them apart again without copying. */
final class Rows {
  private Rows() {}

  /** One map of tensors from several with the same names; every element is copied once. */
  static Map<String, Tensor> join(List<Map<String, Tensor>> parts) {
    Map<String, Tensor> joined = new LinkedHashMap<>();
    for (String name : parts.getFirst().keySet()) {
      joined.put(name, concatenate(parts.stream().map(part -> part.get(name)).toList()));
    }
    return joined;
  }

  /** Some rows of every tensor, as views. */
  static Map<String, Tensor> slice(Map<String, Tensor> whole, long start, long rows) {
    Map<String, Tensor> part = new LinkedHashMap<>();
    whole.forEach((name, tensor) -> part.put(name, slice(tensor, start, rows)));
    return part;
  }

  private static Tensor concatenate(List<Tensor> parts) {
    long[] dims = parts.getFirst().dims();
    dims[0] = parts.stream().mapToLong(part -> part.dim(0)).sum();
    ElementType type = parts.getFirst().type();
    if (type == ElementType.STRING) {
      List<Bytes> all = new ArrayList<>();
      parts.forEach(part -> all.addAll(ByteStrings.of(part)));
      return ByteStrings.tensor(all, dims);
    }
    Tensor joined = Tensor.zeros(type, dims);
    long offset = 0;
    for (Tensor part : parts) {
      MemorySegment.copy(part.data(), 0, joined.data(), offset, part.byteSize());
      offset += part.byteSize();
    }
    return joined;
  }

  private static Tensor slice(Tensor whole, long start, long rows) {
    long[] dims = whole.dims();
    long perRow = dims[0] == 0 ? 0 : whole.size() / dims[0];
    dims[0] = rows;
    if (whole.type() == ElementType.STRING) {
      int from = Math.toIntExact(start * perRow);
      int to = Math.toIntExact((start + rows) * perRow);
      return ByteStrings.tensor(ByteStrings.of(whole).subList(from, to), dims);
    }
    long bytesPerRow = whole.type().byteSize(perRow);
    return Tensor.of(
        whole.type(), dims, whole.data().asSlice(start * bytesPerRow, rows * bytesPerRow));
  }

  /** The same elements in memory of their own. */
  static Tensor copy(Tensor tensor) {
    if (tensor.type() == ElementType.STRING) {
      return tensor;
    }
    Tensor own = Tensor.zeros(tensor.type(), tensor.dims());
    MemorySegment.copy(tensor.data(), 0, own.data(), 0, tensor.byteSize());
    return own;
  }

  /** The size of a tensor's elements. */
  static long bytes(Tensor tensor) {
    return tensor.type() == ElementType.STRING
        ? ByteStrings.of(tensor).stream().mapToLong(Bytes::size).sum()
        : tensor.byteSize();
  }
}

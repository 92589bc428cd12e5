package dev.lathe.serve.pipeline;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Tensors FP32, named from 0, side by side along an axis that is not the first.
 *
 * @param axis the axis, negative from the end
 */
record ConcatStep(int axis) implements BuiltInStep {
  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    List<Tensor> parts =
        IntStream.range(0, inputs.size()).mapToObj(i -> inputs.get(Integer.toString(i))).toList();
    Tensor first = parts.getFirst();
    int place = axis < 0 ? axis + first.rank() : axis;
    parts.forEach(part -> Alike.require(first, part, place));
    long[] dims = first.dims();
    dims[place] = parts.stream().mapToLong(part -> part.dim(place)).sum();
    Tensor joined = Tensor.zeros(ElementType.FLOAT, dims);
    long before = Tensor.sizeOf(Arrays.copyOf(dims, place));
    long row = joined.byteSize() / Math.max(1, before);
    long offset = 0;
    for (Tensor part : parts) {
      long size = part.byteSize() / Math.max(1, before);
      for (long i = 0; i < before; i++) {
        MemorySegment.copy(part.data(), i * size, joined.data(), i * row + offset, size);
      }
      offset += size;
    }
    return Map.of("joined", joined);
  }
}

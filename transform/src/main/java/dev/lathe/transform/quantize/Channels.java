package dev.lathe.transform.quantize;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.WeightMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights of 8 bits with a scale for each output: {@code w = q · scale}.
 *
 * @param data INT8 [K, N], -127 to 127
 * @param scales FLOAT [N]
 */
record Channels(Tensor data, Tensor scales) {
  static Channels of(Projection projection, WeightMemory memory) {
    int inputs = projection.inputs();
    int outputs = projection.outputs();
    MemorySegment data = memory.allocate((long) inputs * outputs);
    MemorySegment scales = memory.allocate((long) outputs * Float.BYTES);
    WeightRows.forEach(
        projection,
        (output, weights) -> {
          float largest = 0;
          for (float weight : weights) {
            Blocks.requireFinite(weight);
            largest = Math.max(largest, Math.abs(weight));
          }
          float scale = largest == 0 ? 1 : largest / 127;
          for (int k = 0; k < inputs; k++) {
            long at = (long) k * outputs + output;
            data.set(ValueLayout.JAVA_BYTE, at, (byte) Math.round(weights[k] / scale));
          }
          scales.set(WeightRows.FLOAT, (long) output * Float.BYTES, scale);
        });
    return new Channels(
        Tensor.of(ElementType.INT8, new long[] {inputs, outputs}, data),
        Tensor.of(ElementType.FLOAT, new long[] {outputs}, scales));
  }
}

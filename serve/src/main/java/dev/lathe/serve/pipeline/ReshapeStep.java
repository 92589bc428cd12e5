package dev.lathe.serve.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.serve.ServeError;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The same elements, [N, ...] to [N, and given sizes].
 *
 * @param sizes of all axes but the first
 */
record ReshapeStep(List<Long> sizes) implements BuiltInStep {
  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Tensor x = inputs.get("x");
    long[] dims = new long[sizes.size() + 1];
    dims[0] = x.dim(0);
    for (int i = 0; i < sizes.size(); i++) {
      dims[i + 1] = sizes.get(i);
    }
    if (Tensor.sizeOf(dims) != x.size()) {
      throw new LatheException(
          ServeError.BAD_INPUT,
          "shape " + Arrays.toString(x.dims()) + " (expected: as many elements as " + sizes + ")");
    }
    return Map.of("x", x.reshaped(dims));
  }
}

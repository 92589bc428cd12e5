package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The smallest request that a signature allows: zeros, or empty texts. Sizes that the signature
 * leaves open are taken as 1.
 *
 * @param inputs tensors by name
 * @param certain whether the model must accept it; if other axes than the first are open, 1 may be
 *     a size that it does not allow, and the empty text may be one that it cannot read
 */
record Zeros(Map<String, Tensor> inputs, boolean certain) {
  private static final long MOST_ELEMENTS = 1L << 28;

  /** Of a model with these inputs; empty if one is no tensor of known rank, or is too large. */
  static Optional<Zeros> of(List<ValueInfo> inputs) {
    Map<String, Tensor> zeros = new HashMap<>();
    boolean certain = true;
    for (ValueInfo input : inputs) {
      if (!(input.type() instanceof ValueType.TensorType type) || !type.shape().ranked()) {
        return Optional.empty();
      }
      List<Dim> dims = type.shape().dims();
      certain &= type.element() != ElementType.STRING;
      certain &= dims.stream().skip(1).allMatch(Dim::isFixed);
      long[] sizes = dims.stream().mapToLong(d -> Math.abs(d.sizeOrMinusOne())).toArray();
      if (Tensor.sizeOf(sizes) > MOST_ELEMENTS) {
        return Optional.empty();
      }
      zeros.put(input.name(), zeros(type.element(), sizes));
    }
    return Optional.of(new Zeros(zeros, certain));
  }

  private static Tensor zeros(ElementType type, long[] sizes) {
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(Collections.nCopies((int) Tensor.sizeOf(sizes), ""), sizes);
    }
    return Tensor.zeros(type, sizes);
  }
}

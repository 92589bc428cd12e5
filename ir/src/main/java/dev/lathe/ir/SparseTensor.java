package dev.lathe.ir;

import java.util.List;

/**
 * A sparse tensor in coordinate form, as {@code SparseTensorProto} has it.
 *
 * @param values the non-zero elements, [NNZ]
 * @param indices their places, INT64, [NNZ] linear or [NNZ, rank]
 * @param dims the dense shape
 */
public record SparseTensor(Tensor values, Tensor indices, List<Long> dims) {
  /** Copies the list. */
  public SparseTensor {
    dims = List.copyOf(dims);
  }
}

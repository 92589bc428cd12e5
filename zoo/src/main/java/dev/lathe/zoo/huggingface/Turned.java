package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;

/** A matrix with its axes exchanged. */
record Turned(Stored stored) implements Stored {
  @Override
  public String type() {
    return stored.type();
  }

  @Override
  public long[] dims() {
    long[] dims = stored.dims();
    return new long[] {dims[1], dims[0]};
  }

  @Override
  public Tensor read(Widen widen) {
    Tensor from = stored.read(Widen.inMemory());
    Tensor to = widen.room(dims());
    long rows = from.dim(0);
    long columns = from.dim(1);
    for (long row = 0; row < rows; row++) {
      for (long column = 0; column < columns; column++) {
        MemorySegment.copy(
            from.data(), 4 * (row * columns + column), to.data(), 4 * (column * rows + row), 4);
      }
    }
    return to;
  }
}

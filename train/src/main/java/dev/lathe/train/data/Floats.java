package dev.lathe.train.data;

import dev.lathe.ir.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Single elements of FLOAT tensors, in place. */
final class Floats {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Floats() {}

  static float get(Tensor tensor, long index) {
    return tensor.data().get(FLOAT, index * 4);
  }

  static void set(Tensor tensor, long index, float value) {
    tensor.data().set(FLOAT, index * 4, value);
  }
}

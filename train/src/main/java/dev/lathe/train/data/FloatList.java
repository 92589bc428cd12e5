package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.Arrays;

/** Numbers that are not counted yet, up to a limit. */
final class FloatList {
  /** One gibibyte of FLOAT. */
  static final int MOST = 1 << 28;

  private float[] values = new float[1024];
  private int size;

  void add(float value) {
    if (size == values.length) {
      if (size == MOST) {
        throw new LatheException(
            TrainError.TOO_LARGE, "data of more than " + MOST + " numbers (expected: fewer)");
      }
      values = Arrays.copyOf(values, Math.min(MOST, size * 2));
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  float[] toArray() {
    return Arrays.copyOf(values, size);
  }
}

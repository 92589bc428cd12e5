package dev.lathe.onnx.wire;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;

/**
 * Counts the objects that one file makes, so that a small hostile file cannot fill the heap: an
 * empty message takes two bytes in the file and a hundred in memory, a number one and twenty.
 */
final class Budget {
  private static final long MOST_OBJECTS = 8_000_000;
  private static final int NUMBERS_PER_OBJECT = 8;

  private long left = MOST_OBJECTS * NUMBERS_PER_OBJECT;

  void takeObject() {
    take(NUMBERS_PER_OBJECT);
  }

  void takeNumber() {
    take(1);
  }

  private void take(int cost) {
    left -= cost;
    if (left < 0) {
      throw new LatheException(
          OnnxError.LIMIT, "more than " + MOST_OBJECTS + " messages and names in one file");
    }
  }
}

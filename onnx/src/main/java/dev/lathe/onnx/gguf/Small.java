package dev.lathe.onnx.gguf;

/** Blocks of 32 numbers: a scale, and bits whose upper halves are the numbers from 16 on. */
final class Small {
  /** What the 4 bits of a non-linear block stand for. */
  static final byte[] CURVE = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final int HALF = 16;

  private Small() {}

  static void q40(Block block, float[] out) {
    float scale = block.half(0);
    for (int i = 0; i < HALF; i++) {
      out[i] = scale * (block.low(2 + i) - 8);
      out[i + HALF] = scale * (block.high(2 + i) - 8);
    }
  }

  static void q41(Block block, float[] out) {
    float scale = block.half(0);
    float least = block.half(2);
    for (int i = 0; i < HALF; i++) {
      out[i] = scale * block.low(4 + i) + least;
      out[i + HALF] = scale * block.high(4 + i) + least;
    }
  }

  static void q50(Block block, float[] out) {
    float scale = block.half(0);
    int fifth = block.bits(2);
    for (int i = 0; i < HALF; i++) {
      out[i] = scale * ((block.low(6 + i) | bit(fifth, i)) - 16);
      out[i + HALF] = scale * ((block.high(6 + i) | bit(fifth, i + HALF)) - 16);
    }
  }

  static void q51(Block block, float[] out) {
    float scale = block.half(0);
    float least = block.half(2);
    int fifth = block.bits(4);
    for (int i = 0; i < HALF; i++) {
      out[i] = scale * (block.low(8 + i) | bit(fifth, i)) + least;
      out[i + HALF] = scale * (block.high(8 + i) | bit(fifth, i + HALF)) + least;
    }
  }

  private static int bit(int bits, int place) {
    return (bits >>> place & 1) << 4;
  }

  static void q80(Block block, float[] out) {
    float scale = block.half(0);
    for (int i = 0; i < 2 * HALF; i++) {
      out[i] = scale * block.signed(2 + i);
    }
  }

  static void iq4(Block block, float[] out) {
    float scale = block.half(0);
    for (int i = 0; i < HALF; i++) {
      out[i] = scale * CURVE[block.low(2 + i)];
      out[i + HALF] = scale * CURVE[block.high(2 + i)];
    }
  }
}

package dev.lathe.onnx.gguf;

/** Blocks of 256 numbers: one scale over scales of 16 or 32 numbers each. */
final class Large {
  private static final int SIZE = 256;

  private Large() {}

  /** Scales [16] of 4 bits with least numbers, bits [64], two halves. */
  static void q2(Block block, float[] out) {
    float scale = block.half(80);
    float least = block.half(82);
    for (int i = 0; i < SIZE; i++) {
      int scales = block.unsigned(i / 16);
      int bits = block.unsigned(16 + i / 128 * 32 + i % 32) >> 2 * (i % 128 / 32) & 3;
      out[i] = scale * (scales & 0xf) * bits - least * (scales >> 4);
    }
  }

  /** Third bits [32], bits [64], scales [12], a half. */
  static void q3(Block block, float[] out) {
    float scale = block.half(108);
    for (int i = 0; i < SIZE; i++) {
      int group = i / 16;
      int low = group < 8 ? block.low(96 + group) : block.high(96 + group - 8);
      int high = block.unsigned(104 + group % 4) >> 2 * (group / 4) & 3;
      int bits = block.unsigned(32 + i / 128 * 32 + i % 32) >> 2 * (i % 128 / 32) & 3;
      int third = block.unsigned(i % 32) >> i / 32 & 1;
      out[i] = scale * ((low | high << 4) - 32) * (bits - (third == 0 ? 4 : 0));
    }
  }

  /** Two halves, scales [12], bits [128]. */
  static void q4(Block block, float[] out) {
    float scale = block.half(0);
    float least = block.half(2);
    for (int i = 0; i < SIZE; i++) {
      int bits = nibble(block, 16, i);
      out[i] = scale * scale(block, i / 32) * bits - least * least(block, i / 32);
    }
  }

  /** Two halves, scales [12], fifth bits [32], bits [128]. */
  static void q5(Block block, float[] out) {
    float scale = block.half(0);
    float least = block.half(2);
    for (int i = 0; i < SIZE; i++) {
      int fifth = block.unsigned(16 + i % 32) >> i / 32 & 1;
      int bits = nibble(block, 48, i) | fifth << 4;
      out[i] = scale * scale(block, i / 32) * bits - least * least(block, i / 32);
    }
  }

  /** Of each 64 numbers, the first 32 are the lower bits of 32 bytes. */
  private static int nibble(Block block, int from, int i) {
    int at = from + i / 64 * 32 + i % 32;
    return i % 64 < 32 ? block.low(at) : block.high(at);
  }

  private static int scale(Block block, int group) {
    return group < 4
        ? block.unsigned(4 + group) & 63
        : block.low(8 + group) | block.unsigned(group) >> 6 << 4;
  }

  private static int least(Block block, int group) {
    return group < 4
        ? block.unsigned(8 + group) & 63
        : block.high(8 + group) | block.unsigned(4 + group) >> 6 << 4;
  }

  /** Lower bits [128], upper bits [64], scales [16], a half. */
  static void q6(Block block, float[] out) {
    float scale = block.half(208);
    for (int i = 0; i < SIZE; i++) {
      int part = i / 128;
      int quarter = i % 128 / 32;
      int at = part * 64 + quarter % 2 * 32 + i % 32;
      int low = quarter < 2 ? block.low(at) : block.high(at);
      int high = block.unsigned(128 + part * 32 + i % 32) >> 2 * quarter & 3;
      out[i] = scale * block.signed(192 + i / 16) * ((low | high << 4) - 32);
    }
  }

  /** A half, upper bits of scales, lower bits of scales [4], bits [128]. */
  static void iq4(Block block, float[] out) {
    float scale = block.half(0);
    int upper = block.unsignedShort(2);
    for (int i = 0; i < SIZE; i++) {
      int group = i / 32;
      int low = group % 2 == 0 ? block.low(4 + group / 2) : block.high(4 + group / 2);
      int scales = (low | (upper >> 2 * group & 3) << 4) - 32;
      int at = 8 + group * 16 + i % 16;
      out[i] = scale * scales * Small.CURVE[i % 32 < 16 ? block.low(at) : block.high(at)];
    }
  }
}

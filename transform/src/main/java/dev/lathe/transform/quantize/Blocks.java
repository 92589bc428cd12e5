package dev.lathe.transform.quantize;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.TransformError;
import dev.lathe.transform.WeightMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Weights in blocks of b along K, each block with a scale: {@code w = (q - 2^(bits-1)) · scale}, as
 * {@code com.microsoft.MatMulNBits} takes them.
 *
 * @param data UINT8 [N, ceil(K/b), b·bits/8], the first of two 4-bit weights in the low bits
 * @param scales FLOAT [N · ceil(K/b)]
 */
record Blocks(Tensor data, Tensor scales) {
  /** Scales tried for a 4-bit block, as parts of the one that takes its largest weight exactly. */
  private static final float[] TRIED = {1, 0.86f, 0.9f, 0.94f, 0.97f, 1.03f, 1.07f, -1, -0.93f};

  /**
   * How blocks are.
   *
   * @param bits 4 or 8
   * @param size b, a power of 2 from 16
   */
  record Kind(int bits, int size) {
    int zero() {
      return 1 << (bits - 1);
    }

    int bytes() {
      return size * bits / 8;
    }
  }

  static Blocks of(Projection projection, Kind kind, WeightMemory memory) {
    int blocks = (projection.inputs() + kind.size() - 1) / kind.size();
    long outputs = projection.outputs();
    MemorySegment data = memory.allocate(outputs * blocks * kind.bytes());
    MemorySegment scales = memory.allocate(outputs * blocks * Float.BYTES);
    WeightRows.forEach(
        projection,
        (output, weights) -> {
          byte[] packed = new byte[blocks * kind.bytes()];
          float[] scale = new float[blocks];
          for (int block = 0; block < blocks; block++) {
            scale[block] = quantize(weights, block, kind, packed);
          }
          long row = (long) output * blocks;
          MemorySegment.copy(
              packed, 0, data, ValueLayout.JAVA_BYTE, row * kind.bytes(), packed.length);
          MemorySegment.copy(scale, 0, scales, WeightRows.FLOAT, row * Float.BYTES, blocks);
        });
    return new Blocks(
        Tensor.of(ElementType.UINT8, new long[] {outputs, blocks, kind.bytes()}, data),
        Tensor.of(ElementType.FLOAT, new long[] {outputs * blocks}, scales));
  }

  /** Writes one block; its scale. What lies beyond K is zero. */
  private static float quantize(float[] weights, int block, Kind kind, byte[] packed) {
    int from = block * kind.size();
    int count = Math.min(kind.size(), weights.length - from);
    float largest = largest(weights, from, count);
    if (largest == 0) {
      fill(packed, block, kind);
      return 1;
    }
    byte[] levels = new byte[kind.size()];
    float scale =
        kind.bits() == 8
            ? Math.abs(largest) / 127
            : bestScale(weights, from, count, -largest / kind.zero());
    int zero = kind.zero();
    float inverse = 1 / scale;
    for (int i = 0; i < kind.size(); i++) {
      float x = i < count ? weights[from + i] * inverse : 0;
      levels[i] = (byte) level(x, zero);
    }
    pack(levels, packed, block * kind.bytes(), kind);
    return scale;
  }

  /** The scale with the least squared error; near the one that takes the largest weight exactly. */
  private static float bestScale(float[] weights, int from, int count, float exact) {
    float best = exact;
    double bestGain = -1;
    for (float part : TRIED) {
      float inverse = part / exact;
      float product = 0;
      float square = 0;
      for (int i = 0; i < count; i++) {
        float x = weights[from + i];
        float q = level(x * inverse, 8) - 8f;
        product += x * q;
        square += q * q;
      }
      // With the levels fixed, the best scale is product/square and leaves Σx² - product²/square.
      double gain = square == 0 ? 0 : (double) product * product / square;
      if (gain > bestGain) {
        bestGain = gain;
        best = square == 0 ? exact : product / square;
      }
    }
    return best;
  }

  private static int level(float x, int zero) {
    int q = (int) (x + zero + 0.5f);
    return Math.max(0, Math.min(2 * zero - 1, q));
  }

  private static float largest(float[] weights, int from, int count) {
    float largest = 0;
    for (int i = from; i < from + count; i++) {
      requireFinite(weights[i]);
      if (Math.abs(weights[i]) > Math.abs(largest)) {
        largest = weights[i];
      }
    }
    return largest;
  }

  static void requireFinite(float weight) {
    if (!Float.isFinite(weight)) {
      throw new LatheException(
          TransformError.BAD_SETTING,
          "a weight is " + weight + " (expected: finite numbers, to be quantized)");
    }
  }

  private static void fill(byte[] packed, int block, Kind kind) {
    byte zero = (byte) (kind.bits() == 8 ? 0x80 : 0x88);
    Arrays.fill(packed, block * kind.bytes(), (block + 1) * kind.bytes(), zero);
  }

  private static void pack(byte[] levels, byte[] packed, int at, Kind kind) {
    if (kind.bits() == 8) {
      System.arraycopy(levels, 0, packed, at, levels.length);
      return;
    }
    for (int i = 0; i < levels.length / 2; i++) {
      packed[at + i] = (byte) (levels[2 * i] | levels[2 * i + 1] << 4);
    }
  }
}

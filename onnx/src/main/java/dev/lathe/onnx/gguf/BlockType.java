package dev.lathe.onnx.gguf;

import java.util.Arrays;
import java.util.Optional;

/**
 * How numbers lie in a block; what a block means is exact, whatever was lost when it was written.
 * Arithmetic is FLOAT, in the order in which llama.cpp does it.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF</a>
 */
public enum BlockType {
  /** FLOAT. */
  F32(0, 1, 4, (block, out) -> out[0] = block.single(0)),
  /** FLOAT16. */
  F16(1, 1, 2, (block, out) -> out[0] = block.half(0)),
  /** 4 bits around 8, and a scale. */
  Q4_0(2, 32, 18, Small::q40),
  /** 4 bits, a scale and a least number. */
  Q4_1(3, 32, 20, Small::q41),
  /** 5 bits around 16, and a scale. */
  Q5_0(6, 32, 22, Small::q50),
  /** 5 bits, a scale and a least number. */
  Q5_1(7, 32, 24, Small::q51),
  /** 8 bits and a scale. */
  Q8_0(8, 32, 34, Small::q80),
  /** 2 bits; scales and least numbers of 4 bits. */
  Q2_K(10, 256, 84, Large::q2),
  /** 3 bits; scales of 6 bits. */
  Q3_K(11, 256, 110, Large::q3),
  /** 4 bits; scales and least numbers of 6 bits. */
  Q4_K(12, 256, 144, Large::q4),
  /** 5 bits; scales and least numbers of 6 bits. */
  Q5_K(13, 256, 176, Large::q5),
  /** 6 bits; scales of 8 bits. */
  Q6_K(14, 256, 210, Large::q6),
  /** 4 bits that choose one of 16 numbers, and a scale. */
  IQ4_NL(20, 32, 18, Small::iq4),
  /** The same with scales of 6 bits. */
  IQ4_XS(23, 256, 136, Large::iq4),
  /** DOUBLE, rounded. */
  F64(28, 1, 8, (block, out) -> out[0] = block.fromDouble(0)),
  /** BFLOAT16. */
  BF16(30, 1, 2, (block, out) -> out[0] = block.brain(0));

  /** Reads a block. */
  interface Reading {
    void read(Block block, float[] out);
  }

  private final int code;
  private final int elements;
  private final int bytes;
  private final Reading reading;

  BlockType(int code, int elements, int bytes, Reading reading) {
    this.code = code;
    this.elements = elements;
    this.bytes = bytes;
    this.reading = reading;
  }

  /**
   * The numbers of a block.
   *
   * @return how many
   */
  public int elements() {
    return elements;
  }

  /**
   * The size of a block.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  void read(Block block, float[] out) {
    reading.read(block, out);
  }

  static Optional<BlockType> of(int code) {
    return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
  }
}

package dev.lathe.ir;

/**
 * ONNX's element types, with their codes in {@code TensorProto.DataType} and their width.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
public enum ElementType {
  /** No type given. */
  UNDEFINED(0, 0, Family.NONE),
  /** IEEE 754 binary32. */
  FLOAT(1, 32, Family.FLOATING),
  /** Unsigned, 8 bits. */
  UINT8(2, 8, Family.UNSIGNED),
  /** Signed, 8 bits. */
  INT8(3, 8, Family.SIGNED),
  /** Unsigned, 16 bits. */
  UINT16(4, 16, Family.UNSIGNED),
  /** Signed, 16 bits. */
  INT16(5, 16, Family.SIGNED),
  /** Signed, 32 bits. */
  INT32(6, 32, Family.SIGNED),
  /** Signed, 64 bits. */
  INT64(7, 64, Family.SIGNED),
  /** UTF-8 text; not stored in a segment. */
  STRING(8, 0, Family.TEXT),
  /** One byte, 0 or 1. */
  BOOL(9, 8, Family.LOGICAL),
  /** IEEE 754 binary16. */
  FLOAT16(10, 16, Family.FLOATING),
  /** IEEE 754 binary64. */
  DOUBLE(11, 64, Family.FLOATING),
  /** Unsigned, 32 bits. */
  UINT32(12, 32, Family.UNSIGNED),
  /** Unsigned, 64 bits. */
  UINT64(13, 64, Family.UNSIGNED),
  /** Two FLOATs: real, imaginary. */
  COMPLEX64(14, 64, Family.COMPLEX),
  /** Two DOUBLEs: real, imaginary. */
  COMPLEX128(15, 128, Family.COMPLEX),
  /** The upper half of a FLOAT. */
  BFLOAT16(16, 16, Family.FLOATING),
  /** 4 exponent bits, 3 of mantissa, no infinity. */
  FLOAT8E4M3FN(17, 8, Family.FLOATING),
  /** As FLOAT8E4M3FN, no negative zero, bias 8. */
  FLOAT8E4M3FNUZ(18, 8, Family.FLOATING),
  /** 5 exponent bits, 2 of mantissa. */
  FLOAT8E5M2(19, 8, Family.FLOATING),
  /** As FLOAT8E5M2, no infinity, no negative zero, bias 16. */
  FLOAT8E5M2FNUZ(20, 8, Family.FLOATING),
  /** Unsigned, two to a byte, the first in the low bits. */
  UINT4(21, 4, Family.UNSIGNED),
  /** Signed, two to a byte, the first in the low bits. */
  INT4(22, 4, Family.SIGNED),
  /** 2 exponent bits, 1 of mantissa, two to a byte. */
  FLOAT4E2M1(23, 4, Family.FLOATING),
  /** A power of two: 8 exponent bits, no sign. */
  FLOAT8E8M0(24, 8, Family.FLOATING),
  /** Unsigned, four to a byte, the first in the low bits. */
  UINT2(25, 2, Family.UNSIGNED),
  /** Signed, four to a byte, the first in the low bits. */
  INT2(26, 2, Family.SIGNED);

  private enum Family {
    NONE,
    FLOATING,
    SIGNED,
    UNSIGNED,
    LOGICAL,
    COMPLEX,
    TEXT
  }

  private static final ElementType[] BY_CODE = values();

  private final int code;
  private final int bits;
  private final Family family;

  ElementType(int code, int bits, Family family) {
    this.code = code;
    this.bits = bits;
    this.family = family;
  }

  /**
   * The code in {@code TensorProto.DataType}.
   *
   * @return the code, 0 to 26
   */
  public int code() {
    return code;
  }

  /**
   * The width of one element.
   *
   * @return bits; 0 for STRING and UNDEFINED
   */
  public int bits() {
    return bits;
  }

  /**
   * Whether this is a real floating-point type, of any width.
   *
   * @return true for FLOAT, DOUBLE, FLOAT16, BFLOAT16, FLOAT8* and FLOAT4E2M1
   */
  public boolean isFloating() {
    return family == Family.FLOATING;
  }

  /**
   * Whether this is an integer type, of any width and sign; BOOL is none.
   *
   * @return true for INT* and UINT*
   */
  public boolean isInteger() {
    return family == Family.SIGNED || family == Family.UNSIGNED;
  }

  /**
   * Whether this is an unsigned integer type.
   *
   * @return true for UINT*
   */
  public boolean isUnsigned() {
    return family == Family.UNSIGNED;
  }

  /**
   * Whether elements are stored in a segment with a fixed width.
   *
   * @return false for STRING and UNDEFINED
   */
  public boolean isFixedWidth() {
    return bits > 0;
  }

  /**
   * The bytes that a packed array of this type takes.
   *
   * @param count number of elements, not negative
   * @return bytes, rounded up to whole ones
   * @throws LatheException BAD_SHAPE if the size overflows; TYPE_MISMATCH if the width is not fixed
   */
  public long byteSize(long count) {
    if (!isFixedWidth()) {
      throw new LatheException(IrError.TYPE_MISMATCH, name() + " has no fixed width");
    }
    if (bits >= 8) {
      long width = bits / 8;
      if (count > Long.MAX_VALUE / width) {
        throw new LatheException(
            IrError.BAD_SHAPE, count + " elements of " + name() + ": the size in bytes overflows");
      }
      return count * width;
    }
    int perByte = 8 / bits;
    return count / perByte + (count % perByte == 0 ? 0 : 1);
  }

  /**
   * The type with a code.
   *
   * @param code a code of {@code TensorProto.DataType}
   * @return the type
   * @throws LatheException TYPE_MISMATCH if no type has that code
   */
  public static ElementType ofCode(long code) {
    if (code < 0 || code >= BY_CODE.length) {
      throw new LatheException(
          IrError.TYPE_MISMATCH,
          "element type " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
    }
    return BY_CODE[(int) code];
  }
}

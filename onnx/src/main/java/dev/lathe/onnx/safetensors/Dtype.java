package dev.lathe.onnx.safetensors;

import dev.lathe.ir.ElementType;
import java.util.Arrays;
import java.util.Optional;

/**
 * Element types in the format's own words, from the narrowest alignment to the widest; files lay
 * tensors out from the last to the first, so that each is aligned.
 */
public enum Dtype {
  /** BOOL. */
  BOOL(ElementType.BOOL),
  /** FLOAT4E2M1, two to a byte. */
  F4(ElementType.FLOAT4E2M1),
  /** UINT8. */
  U8(ElementType.UINT8),
  /** INT8. */
  I8(ElementType.INT8),
  /** FLOAT8E5M2. */
  F8_E5M2(ElementType.FLOAT8E5M2),
  /** FLOAT8E4M3FN. */
  F8_E4M3(ElementType.FLOAT8E4M3FN),
  /** FLOAT8E5M2FNUZ. */
  F8_E5M2FNUZ(ElementType.FLOAT8E5M2FNUZ),
  /** FLOAT8E4M3FNUZ. */
  F8_E4M3FNUZ(ElementType.FLOAT8E4M3FNUZ),
  /** FLOAT8E8M0. */
  F8_E8M0(ElementType.FLOAT8E8M0),
  /** INT16. */
  I16(ElementType.INT16),
  /** UINT16. */
  U16(ElementType.UINT16),
  /** FLOAT16. */
  F16(ElementType.FLOAT16),
  /** BFLOAT16. */
  BF16(ElementType.BFLOAT16),
  /** INT32. */
  I32(ElementType.INT32),
  /** UINT32. */
  U32(ElementType.UINT32),
  /** FLOAT. */
  F32(ElementType.FLOAT),
  /** COMPLEX64. */
  C64(ElementType.COMPLEX64),
  /** DOUBLE. */
  F64(ElementType.DOUBLE),
  /** INT64. */
  I64(ElementType.INT64),
  /** UINT64. */
  U64(ElementType.UINT64);

  private final ElementType type;

  Dtype(ElementType type) {
    this.type = type;
  }

  /**
   * The same type in ONNX's words.
   *
   * @return the element type
   */
  public ElementType type() {
    return type;
  }

  /**
   * The dtype of an element type.
   *
   * @param type the element type
   * @return the dtype, if the format has one
   */
  public static Optional<Dtype> of(ElementType type) {
    return Arrays.stream(values()).filter(dtype -> dtype.type == type).findFirst();
  }

  static Optional<Dtype> named(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
  }
}

package dev.lathe.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtUtil;
import ai.onnxruntime.TensorInfo;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tensors of ours as the engine's, and back.
 *
 * <p>Going in, off-heap elements are lent, not copied: the engine's tensor holds a buffer over the
 * same memory, and the buffer keeps automatic memory alive. Coming out, elements are copied, since
 * the engine frees its own with the result.
 */
final class OrtTensors {
  private static final String PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  private OrtTensors() {}

  /**
   * Lends a tensor to the engine. UINT16, UINT32 and UINT64 are lent as the signed type of the same
   * width, for {@link Unsigned} to turn over.
   *
   * @param tensor off-heap or on-heap; the latter is copied
   * @param name what messages call it
   * @return the engine's tensor; the caller closes it
   */
  static OnnxTensor lend(Tensor tensor, String name) throws OrtException {
    if (tensor.type() == ElementType.STRING) {
      return OnnxTensor.createTensor(
          Engine.environment(), tensor.strings().toArray(String[]::new), tensor.dims());
    }
    OnnxJavaType type =
        javaType(tensor.type()).orElseThrow(() -> unsupported("\"" + name + "\"", tensor.type()));
    return OnnxTensor.createTensor(Engine.environment(), buffer(tensor, name), tensor.dims(), type);
  }

  private static ByteBuffer buffer(Tensor tensor, String name) {
    MemorySegment data = tensor.data();
    if (data.byteSize() > Integer.MAX_VALUE) {
      throw new LatheException(
          RuntimeError.TOO_LARGE,
          "\"%s\": %d bytes (expected: <= %d)".formatted(name, data.byteSize(), Integer.MAX_VALUE));
    }
    boolean aligned = data.address() % Math.max(1, tensor.type().bits() / 8) == 0;
    if (!data.isNative() || !aligned) {
      data = Arena.ofAuto().allocate(data.byteSize(), 64).copyFrom(data);
    }
    return data.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /**
   * Copies a value of the engine.
   *
   * @param name what messages call it
   * @param value the value; stays the caller's to close
   * @return a tensor with its own memory
   */
  static Tensor copy(String name, OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new LatheException(
          RuntimeError.UNSUPPORTED,
          "output \"" + name + "\": " + value.getType() + " (expected: a tensor)");
    }
    TensorInfo info = tensor.getInfo();
    ElementType type = ElementType.valueOf(info.onnxType.name().substring(PREFIX.length()));
    long[] dims = info.getShape();
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(strings(tensor, Tensor.sizeOf(dims)), dims);
    }
    if (javaType(type).isEmpty()) {
      throw unsupported("output \"" + name + "\"", type);
    }
    if (type.byteSize(Tensor.sizeOf(dims)) > Integer.MAX_VALUE) {
      throw new LatheException(
          RuntimeError.TOO_LARGE,
          "output \"%s\": %s%s (expected: at most %d bytes)"
              .formatted(name, type, Arrays.toString(dims), Integer.MAX_VALUE));
    }
    Tensor copy = Tensor.zeros(type, dims);
    if (copy.size() > 0) {
      copy.data().copyFrom(MemorySegment.ofBuffer(tensor.getByteBuffer()));
    }
    return copy;
  }

  private static List<String> strings(OnnxTensor tensor, long size) throws OrtException {
    if (size == 0) {
      return List.of();
    }
    Object value = tensor.getValue();
    return value instanceof String one ? List.of(one) : List.of(OrtUtil.flattenString(value));
  }

  /** Whether the engine's Java binding can carry a type. */
  static boolean supports(ElementType type) {
    return type == ElementType.STRING || javaType(type).isPresent();
  }

  static LatheException unsupported(String what, ElementType type) {
    return new LatheException(
        RuntimeError.UNSUPPORTED,
        what
            + ": "
            + type
            + " at the edge of a model (expected: FLOAT, DOUBLE, FLOAT16, BFLOAT16, BOOL, STRING or"
            + " an integer type of 8 to 64 bits)");
  }

  static Optional<OnnxJavaType> javaType(ElementType type) {
    return switch (type) {
      case FLOAT -> Optional.of(OnnxJavaType.FLOAT);
      case DOUBLE -> Optional.of(OnnxJavaType.DOUBLE);
      case FLOAT16 -> Optional.of(OnnxJavaType.FLOAT16);
      case BFLOAT16 -> Optional.of(OnnxJavaType.BFLOAT16);
      case BOOL -> Optional.of(OnnxJavaType.BOOL);
      case INT8 -> Optional.of(OnnxJavaType.INT8);
      case UINT8 -> Optional.of(OnnxJavaType.UINT8);
      case INT16, UINT16 -> Optional.of(OnnxJavaType.INT16);
      case INT32, UINT32 -> Optional.of(OnnxJavaType.INT32);
      case INT64, UINT64 -> Optional.of(OnnxJavaType.INT64);
      case UNDEFINED,
          STRING,
          COMPLEX64,
          COMPLEX128,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0,
          FLOAT4E2M1,
          UINT4,
          INT4,
          UINT2,
          INT2 ->
          Optional.empty();
    };
  }
}

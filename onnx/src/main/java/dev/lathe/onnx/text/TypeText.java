package dev.lathe.onnx.text;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import dev.lathe.ir.Shape;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Prints types and tensors: {@code float[N,10]}, {@code int64[2] {1, -1}}. */
final class TypeText {
  private static final int MOST_ELEMENTS = 8;

  private TypeText() {}

  static String value(ValueInfo value) {
    return value.type() instanceof ValueType.UnknownType
        ? Lines.name(value.name())
        : type(value.type()) + " " + Lines.name(value.name());
  }

  static String type(ValueType type) {
    return switch (type) {
      case ValueType.TensorType(ElementType element, Shape shape) ->
          element(element) + shape(shape);
      case ValueType.SparseTensorType(ElementType element, Shape shape) ->
          "sparse_tensor(" + element(element) + shape(shape) + ")";
      case ValueType.SequenceType(ValueType element) -> "seq(" + type(element) + ")";
      case ValueType.OptionalType(ValueType element) -> "optional(" + type(element) + ")";
      case ValueType.MapType(ElementType key, ValueType value) ->
          "map(" + element(key) + ", " + type(value) + ")";
      case ValueType.UnknownType _ -> "?";
    };
  }

  /** A scalar has no brackets; a tensor of unknown rank has empty ones. */
  private static String shape(Shape shape) {
    if (!shape.ranked()) {
      return "[]";
    }
    return shape.dims().isEmpty()
        ? ""
        : shape.dims().stream().map(Object::toString).collect(Collectors.joining(",", "[", "]"));
  }

  static String element(ElementType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  static String tensorType(Tensor tensor) {
    String dims =
        Arrays.stream(tensor.dims()).mapToObj(Long::toString).collect(Collectors.joining(","));
    return element(tensor.type()) + (tensor.rank() == 0 ? "" : "[" + dims + "]");
  }

  static String tensor(Tensor tensor) {
    return tensorType(tensor) + " " + elements(tensor);
  }

  static String sparse(SparseTensor tensor) {
    return "sparse_tensor "
        + tensor.dims()
        + " "
        + elements(tensor.values())
        + " at "
        + elements(tensor.indices());
  }

  /** The first elements; the rest as dots. */
  static String elements(Tensor tensor) {
    String shown =
        LongStream.range(0, Math.min(tensor.size(), MOST_ELEMENTS))
            .mapToObj(i -> elementAt(tensor, i))
            .collect(Collectors.joining(", "));
    return "{" + shown + (tensor.size() > MOST_ELEMENTS ? ", ..." : "") + "}";
  }

  private static String elementAt(Tensor tensor, long index) {
    return switch (tensor.type()) {
      case STRING -> Lines.quoted(tensor.strings().get((int) index));
      case UINT64 -> Long.toUnsignedString(tensor.longAt(index));
      case UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, UINT32, UINT4, INT4, UINT2, INT2 ->
          Long.toString(tensor.longAt(index));
      case DOUBLE -> Double.toString(tensor.doubleAt(index));
      case FLOAT,
          FLOAT16,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0,
          FLOAT4E2M1 ->
          Float.toString((float) tensor.doubleAt(index));
      case COMPLEX64 -> complex(tensor, ElementType.FLOAT, index);
      case COMPLEX128 -> complex(tensor, ElementType.DOUBLE, index);
      case UNDEFINED -> "?";
    };
  }

  private static String complex(Tensor tensor, ElementType half, long index) {
    double real = Elements.read(half, tensor.data(), 2 * index);
    double imaginary = Elements.read(half, tensor.data(), 2 * index + 1);
    return "(" + real + ", " + imaginary + ")";
  }
}

package dev.lathe.server.oip;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.Arrays;
import java.util.List;

/** The protocol's names of element types. */
enum Datatype {
  BOOL(ElementType.BOOL),
  UINT8(ElementType.UINT8),
  UINT16(ElementType.UINT16),
  UINT32(ElementType.UINT32),
  UINT64(ElementType.UINT64),
  INT8(ElementType.INT8),
  INT16(ElementType.INT16),
  INT32(ElementType.INT32),
  INT64(ElementType.INT64),
  FP16(ElementType.FLOAT16),
  FP32(ElementType.FLOAT),
  FP64(ElementType.DOUBLE),
  BF16(ElementType.BFLOAT16),
  BYTES(ElementType.STRING);

  private static final List<Datatype> ALL = List.of(values());

  private final ElementType element;

  Datatype(ElementType element) {
    this.element = element;
  }

  ElementType element() {
    return element;
  }

  /** The datatype of a name on the wire. */
  static Datatype parse(String input, String name) {
    for (Datatype type : ALL) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new LatheException(
        ServerError.BAD_REQUEST,
        "input \"" + input + "\": datatype \"" + name + "\" (expected: one of " + ALL + ")");
  }

  /** The name on the wire of an element type; ONNX's own name where the protocol has none. */
  static String nameOf(ElementType element) {
    return Arrays.stream(values())
        .filter(type -> type.element == element)
        .map(Datatype::name)
        .findFirst()
        .orElse(element.name());
  }
}

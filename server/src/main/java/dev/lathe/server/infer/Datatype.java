package dev.lathe.server.infer;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.List;

/** The Open Inference Protocol's names of element types. */
public enum Datatype {
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

  /**
   * The element type.
   *
   * @return what ONNX calls it
   */
  public ElementType element() {
    return element;
  }

  /**
   * The datatype of a name on the wire.
   *
   * @param input whose datatype, for the message
   * @param name the name, in capitals
   * @return the datatype
   * @throws LatheException BAD_REQUEST if there is none of that name
   */
  public static Datatype parse(String input, String name) {
    for (Datatype type : ALL) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new LatheException(
        ServerError.BAD_REQUEST,
        "input \"" + input + "\": datatype \"" + name + "\" (expected: one of " + ALL + ")");
  }

  /**
   * The name on the wire of an element type.
   *
   * @param element the element type
   * @return its name; ONNX's own where the protocol has none
   */
  public static String nameOf(ElementType element) {
    for (Datatype type : ALL) {
      if (type.element == element) {
        return type.name();
      }
    }
    return element.name();
  }
}

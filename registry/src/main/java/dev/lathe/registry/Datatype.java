package dev.lathe.registry;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import java.util.List;
import java.util.Optional;

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
    return of(name)
        .orElseThrow(
            () ->
                new LatheException(
                    RegistryError.BAD_REQUEST,
                    "input \"%s\": datatype \"%s\" (expected: one of %s)"
                        .formatted(input, name, ALL)));
  }

  /**
   * The datatype of a name.
   *
   * @param name the name, in capitals
   * @return the datatype; empty if there is none of that name
   */
  public static Optional<Datatype> of(String name) {
    return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  /**
   * The element type of a name that {@link #nameOf} gave.
   *
   * @param name the protocol's, or ONNX's own where the protocol has none
   * @return the element type
   */
  public static ElementType elementOf(String name) {
    return of(name).map(Datatype::element).orElseGet(() -> ElementType.valueOf(name));
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

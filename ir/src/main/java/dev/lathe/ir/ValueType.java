package dev.lathe.ir;

/** The type of a value, as {@code TypeProto} has it. */
public sealed interface ValueType {
  /**
   * A dense tensor.
   *
   * @param element its element type
   * @param shape its shape
   */
  record TensorType(ElementType element, Shape shape) implements ValueType {
    @Override
    public String toString() {
      return element + shape.toString();
    }
  }

  /**
   * A sparse tensor.
   *
   * @param element its element type
   * @param shape its dense shape
   */
  record SparseTensorType(ElementType element, Shape shape) implements ValueType {
    @Override
    public String toString() {
      return "sparse " + element + shape;
    }
  }

  /**
   * A sequence.
   *
   * @param element the type of each element
   */
  record SequenceType(ValueType element) implements ValueType {
    @Override
    public String toString() {
      return "seq(" + element + ")";
    }
  }

  /**
   * A map.
   *
   * @param key an integer type or STRING
   * @param value the type of each value
   */
  record MapType(ElementType key, ValueType value) implements ValueType {
    @Override
    public String toString() {
      return "map(" + key + ", " + value + ")";
    }
  }

  /**
   * A value that may be absent.
   *
   * @param element the type when present
   */
  record OptionalType(ValueType element) implements ValueType {
    @Override
    public String toString() {
      return "optional(" + element + ")";
    }
  }

  /**
   * A type that is not given, or of a kind that the model does not know; its bytes are kept.
   *
   * @param extras the type as the file had it
   */
  record UnknownType(Extras extras) implements ValueType {
    @Override
    public String toString() {
      return "?";
    }
  }

  /** No type given. */
  ValueType UNKNOWN = new UnknownType(Extras.NONE);

  /**
   * A dense tensor type.
   *
   * @param element its element type
   * @param shape its shape
   * @return the type
   */
  static TensorType tensor(ElementType element, Shape shape) {
    return new TensorType(element, shape);
  }
}

package dev.lathe.ir;

/**
 * A named value with its type.
 *
 * @param name the value's name
 * @param type its type, as far as known
 * @param notes what is said about it
 */
public record ValueInfo(String name, ValueType type, Notes notes) {
  /**
   * A value of a type.
   *
   * @param name its name
   * @param type its type
   * @return the value
   */
  public static ValueInfo of(String name, ValueType type) {
    return new ValueInfo(name, type, Notes.NONE);
  }

  /**
   * A dense tensor value.
   *
   * @param name its name
   * @param element its element type
   * @param shape its shape
   * @return the value
   */
  public static ValueInfo tensor(String name, ElementType element, Shape shape) {
    return of(name, ValueType.tensor(element, shape));
  }

  /**
   * The type as a dense tensor's.
   *
   * @return the tensor type
   * @throws LatheException TYPE_MISMATCH if it is another kind of type
   */
  public ValueType.TensorType tensorType() {
    if (type instanceof ValueType.TensorType tensor) {
      return tensor;
    }
    throw new LatheException(
        IrError.TYPE_MISMATCH, "value \"" + name + "\": type " + type + " (expected: a tensor)");
  }
}

package dev.lathe.ir;

import java.util.AbstractList;
import java.util.List;

/**
 * The elements of a STRING tensor where they are any bytes, such as files. {@link Tensor#strings}
 * sees them as UTF-8, decoded at each look, with U+FFFD for what is none.
 */
public final class ByteStrings extends AbstractList<String> {
  private final List<Bytes> elements;

  private ByteStrings(List<Bytes> elements) {
    this.elements = List.copyOf(elements);
  }

  /**
   * A STRING tensor of byte strings.
   *
   * @param values row-major
   * @param dims the shape
   * @return the tensor
   * @throws LatheException SIZE_MISMATCH if the count does not fit the shape
   */
  public static Tensor tensor(List<Bytes> values, long... dims) {
    return Tensor.ofStrings(new ByteStrings(values), dims);
  }

  /**
   * The elements of a STRING tensor as bytes.
   *
   * @param tensor a STRING tensor
   * @return what {@link #tensor} was given, else the UTF-8 of each element; row-major
   */
  public static List<Bytes> of(Tensor tensor) {
    return tensor.strings() instanceof ByteStrings bytes
        ? bytes.elements
        : tensor.strings().stream().map(Bytes::utf8).toList();
  }

  /** An immutable list of the same elements, byte strings as they are. */
  static List<String> keep(List<String> values) {
    return values instanceof ByteStrings ? values : List.copyOf(values);
  }

  @Override
  public String get(int index) {
    return elements.get(index).utf8();
  }

  @Override
  public int size() {
    return elements.size();
  }
}

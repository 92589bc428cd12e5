package dev.lathe.ir;

import java.util.AbstractList;
import java.util.List;

/** Byte strings seen as texts, decoded at each look. */
final class ByteStrings extends AbstractList<String> {
  private final List<Bytes> elements;

  ByteStrings(List<Bytes> elements) {
    this.elements = List.copyOf(elements);
  }

  List<Bytes> elements() {
    return elements;
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

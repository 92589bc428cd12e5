package dev.lathe.onnx.codec;

import dev.lathe.ir.Notes;
import dev.lathe.ir.Tensor;

/** Keys of notes on parts that the model has no place for. */
final class Parts {
  static final String TYPE = "type";
  static final String BODY = "body";
  static final String SHAPE = "shape";
  static final String NAME = "name";
  static final String SPARSE = "sparse";

  private Parts() {}

  static String attribute(String name) {
    return "attribute/" + name;
  }

  static String opset(String domain) {
    return "opset_import/" + domain;
  }

  static String item(int index) {
    return Integer.toString(index);
  }

  /** The name that a tensor had in the file without being known by it, as in an attribute. */
  static String nameOf(Tensor tensor) {
    return tensor.notes().part(NAME).doc();
  }

  static Tensor named(Tensor tensor, String name) {
    return name.isEmpty()
        ? tensor
        : tensor.withNotes(tensor.notes().withPart(NAME, Notes.doc(name)));
  }
}

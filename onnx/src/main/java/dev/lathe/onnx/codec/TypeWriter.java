package dev.lathe.onnx.codec;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.codec.Fields.OfShape;
import dev.lathe.onnx.codec.Fields.OfType;
import dev.lathe.onnx.codec.Fields.OfTypeBody;
import dev.lathe.onnx.codec.Fields.OfValue;
import dev.lathe.onnx.wire.WireWriter;

/** Writes TypeProto, ValueInfoProto and shapes. */
final class TypeWriter {
  private TypeWriter() {}

  static void value(WireWriter out, ValueInfo value) {
    Notes notes = value.notes();
    out.text(OfValue.NAME, value.name());
    if (!value.type().equals(ValueType.UNKNOWN)) {
      out.message(OfValue.TYPE, message -> type(message, value.type(), notes.part(Parts.TYPE)));
    }
    out.textIfAny(OfValue.DOC_STRING, notes.doc());
    NotesWriter.entries(out, OfValue.METADATA_PROPS, notes.metadata());
    out.raw(notes.extras().bytes());
  }

  static void type(WireWriter out, ValueType type, Notes notes) {
    Notes body = notes.part(Parts.BODY);
    switch (type) {
      case ValueType.TensorType(ElementType element, Shape shape) ->
          out.message(OfType.TENSOR, message -> tensor(message, element, shape, body));
      case ValueType.SparseTensorType(ElementType element, Shape shape) ->
          out.message(OfType.SPARSE_TENSOR, message -> tensor(message, element, shape, body));
      case ValueType.SequenceType(ValueType element) ->
          out.message(OfType.SEQUENCE, message -> element(message, element, body));
      case ValueType.OptionalType(ValueType element) ->
          out.message(OfType.OPTIONAL, message -> element(message, element, body));
      case ValueType.MapType(ElementType key, ValueType value) ->
          out.message(OfType.MAP, message -> map(message, key, value, body));
      case ValueType.UnknownType unknown -> out.raw(unknown.extras().bytes());
    }
    out.raw(notes.extras().bytes());
  }

  private static void tensor(WireWriter out, ElementType element, Shape shape, Notes notes) {
    out.varint(OfTypeBody.ELEM_TYPE, element.code());
    if (shape.ranked()) {
      out.message(OfTypeBody.SHAPE, message -> shape(message, shape, notes.part(Parts.SHAPE)));
    }
    out.raw(notes.extras().bytes());
  }

  private static void element(WireWriter out, ValueType element, Notes notes) {
    out.message(OfTypeBody.ELEM_TYPE, message -> type(message, element, notes.part(Parts.TYPE)));
    out.raw(notes.extras().bytes());
  }

  private static void map(WireWriter out, ElementType key, ValueType value, Notes notes) {
    out.varint(OfTypeBody.KEY_TYPE, key.code());
    out.message(OfTypeBody.VALUE_TYPE, message -> type(message, value, notes.part(Parts.TYPE)));
    out.raw(notes.extras().bytes());
  }

  private static void shape(WireWriter out, Shape shape, Notes notes) {
    for (int axis = 0; axis < shape.rank(); axis++) {
      int index = axis;
      out.message(OfShape.DIM, message -> dim(message, shape, index, notes));
    }
    out.raw(notes.extras().bytes());
  }

  private static void dim(WireWriter out, Shape shape, int axis, Notes notes) {
    switch (shape.dim(axis)) {
      case Dim.Fixed(long size) -> out.varint(OfShape.DIM_VALUE, size);
      case Dim.Symbol(String name) -> out.text(OfShape.DIM_PARAM, name);
      case Dim.Unknown() -> {}
    }
    if (axis < shape.denotations().size()) {
      out.textIfAny(OfShape.DENOTATION, shape.denotations().get(axis));
    }
    out.raw(notes.part(Parts.item(axis)).extras().bytes());
  }
}

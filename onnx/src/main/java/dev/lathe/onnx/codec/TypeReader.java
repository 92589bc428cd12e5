package dev.lathe.onnx.codec;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Extras;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.codec.Fields.OfShape;
import dev.lathe.onnx.codec.Fields.OfType;
import dev.lathe.onnx.codec.Fields.OfTypeBody;
import dev.lathe.onnx.codec.Fields.OfValue;
import dev.lathe.onnx.wire.WireReader;
import java.util.ArrayList;
import java.util.List;

/** Reads TypeProto, ValueInfoProto and shapes. */
final class TypeReader {
  private TypeReader() {}

  /** A type with notes on its parts, of which {@code ValueType} has none. */
  record Noted(ValueType type, Notes notes) {}

  static ValueInfo value(WireReader in) {
    NotesReader notes = new NotesReader(in);
    String name = "";
    ValueType type = ValueType.UNKNOWN;
    while (in.next()) {
      switch (in.field()) {
        case OfValue.NAME -> name = in.text();
        case OfValue.TYPE -> {
          Noted noted = type(in.message("type"));
          type = noted.type();
          notes.part(Parts.TYPE, noted.notes());
        }
        case OfValue.DOC_STRING -> notes.doc();
        case OfValue.METADATA_PROPS -> notes.metadata();
        default -> in.keep();
      }
    }
    return new ValueInfo(name, type, notes.notes());
  }

  static Noted type(WireReader in) {
    NotesReader notes = new NotesReader(in);
    Noted body = new Noted(ValueType.UNKNOWN, Notes.NONE);
    while (in.next()) {
      body =
          switch (in.field()) {
            case OfType.TENSOR -> tensor(in.message("tensor_type"), false);
            case OfType.SPARSE_TENSOR -> tensor(in.message("sparse_tensor_type"), true);
            case OfType.SEQUENCE -> element(in.message("sequence_type"), false);
            case OfType.OPTIONAL -> element(in.message("optional_type"), true);
            case OfType.MAP -> map(in.message("map_type"));
            default -> {
              in.keep();
              yield body;
            }
          };
    }
    if (body.type() instanceof ValueType.UnknownType) {
      Extras extras = in.extras();
      return new Noted(
          extras.isEmpty() ? ValueType.UNKNOWN : new ValueType.UnknownType(extras), Notes.NONE);
    }
    notes.part(Parts.BODY, body.notes());
    return new Noted(body.type(), notes.notes());
  }

  private static Noted tensor(WireReader in, boolean sparse) {
    NotesReader notes = new NotesReader(in);
    ElementType element = ElementType.UNDEFINED;
    Shape shape = Shape.UNRANKED;
    while (in.next()) {
      switch (in.field()) {
        case OfTypeBody.ELEM_TYPE -> element = elementType(in);
        case OfTypeBody.SHAPE -> shape = shape(in.message("shape"), notes);
        default -> in.keep();
      }
    }
    return new Noted(
        sparse
            ? new ValueType.SparseTensorType(element, shape)
            : new ValueType.TensorType(element, shape),
        notes.notes());
  }

  private static Noted element(WireReader in, boolean optional) {
    NotesReader notes = new NotesReader(in);
    ValueType element = ValueType.UNKNOWN;
    while (in.next()) {
      if (in.field() == OfTypeBody.ELEM_TYPE) {
        Noted noted = type(in.message("elem_type"));
        element = noted.type();
        notes.part(Parts.TYPE, noted.notes());
      } else {
        in.keep();
      }
    }
    return new Noted(
        optional ? new ValueType.OptionalType(element) : new ValueType.SequenceType(element),
        notes.notes());
  }

  private static Noted map(WireReader in) {
    NotesReader notes = new NotesReader(in);
    ElementType key = ElementType.UNDEFINED;
    ValueType value = ValueType.UNKNOWN;
    while (in.next()) {
      switch (in.field()) {
        case OfTypeBody.KEY_TYPE -> key = elementType(in);
        case OfTypeBody.VALUE_TYPE -> {
          Noted noted = type(in.message("value_type"));
          value = noted.type();
          notes.part(Parts.TYPE, noted.notes());
        }
        default -> in.keep();
      }
    }
    return new Noted(new ValueType.MapType(key, value), notes.notes());
  }

  private static Shape shape(WireReader in, NotesReader outer) {
    NotesReader notes = new NotesReader(in);
    List<Dim> dims = new ArrayList<>();
    List<String> denotations = new ArrayList<>();
    while (in.next()) {
      if (in.field() == OfShape.DIM) {
        dims.add(dim(in.message("dim"), denotations, notes));
      } else {
        in.keep();
      }
    }
    outer.part(Parts.SHAPE, notes.notes());
    boolean denoted = denotations.stream().anyMatch(text -> !text.isEmpty());
    return new Shape(true, dims, denoted ? denotations : List.of());
  }

  /** A negative size, which some exporters write for a size they do not know, is unknown. */
  private static Dim dim(WireReader in, List<String> denotations, NotesReader outer) {
    NotesReader notes = new NotesReader(in);
    Dim dim = Dim.UNKNOWN;
    String denotation = "";
    while (in.next()) {
      switch (in.field()) {
        case OfShape.DIM_VALUE -> {
          long size = in.varint();
          dim = size < 0 ? Dim.UNKNOWN : Dim.of(size);
        }
        case OfShape.DIM_PARAM -> dim = Dim.of(in.text());
        case OfShape.DENOTATION -> denotation = in.text();
        default -> in.keep();
      }
    }
    outer.part(Integer.toString(denotations.size()), notes.notes());
    denotations.add(denotation);
    return dim;
  }

  static ElementType elementType(WireReader in) {
    long code = in.varint();
    if (code < 0 || code >= ElementType.values().length) {
      throw in.malformed(
          "element type " + code + " (expected: 0 to " + (ElementType.values().length - 1) + ")");
    }
    return ElementType.ofCode(code);
  }
}

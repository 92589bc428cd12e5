package dev.lathe.onnx.codec;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.codec.Fields.OfAttribute;
import dev.lathe.onnx.wire.WireReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads AttributeProto. One object reads one attribute. */
final class AttributeReader {
  private final WireReader in;
  private final ExternalSource source;
  private final NotesReader notes;
  private final List<Float> floats = new ArrayList<>(0);
  private final List<Long> ints = new ArrayList<>(0);
  private final List<Bytes> strings = new ArrayList<>(0);
  private final List<Tensor> tensors = new ArrayList<>(0);
  private final List<SparseTensor> sparse = new ArrayList<>(0);
  private final List<Graph> graphs = new ArrayList<>(0);
  private final List<ValueType> types = new ArrayList<>(0);
  private String name = "";
  private String reference = "";
  private AttributeKind declared = AttributeKind.UNDEFINED;
  private AttributeKind found = AttributeKind.UNDEFINED;

  private AttributeReader(WireReader in, ExternalSource source) {
    this.in = in;
    this.source = source;
    this.notes = new NotesReader(in);
  }

  /** Reads an attribute into those of a node, and what is said about it into the node's notes. */
  static void put(
      WireReader in, ExternalSource source, Map<String, Attribute> to, NotesReader outer) {
    AttributeReader reader = new AttributeReader(in, source);
    while (in.next()) {
      reader.field();
    }
    if (reader.name.isEmpty()) {
      throw in.malformed("attribute without a name");
    }
    if (to.put(reader.name, reader.value()) != null) {
      throw reader.wrong("stands twice");
    }
    outer.part(Parts.attribute(reader.name), reader.notes.notes());
  }

  private void field() {
    switch (in.field()) {
      case OfAttribute.NAME -> name = in.text();
      case OfAttribute.REF_ATTR_NAME -> reference = in.text();
      case OfAttribute.DOC_STRING -> notes.doc();
      case OfAttribute.TYPE -> declare(in.varint());
      default -> {
        AttributeKind kind = AttributeKind.ofField(in.field());
        if (kind == AttributeKind.UNDEFINED) {
          in.keep();
        } else {
          content(kind);
        }
      }
    }
  }

  private void declare(long code) {
    if (!AttributeKind.isCode(code)) {
      throw wrong("type " + code + " (expected: 0 to 14)");
    }
    declared = AttributeKind.ofCode(code);
  }

  private void content(AttributeKind kind) {
    if (found != AttributeKind.UNDEFINED && found != kind) {
      throw wrong("has " + found + " and " + kind + " (expected: one of them)");
    }
    found = kind;
    switch (kind) {
      case FLOAT -> only(floats).add(in.float32());
      case FLOATS -> in.floats(bits -> floats.add(Float.intBitsToFloat((int) bits)));
      case INT -> only(ints).add(in.varint());
      case INTS -> in.varints(ints::add);
      case STRING -> only(strings).add(Bytes.of(in.copiedRun()));
      case STRINGS -> strings.add(Bytes.of(in.copiedRun()));
      case TENSOR -> only(tensors).add(tensor("t"));
      case TENSORS -> tensors.add(tensor("tensors[" + tensors.size() + "]"));
      case SPARSE_TENSOR -> only(sparse).add(sparse("sparse_tensor"));
      case SPARSE_TENSORS -> sparse.add(sparse("sparse_tensors[" + sparse.size() + "]"));
      case GRAPH -> only(graphs).add(GraphReader.read(in.message("g"), source));
      case GRAPHS -> graphs.add(GraphReader.read(in.message("graphs"), source));
      case TYPE_PROTO -> type(only(types));
      case TYPE_PROTOS -> type(types);
      case UNDEFINED -> in.keep();
    }
  }

  /** Of a field that may stand once, the last counts. */
  private static <T> List<T> only(List<T> list) {
    list.clear();
    return list;
  }

  private Tensor tensor(String label) {
    return TensorReader.read(in.message(label), source).anonymous();
  }

  private SparseTensor sparse(String label) {
    TensorReader.NamedSparse read = TensorReader.readSparse(in.message(label), source);
    SparseTensor tensor = read.tensor();
    return new SparseTensor(
        Parts.named(tensor.values(), read.name()), tensor.indices(), tensor.dims());
  }

  private void type(List<ValueType> to) {
    TypeReader.Noted noted = TypeReader.type(in.message("tp"));
    notes.part(Parts.item(to.size()), noted.notes());
    to.add(noted.type());
  }

  private Attribute value() {
    AttributeKind kind = declared == AttributeKind.UNDEFINED ? found : declared;
    if (!reference.isEmpty()) {
      if (found != AttributeKind.UNDEFINED) {
        throw wrong("has a value and refers to \"" + reference + "\"");
      }
      return new Attribute.Reference(reference, kind.code());
    }
    if (found != AttributeKind.UNDEFINED && found != kind) {
      throw wrong("is " + found + " (expected: " + kind + ", its type)");
    }
    return value(kind);
  }

  private Attribute value(AttributeKind kind) {
    return switch (kind) {
      case FLOAT -> new Attribute.OfFloat(floats.isEmpty() ? 0 : floats.getFirst());
      case FLOATS -> new Attribute.OfFloats(floats);
      case INT -> new Attribute.OfInt(ints.isEmpty() ? 0 : ints.getFirst());
      case INTS -> new Attribute.OfInts(ints);
      case STRING ->
          new Attribute.OfString(strings.isEmpty() ? Bytes.utf8("") : strings.getFirst());
      case STRINGS -> new Attribute.OfStrings(strings);
      case TENSOR -> new Attribute.OfTensor(one(tensors));
      case TENSORS -> new Attribute.OfTensors(tensors);
      case SPARSE_TENSOR -> new Attribute.OfSparseTensor(one(sparse));
      case SPARSE_TENSORS -> new Attribute.OfSparseTensors(sparse);
      case GRAPH -> new Attribute.OfGraph(one(graphs));
      case GRAPHS -> new Attribute.OfGraphs(graphs);
      case TYPE_PROTO -> new Attribute.OfType(one(types));
      case TYPE_PROTOS -> new Attribute.OfTypes(types);
      case UNDEFINED -> throw wrong("has no type and no value");
    };
  }

  private <T> T one(List<T> list) {
    if (list.isEmpty()) {
      throw wrong("has no value");
    }
    return list.getFirst();
  }

  private LatheException wrong(String what) {
    return in.malformed("attribute \"" + name + "\": " + what);
  }
}

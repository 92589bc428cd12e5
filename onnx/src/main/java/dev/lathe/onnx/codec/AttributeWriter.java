package dev.lathe.onnx.codec;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Notes;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.codec.Fields.OfAttribute;
import dev.lathe.onnx.wire.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Writes AttributeProto. */
final class AttributeWriter {
  private final GraphWriter graphs;

  AttributeWriter(GraphWriter graphs) {
    this.graphs = graphs;
  }

  void write(WireWriter out, String name, Attribute value, Notes notes) {
    out.text(OfAttribute.NAME, name);
    content(out, value, notes);
    out.textIfAny(OfAttribute.DOC_STRING, notes.doc());
    if (value instanceof Attribute.Reference(String reference, int type)) {
      out.varint(OfAttribute.TYPE, type);
      out.text(OfAttribute.REF_ATTR_NAME, reference);
    } else {
      out.varint(OfAttribute.TYPE, AttributeKind.of(value).code());
    }
    out.raw(notes.extras().bytes());
  }

  private void content(WireWriter out, Attribute value, Notes notes) {
    switch (value) {
      case Attribute.OfFloat(float number) -> out.float32(OfAttribute.F, number);
      case Attribute.OfInt(long number) -> out.varint(OfAttribute.I, number);
      case Attribute.OfString(Bytes bytes) -> bytes(out, OfAttribute.S, bytes);
      case Attribute.OfTensor(Tensor tensor) -> tensor(out, OfAttribute.T, tensor);
      case Attribute.OfSparseTensor(SparseTensor tensor) ->
          sparse(out, OfAttribute.SPARSE_TENSOR, tensor);
      case Attribute.OfGraph(Graph graph) -> graph(out, OfAttribute.G, graph);
      case Attribute.OfType(ValueType type) ->
          type(out, OfAttribute.TP, type, notes.part(Parts.item(0)));
      case Attribute.OfFloats(List<Float> numbers) ->
          numbers.forEach(number -> out.float32(OfAttribute.FLOATS, number));
      case Attribute.OfInts(List<Long> numbers) ->
          numbers.forEach(number -> out.varint(OfAttribute.INTS, number));
      case Attribute.OfStrings(List<Bytes> strings) ->
          strings.forEach(bytes -> bytes(out, OfAttribute.STRINGS, bytes));
      case Attribute.OfTensors(List<Tensor> tensors) ->
          tensors.forEach(tensor -> tensor(out, OfAttribute.TENSORS, tensor));
      case Attribute.OfSparseTensors(List<SparseTensor> tensors) ->
          tensors.forEach(tensor -> sparse(out, OfAttribute.SPARSE_TENSORS, tensor));
      case Attribute.OfGraphs(List<Graph> graphs) ->
          graphs.forEach(graph -> graph(out, OfAttribute.GRAPHS, graph));
      case Attribute.OfTypes(List<ValueType> types) -> types(out, types, notes);
      case Attribute.Reference _ -> {}
    }
  }

  private static void bytes(WireWriter out, int field, Bytes bytes) {
    out.run(field, MemorySegment.ofArray(bytes.toArray()));
  }

  private static void tensor(WireWriter out, int field, Tensor tensor) {
    out.message(field, body -> TensorWriter.anonymous(body, tensor));
  }

  private static void sparse(WireWriter out, int field, SparseTensor tensor) {
    out.message(field, body -> TensorWriter.sparse(body, Parts.nameOf(tensor.values()), tensor));
  }

  private void graph(WireWriter out, int field, Graph graph) {
    out.message(field, body -> graphs.write(body, graph));
  }

  private static void type(WireWriter out, int field, ValueType type, Notes notes) {
    out.message(field, body -> TypeWriter.type(body, type, notes));
  }

  private static void types(WireWriter out, List<ValueType> types, Notes notes) {
    for (int i = 0; i < types.size(); i++) {
      type(out, OfAttribute.TYPE_PROTOS, types.get(i), notes.part(Parts.item(i)));
    }
  }
}

package dev.lathe.onnx.codec;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import dev.lathe.ir.Notes;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.codec.Fields.OfFunction;
import dev.lathe.onnx.codec.Fields.OfGraph;
import dev.lathe.onnx.codec.Fields.OfNode;
import dev.lathe.onnx.wire.WireWriter;
import java.util.List;
import java.util.Map;

/** Writes GraphProto, NodeProto and FunctionProto. */
final class GraphWriter {
  private final ExternalPlan plan;

  GraphWriter(ExternalPlan plan) {
    this.plan = plan;
  }

  void write(WireWriter out, Graph graph) {
    Notes notes = graph.notes();
    nodes(out, OfGraph.NODE, graph.nodes());
    out.textIfAny(OfGraph.NAME, graph.name());
    graph
        .initializers()
        .forEach(
            (name, tensor) ->
                out.message(
                    OfGraph.INITIALIZER, body -> TensorWriter.write(body, name, tensor, plan)));
    out.textIfAny(OfGraph.DOC_STRING, notes.doc());
    values(out, OfGraph.INPUT, graph.inputs());
    values(out, OfGraph.OUTPUT, graph.outputs());
    values(out, OfGraph.VALUE_INFO, graph.values());
    graph
        .sparseInitializers()
        .forEach(
            (name, tensor) ->
                out.message(
                    OfGraph.SPARSE_INITIALIZER, body -> TensorWriter.sparse(body, name, tensor)));
    NotesWriter.entries(out, OfGraph.METADATA_PROPS, notes.metadata());
    out.raw(notes.extras().bytes());
  }

  void write(WireWriter out, Function function) {
    Notes notes = function.notes();
    out.text(OfFunction.NAME, function.name());
    function.inputs().forEach(name -> out.text(OfFunction.INPUT, name));
    function.outputs().forEach(name -> out.text(OfFunction.OUTPUT, name));
    function.attributes().forEach(name -> out.text(OfFunction.ATTRIBUTE, name));
    nodes(out, OfFunction.NODE, function.nodes());
    out.textIfAny(OfFunction.DOC_STRING, notes.doc());
    NotesWriter.opsets(out, OfFunction.OPSET_IMPORT, function.opsets(), notes);
    out.text(OfFunction.DOMAIN, function.domain());
    attributes(out, OfFunction.ATTRIBUTE_PROTO, function.defaults(), notes);
    values(out, OfFunction.VALUE_INFO, function.values());
    out.textIfAny(OfFunction.OVERLOAD, function.overload());
    NotesWriter.entries(out, OfFunction.METADATA_PROPS, notes.metadata());
    out.raw(notes.extras().bytes());
  }

  private void node(WireWriter out, Node node) {
    Notes notes = node.notes();
    node.inputs().forEach(name -> out.text(OfNode.INPUT, name));
    node.outputs().forEach(name -> out.text(OfNode.OUTPUT, name));
    out.textIfAny(OfNode.NAME, node.name());
    out.text(OfNode.OP_TYPE, node.op());
    attributes(out, OfNode.ATTRIBUTE, node.attributes(), notes);
    out.textIfAny(OfNode.DOC_STRING, notes.doc());
    out.textIfAny(OfNode.DOMAIN, node.domain());
    out.textIfAny(OfNode.OVERLOAD, node.overload());
    NotesWriter.entries(out, OfNode.METADATA_PROPS, notes.metadata());
    out.raw(notes.extras().bytes());
  }

  private void nodes(WireWriter out, int field, List<Node> nodes) {
    nodes.forEach(node -> out.message(field, body -> node(body, node)));
  }

  private void attributes(
      WireWriter out, int field, Map<String, Attribute> attributes, Notes notes) {
    AttributeWriter writer = new AttributeWriter(this);
    attributes.forEach(
        (name, value) ->
            out.message(
                field, body -> writer.write(body, name, value, notes.part(Parts.attribute(name)))));
  }

  private static void values(WireWriter out, int field, List<ValueInfo> values) {
    values.forEach(value -> out.message(field, body -> TypeWriter.value(body, value)));
  }
}

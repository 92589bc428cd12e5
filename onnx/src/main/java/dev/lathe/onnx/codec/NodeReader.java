package dev.lathe.onnx.codec;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import dev.lathe.onnx.codec.Fields.OfNode;
import dev.lathe.onnx.wire.WireReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads NodeProto. One object reads one node. */
final class NodeReader {
  private final List<String> inputs = new ArrayList<>(4);
  private final List<String> outputs = new ArrayList<>(1);
  private final Map<String, Attribute> attributes = new LinkedHashMap<>(4);
  private String op = "";
  private String domain = "";
  private String overload = "";
  private String name = "";

  private NodeReader() {}

  static Node read(WireReader in, ExternalSource source) {
    NodeReader reader = new NodeReader();
    NotesReader notes = new NotesReader(in);
    while (in.next()) {
      reader.field(in, notes, source);
    }
    if (reader.op.isEmpty()) {
      throw in.malformed("node \"" + reader.name + "\" has no op_type");
    }
    return new Node(
        reader.op,
        reader.domain,
        reader.overload,
        reader.name,
        reader.inputs,
        reader.outputs,
        reader.attributes,
        notes.notes());
  }

  private void field(WireReader in, NotesReader notes, ExternalSource source) {
    switch (in.field()) {
      case OfNode.INPUT -> inputs.add(in.text());
      case OfNode.OUTPUT -> outputs.add(in.text());
      case OfNode.NAME -> name = in.text();
      case OfNode.OP_TYPE -> op = in.text();
      case OfNode.ATTRIBUTE ->
          AttributeReader.put(in.message("attribute"), source, attributes, notes);
      case OfNode.DOC_STRING -> notes.doc();
      case OfNode.DOMAIN -> domain = in.text();
      case OfNode.OVERLOAD -> overload = in.text();
      case OfNode.METADATA_PROPS -> notes.metadata();
      default -> in.keep();
    }
  }
}

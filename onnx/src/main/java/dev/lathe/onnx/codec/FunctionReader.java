package dev.lathe.onnx.codec;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Function;
import dev.lathe.ir.Node;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.codec.Fields.OfFunction;
import dev.lathe.onnx.wire.WireReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads FunctionProto. One object reads one function. */
final class FunctionReader {
  private final WireReader in;
  private final ExternalSource source;
  private final NotesReader notes;
  private final List<String> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<String> attributes = new ArrayList<>(0);
  private final Map<String, Attribute> defaults = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final List<ValueInfo> values = new ArrayList<>();
  private String name = "";
  private String domain = "";
  private String overload = "";

  private FunctionReader(WireReader in, ExternalSource source) {
    this.in = in;
    this.source = source;
    this.notes = new NotesReader(in);
  }

  static Function read(WireReader in, ExternalSource source) {
    FunctionReader reader = new FunctionReader(in, source);
    while (in.next()) {
      reader.field();
    }
    return new Function(
        reader.name,
        reader.domain,
        reader.overload,
        reader.inputs,
        reader.outputs,
        reader.attributes,
        reader.defaults,
        reader.nodes,
        reader.opsets,
        reader.values,
        reader.notes.notes());
  }

  private void field() {
    switch (in.field()) {
      case OfFunction.NAME -> name = in.text();
      case OfFunction.INPUT -> inputs.add(in.text());
      case OfFunction.OUTPUT -> outputs.add(in.text());
      case OfFunction.ATTRIBUTE -> attributes.add(in.text());
      case OfFunction.NODE ->
          nodes.add(NodeReader.read(in.message("node[" + nodes.size() + "]"), source));
      case OfFunction.DOC_STRING -> notes.doc();
      case OfFunction.OPSET_IMPORT -> ModelReader.opset(in.message("opset_import"), opsets, notes);
      case OfFunction.DOMAIN -> domain = in.text();
      case OfFunction.ATTRIBUTE_PROTO ->
          AttributeReader.put(in.message("attribute_proto"), source, defaults, notes);
      case OfFunction.VALUE_INFO -> values.add(TypeReader.value(in.message("value_info")));
      case OfFunction.OVERLOAD -> overload = in.text();
      case OfFunction.METADATA_PROPS -> notes.metadata();
      default -> in.keep();
    }
  }
}

package dev.lathe.onnx.codec;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.codec.Fields.OfGraph;
import dev.lathe.onnx.wire.WireReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads GraphProto. One object reads one graph. */
final class GraphReader {
  private final WireReader in;
  private final ExternalSource source;
  private final NotesReader notes;
  private final List<Node> nodes = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final List<ValueInfo> values = new ArrayList<>();
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final Map<String, SparseTensor> sparse = new LinkedHashMap<>();
  private String name = "";

  private GraphReader(WireReader in, ExternalSource source) {
    this.in = in;
    this.source = source;
    this.notes = new NotesReader(in);
  }

  static Graph read(WireReader in, ExternalSource source) {
    GraphReader reader = new GraphReader(in, source);
    while (in.next()) {
      reader.field();
    }
    return new Graph(
        reader.name,
        reader.nodes,
        reader.inputs,
        reader.outputs,
        reader.initializers,
        reader.sparse,
        reader.values,
        reader.notes.notes());
  }

  private void field() {
    switch (in.field()) {
      case OfGraph.NODE ->
          nodes.add(NodeReader.read(in.message("node[" + nodes.size() + "]"), source));
      case OfGraph.NAME -> name = in.text();
      case OfGraph.INITIALIZER -> initializer();
      case OfGraph.SPARSE_INITIALIZER -> sparseInitializer();
      case OfGraph.DOC_STRING -> notes.doc();
      case OfGraph.INPUT -> inputs.add(TypeReader.value(in.message("input")));
      case OfGraph.OUTPUT -> outputs.add(TypeReader.value(in.message("output")));
      case OfGraph.VALUE_INFO -> values.add(TypeReader.value(in.message("value_info")));
      case OfGraph.METADATA_PROPS -> notes.metadata();
      default -> in.keep();
    }
  }

  private void initializer() {
    String label = "initializer[" + initializers.size() + "]";
    TensorReader.Named read = TensorReader.read(in.message(label), source);
    requireNew(read.name());
    initializers.put(read.name(), read.tensor());
  }

  private void sparseInitializer() {
    String label = "sparse_initializer[" + sparse.size() + "]";
    TensorReader.NamedSparse read = TensorReader.readSparse(in.message(label), source);
    requireNew(read.name());
    sparse.put(read.name(), read.tensor());
  }

  private void requireNew(String initializer) {
    if (initializer.isEmpty()
        || initializers.containsKey(initializer)
        || sparse.containsKey(initializer)) {
      throw in.malformed(
          "initializer \"" + initializer + "\" (expected: a name that no other initializer has)");
    }
  }
}

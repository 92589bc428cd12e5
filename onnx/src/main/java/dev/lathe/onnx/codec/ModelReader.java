package dev.lathe.onnx.codec;

import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.onnx.codec.Fields.OfModel;
import dev.lathe.onnx.codec.Fields.OfOpset;
import dev.lathe.onnx.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads ModelProto. One object reads one model. */
public final class ModelReader {
  private final WireReader in;
  private final ExternalSource source;
  private final NotesReader notes;
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final List<Function> functions = new ArrayList<>();
  private long irVersion;
  private String producer = "";
  private String producerVersion = "";
  private String domain = "";
  private long version;
  private @Nullable Graph graph;

  private ModelReader(WireReader in, ExternalSource source) {
    this.in = in;
    this.source = source;
    this.notes = new NotesReader(in);
  }

  /**
   * Reads a model.
   *
   * @param bytes the whole file; tensors are slices of it
   * @param source where tensors are that lie outside the file
   * @param label what messages call the file
   * @return the model
   * @throws dev.lathe.ir.LatheException MALFORMED, LIMIT or EXTERNAL_DATA if it is not sound
   */
  public static Model read(MemorySegment bytes, ExternalSource source, String label) {
    ModelReader reader = new ModelReader(WireReader.of(bytes, label), source);
    while (reader.in.next()) {
      reader.field();
    }
    return reader.model();
  }

  private void field() {
    switch (in.field()) {
      case OfModel.IR_VERSION -> irVersion = in.varint();
      case OfModel.PRODUCER_NAME -> producer = in.text();
      case OfModel.PRODUCER_VERSION -> producerVersion = in.text();
      case OfModel.DOMAIN -> domain = in.text();
      case OfModel.MODEL_VERSION -> version = in.varint();
      case OfModel.DOC_STRING -> notes.doc();
      case OfModel.GRAPH -> graph();
      case OfModel.OPSET_IMPORT -> opset(in.message("opset_import"), opsets, notes);
      case OfModel.METADATA_PROPS -> notes.metadata();
      case OfModel.FUNCTIONS ->
          functions.add(
              FunctionReader.read(in.message("functions[" + functions.size() + "]"), source));
      default -> in.keep();
    }
  }

  private void graph() {
    if (graph != null) {
      throw in.malformed("a second graph (expected: one)");
    }
    graph = GraphReader.read(in.message("graph"), source);
  }

  private Model model() {
    if (graph == null) {
      throw in.malformed("no graph; this is no ONNX model");
    }
    return new Model(
        irVersion,
        opsets,
        new Model.Producer(producer, producerVersion),
        domain,
        version,
        graph,
        functions,
        notes.notes());
  }

  /**
   * Reads an OperatorSetIdProto; of two of one domain, by either of its names, the newer counts.
   */
  static void opset(WireReader in, Map<String, Long> opsets, NotesReader outer) {
    NotesReader notes = new NotesReader(in);
    String domain = "";
    long version = 0;
    while (in.next()) {
      switch (in.field()) {
        case OfOpset.DOMAIN -> domain = in.text();
        case OfOpset.VERSION -> version = in.varint();
        default -> in.keep();
      }
    }
    String folded = domain.equals("ai.onnx") ? "" : domain;
    opsets.merge(folded, version, Math::max);
    outer.part(Parts.opset(folded), notes.notes());
  }
}

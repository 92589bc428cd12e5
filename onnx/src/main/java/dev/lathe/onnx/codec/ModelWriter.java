package dev.lathe.onnx.codec;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Notes;
import dev.lathe.onnx.OnnxError;
import dev.lathe.onnx.codec.Fields.OfModel;
import dev.lathe.onnx.wire.WireWriter;

/** Writes ModelProto: the same model gives the same bytes. */
public final class ModelWriter {
  private ModelWriter() {}

  /**
   * Lays out a model; weights are referred to, not copied.
   *
   * @param model the model
   * @param plan which initializers leave the file
   * @return the message
   * @throws LatheException TOO_LARGE beyond 2 GiB, which is where protobuf ends
   */
  public static WireWriter write(Model model, ExternalPlan plan) {
    WireWriter out = new WireWriter();
    Notes notes = model.notes();
    GraphWriter graphs = new GraphWriter(plan);
    out.varint(OfModel.IR_VERSION, model.irVersion());
    out.textIfAny(OfModel.PRODUCER_NAME, model.producer().name());
    out.textIfAny(OfModel.PRODUCER_VERSION, model.producer().version());
    out.textIfAny(OfModel.DOMAIN, model.domain());
    if (model.version() != 0) {
      out.varint(OfModel.MODEL_VERSION, model.version());
    }
    out.textIfAny(OfModel.DOC_STRING, notes.doc());
    out.message(OfModel.GRAPH, body -> graphs.write(body, model.graph()));
    NotesWriter.opsets(out, OfModel.OPSET_IMPORT, model.opsets(), notes);
    NotesWriter.entries(out, OfModel.METADATA_PROPS, notes.metadata());
    model
        .functions()
        .forEach(function -> out.message(OfModel.FUNCTIONS, body -> graphs.write(body, function)));
    out.raw(notes.extras().bytes());
    if (out.size() > Integer.MAX_VALUE) {
      throw new LatheException(
          OnnxError.TOO_LARGE,
          "model \""
              + model.graph().name()
              + "\": "
              + out.size()
              + " bytes in one file (expected: <= "
              + Integer.MAX_VALUE
              + ", the end of protobuf); write it with external data");
    }
    return out;
  }
}

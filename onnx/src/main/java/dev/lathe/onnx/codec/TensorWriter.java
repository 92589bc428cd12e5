package dev.lathe.onnx.codec;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Notes;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.codec.Fields.OfSparse;
import dev.lathe.onnx.codec.Fields.OfTensor;
import dev.lathe.onnx.wire.WireWriter;
import java.util.Map;

/** Writes TensorProto and SparseTensorProto; elements always stand in {@code raw_data}. */
final class TensorWriter {
  private static final int EXTERNAL = 1;

  private TensorWriter() {}

  static void write(WireWriter out, String name, Tensor tensor, ExternalPlan plan) {
    Notes notes = tensor.notes();
    for (long size : tensor.dims()) {
      out.varint(OfTensor.DIMS, size);
    }
    out.varint(OfTensor.DATA_TYPE, tensor.type().code());
    if (tensor.type() == ElementType.STRING) {
      tensor.strings().forEach(text -> out.text(OfTensor.STRING_DATA, text));
    }
    out.textIfAny(OfTensor.NAME, name);
    Map<String, String> external =
        tensor.type() == ElementType.STRING ? Map.of() : plan.place(tensor);
    if (tensor.type() != ElementType.STRING && external.isEmpty()) {
      out.run(OfTensor.RAW_DATA, tensor.data());
    }
    out.textIfAny(OfTensor.DOC_STRING, notes.doc());
    if (!external.isEmpty()) {
      NotesWriter.entries(out, OfTensor.EXTERNAL_DATA, external);
      out.varint(OfTensor.DATA_LOCATION, EXTERNAL);
    }
    NotesWriter.entries(out, OfTensor.METADATA_PROPS, notes.metadata());
    out.raw(notes.extras().bytes());
  }

  static void anonymous(WireWriter out, Tensor tensor) {
    write(out, Parts.nameOf(tensor), tensor, ExternalPlan.NONE);
  }

  static void sparse(WireWriter out, String name, SparseTensor tensor) {
    Tensor values = tensor.values();
    out.message(OfSparse.VALUES, body -> write(body, name, values, ExternalPlan.NONE));
    out.message(OfSparse.INDICES, body -> anonymous(body, tensor.indices()));
    tensor.dims().forEach(size -> out.varint(OfSparse.DIMS, size));
    out.raw(values.notes().part(Parts.SPARSE).extras().bytes());
  }
}

package dev.lathe.server.oip;

import dev.lathe.ir.Tensor;
import dev.lathe.server.infer.Answer;
import java.util.Map;

/** Writes an answer of KServe's first protocol; tensors are nested arrays. */
final class PredictionWriter {
  private PredictionWriter() {}

  /**
   * Writes an answer.
   *
   * @param rows the number of instances that were asked about; -1 for whole tensors
   */
  static void write(JsonOut out, Answer answer, long rows) {
    Map<String, Tensor> outputs = answer.outputs();
    boolean one = outputs.size() == 1;
    boolean byRow = outputs.values().stream().allMatch(t -> t.rank() > 0 && t.dim(0) == rows);
    if (rows >= 0 && !one && !byRow) {
      throw BodyReader.bad(
          "\"instances\": the model's outputs " + outputs + " have no rows (expected: \"inputs\")");
    }
    out.raw(rows < 0 ? "{\"outputs\":" : "{\"predictions\":");
    if (one) {
      whole(out, outputs.values().iterator().next());
    } else if (rows < 0) {
      object(out, outputs, -1);
    } else {
      out.raw("[");
      for (long row = 0; row < rows; row++) {
        if (row > 0) {
          out.comma();
        }
        object(out, outputs, row);
      }
      out.raw("]");
    }
    out.raw("}");
  }

  private static void object(JsonOut out, Map<String, Tensor> outputs, long row) {
    char before = '{';
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      out.raw(String.valueOf(before)).string(output.getKey()).raw(":");
      before = ',';
      Tensor tensor = output.getValue();
      if (row < 0) {
        whole(out, tensor);
      } else {
        nested(out, tensor, 1, row * (tensor.size() / tensor.dim(0)));
      }
    }
    out.raw("}");
  }

  private static void whole(JsonOut out, Tensor tensor) {
    nested(out, tensor, 0, 0);
  }

  /** Writes a part of a tensor from an axis on; gives where the next part begins. */
  private static long nested(JsonOut out, Tensor tensor, int axis, long from) {
    if (axis == tensor.rank()) {
      AnswerWriter.element(out, tensor, from);
      return from + 1;
    }
    out.raw("[");
    long at = from;
    for (long i = 0; i < tensor.dim(axis); i++) {
      if (i > 0) {
        out.comma();
      }
      at = nested(out, tensor, axis + 1, at);
    }
    out.raw("]");
    return at;
  }
}

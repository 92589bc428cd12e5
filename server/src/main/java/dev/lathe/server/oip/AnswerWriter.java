package dev.lathe.server.oip;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.Answer;
import dev.lathe.server.infer.Inference;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes the answer to an inference request; data are flat, in row-major order. */
final class AnswerWriter {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private AnswerWriter() {}

  static void write(JsonOut out, InferBody request, Answer answer) {
    requireText(request, answer);
    out.raw("{\"model_name\":").string(Inference.shown(answer.model().model()));
    out.raw(",\"model_version\":").string(answer.model().version());
    if (!request.id().isEmpty()) {
      out.raw(",\"id\":").string(request.id());
    }
    out.raw(",\"outputs\":[");
    boolean first = true;
    for (Map.Entry<String, Tensor> output : answer.outputs().entrySet()) {
      if (!first) {
        out.comma();
      }
      first = false;
      head(out, output.getKey(), output.getValue());
      if (request.wanted().isBinary(output.getKey())) {
        out.raw(",\"parameters\":{\"binary_data_size\":");
        out.number(BinaryAnswer.bytes(output.getValue())).raw("}}");
      } else {
        out.raw(",\"data\":[");
        data(out, output.getValue());
        out.raw("]}");
      }
    }
    out.raw("]}");
  }

  /** JSON has no bytes that are not text. Looked at before anything is written. */
  private static void requireText(InferBody request, Answer answer) {
    answer
        .outputs()
        .forEach(
            (name, tensor) -> {
              boolean bytes =
                  tensor.type() == ElementType.STRING && tensor.strings() instanceof ByteStrings;
              if (bytes && !request.wanted().isBinary(name)) {
                requireText(name, ByteStrings.of(tensor));
              }
            });
  }

  private static void requireText(String output, List<Bytes> elements) {
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    for (int i = 0; i < elements.size(); i++) {
      try {
        utf8.decode(ByteBuffer.wrap(elements.get(i).toArray()));
      } catch (CharacterCodingException e) {
        throw new LatheException(
            ServerError.BAD_REQUEST,
            "output \""
                + output
                + "\": element "
                + i
                + " is not UTF-8, and has no JSON form (expected: parameter \"binary_data\": true"
                + " of the output, or \"binary_data_output\": true of the request)",
            e);
      }
    }
  }

  private static void head(JsonOut out, String name, Tensor tensor) {
    out.raw("{\"name\":").string(name);
    out.raw(",\"datatype\":").string(Datatype.nameOf(tensor.type()));
    out.raw(",\"shape\":[");
    for (int axis = 0; axis < tensor.rank(); axis++) {
      if (axis > 0) {
        out.comma();
      }
      out.number(tensor.dim(axis));
    }
    out.raw("]");
  }

  private static void data(JsonOut out, Tensor tensor) {
    for (long i = 0; i < tensor.size(); i++) {
      if (i > 0) {
        out.comma();
      }
      element(out, tensor, i);
    }
  }

  /** Writes one element. */
  static void element(JsonOut out, Tensor tensor, long at) {
    MemorySegment data = tensor.data();
    ElementType type = tensor.type();
    switch (type) {
      case FLOAT -> out.number(data.get(FLOAT, at * 4));
      case DOUBLE -> out.number(data.get(DOUBLE, at * 8));
      case FLOAT16, BFLOAT16 -> out.number((float) Elements.read(type, data, at));
      case INT64 -> out.number(data.get(LONG, at * 8));
      case UINT64 -> out.unsigned(data.get(LONG, at * 8));
      case INT8, INT16, INT32, UINT8, UINT16, UINT32 ->
          out.number(Elements.readLong(type, data, at));
      case BOOL -> out.raw(data.get(ValueLayout.JAVA_BYTE, at) == 0 ? "false" : "true");
      case STRING -> out.string(tensor.strings().get((int) at));
      case UNDEFINED,
          COMPLEX64,
          COMPLEX128,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0,
          FLOAT4E2M1,
          INT4,
          UINT4,
          INT2,
          UINT2 ->
          throw new LatheException(
              ServerError.NOT_OFFERED, "an output of type " + type + " has no JSON form");
    }
  }
}

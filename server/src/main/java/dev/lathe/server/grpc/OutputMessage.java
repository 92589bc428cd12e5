package dev.lathe.server.grpc;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Answer;
import dev.lathe.server.infer.Inference;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** {@code ModelInferResponse}: elements are raw always, whatever form the request had. */
final class OutputMessage {
  private static final ValueLayout.OfInt LENGTH =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private OutputMessage() {}

  /**
   * An answer as a message, which refers to the outputs' memory.
   *
   * @param id the request's name
   * @param answer the answer
   * @param parameters adds parameters
   */
  static WireWriter of(String id, Answer answer, Consumer<WireWriter> parameters) {
    WireWriter message =
        new WireWriter()
            .text(1, Inference.shown(answer.model().model()))
            .text(2, answer.model().version())
            .text(3, id);
    parameters.accept(message);
    for (Map.Entry<String, Tensor> output : answer.outputs().entrySet()) {
      Tensor tensor = output.getValue();
      message.message(
          5,
          fields ->
              fields
                  .text(1, output.getKey())
                  .text(2, Datatype.nameOf(tensor.type()))
                  .packed(3, tensor.dims()));
    }
    for (Tensor tensor : answer.outputs().values()) {
      message.bytes(6, tensor.type() == ElementType.STRING ? strings(tensor) : tensor.data());
    }
    return message;
  }

  /** Each string as four bytes of length and its bytes. */
  private static MemorySegment strings(Tensor tensor) {
    List<Bytes> strings = ByteStrings.of(tensor);
    long size = strings.stream().mapToLong(string -> 4L + string.size()).sum();
    if (size > Integer.MAX_VALUE - 64) {
      throw new LatheException(
          ServerError.BODY_TOO_LARGE, "an output of " + size + " bytes of BYTES");
    }
    MemorySegment packed = MemorySegment.ofArray(new byte[(int) size]);
    long at = 0;
    for (Bytes string : strings) {
      packed.set(LENGTH, at, string.size());
      MemorySegment.copy(MemorySegment.ofArray(string.toArray()), 0, packed, at + 4, string.size());
      at += 4L + string.size();
    }
    return packed;
  }
}

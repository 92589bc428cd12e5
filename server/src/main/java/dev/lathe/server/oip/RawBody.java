package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.serve.RequestOptions;
import dev.lathe.server.infer.SegmentPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/**
 * A body that is nothing but the one input of its model: the binary tensor extension with a JSON of
 * length 0. The shape follows from the model and the body's length. The answer is binary, too.
 */
final class RawBody {
  private RawBody() {}

  /**
   * Reads a body to its end.
   *
   * @param inputs the model's inputs
   * @param length the body's length in bytes, -1 if not known; only a hint
   * @throws dev.lathe.ir.LatheException BAD_REQUEST if the model has another number of inputs, or
   *     the body's length does not say what its shape is
   */
  static InferBody read(InputStream body, long length, List<ValueInfo> inputs, SegmentPool pool) {
    if (inputs.size() != 1) {
      throw bad(
          "a body without JSON: the model has "
              + inputs.size()
              + " inputs (expected: one; send JSON that names them)");
    }
    RequestMemory memory = new RequestMemory(pool);
    boolean read = false;
    try {
      MemorySegment data = new BinaryTail(body, memory).rest(length);
      Tensor tensor = tensor(inputs.getFirst(), data);
      read = true;
      return new InferBody(
          "",
          Map.of(inputs.getFirst().name(), tensor),
          memory,
          new InferBody.Outputs(List.of(), Map.of(), true),
          RequestOptions.usual());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!read) {
        memory.release();
      }
    }
  }

  private static Tensor tensor(ValueInfo input, MemorySegment data) {
    ElementType type = input.tensorType().element();
    Shape shape = input.tensorType().shape();
    if (!shape.ranked() || type.bits() % 8 != 0) {
      throw bad("a body without JSON: input \"" + input.name() + "\" has no shape to fill");
    }
    if (type == ElementType.STRING) {
      Bytes text = Bytes.wrap(data.toArray(ValueLayout.JAVA_BYTE));
      return ByteStrings.tensor(List.of(text), filled(input, shape, 1, 1));
    }
    long width = type.bits() / 8;
    if (data.byteSize() % width != 0) {
      throw uneven(input, data.byteSize());
    }
    Tensor tensor =
        Tensor.of(type, filled(input, shape, data.byteSize() / width, data.byteSize()), data);
    if (type == ElementType.BOOL) {
      BinaryTail.requireTruths(input.name(), data);
    }
    return tensor;
  }

  /** The shape with its variable axis filled in; where there are two, the first is one row. */
  private static long[] filled(ValueInfo input, Shape shape, long elements, long bytes) {
    long[] sizes = shape.sizes();
    int variable = -1;
    long known = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      if (shape.dim(axis) instanceof Dim.Fixed fixed) {
        known = Math.multiplyExact(known, fixed.size());
      } else if (variable < 0) {
        variable = axis;
      } else if (axis == 0) {
        sizes[0] = 1;
      } else {
        throw bad(
            "a body without JSON: input \""
                + input.name()
                + "\" has several variable axes (expected: one; send JSON with its shape)");
      }
    }
    if (known == 0 || elements % known != 0 || variable < 0 && elements != known) {
      throw uneven(input, bytes);
    }
    if (variable >= 0) {
      sizes[variable] = elements / known;
    }
    return sizes;
  }

  private static RuntimeException uneven(ValueInfo input, long bytes) {
    return bad(
        "a body without JSON: "
            + bytes
            + " bytes (expected: as many as make input \""
            + input.name()
            + "\" "
            + input.tensorType()
            + ")");
  }
}

package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ModelInferRequest}: what it says, and where in the message the tensors' elements lie.
 *
 * @see <a
 *     href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto">open_inference_grpc.proto</a>
 */
final class InferMessage {
  private static final int MOST_TENSORS = 4096;
  private static final int MOST_AXES = 64;

  private String model = "";
  private String version = "";
  private String id = "";
  private final Parameters parameters = new Parameters();
  private final List<Input> inputs = new ArrayList<>();
  private final List<Wanted> wanted = new ArrayList<>();
  private final List<MemorySegment> raw = new ArrayList<>();

  /**
   * An input tensor.
   *
   * @param name its name
   * @param datatype its datatype, as written
   * @param shape its shape, as written
   * @param parameters its parameters
   * @param contents messages of its elements, all of which count; none if they are raw
   */
  record Input(
      String name,
      String datatype,
      long[] shape,
      Parameters parameters,
      List<MemorySegment> contents) {}

  /** An output asked for. */
  record Wanted(String name, Parameters parameters) {}

  private InferMessage() {}

  /** Reads a message; its tensors are views of it. */
  static InferMessage read(WireReader fields) {
    InferMessage message = new InferMessage();
    while (fields.next()) {
      message.field(fields);
    }
    if (!message.raw.isEmpty() && message.raw.size() != message.inputs.size()) {
      throw bad(
          message.raw.size()
              + " raw_input_contents for "
              + message.inputs.size()
              + " inputs (expected: one for each, or none)");
    }
    return message;
  }

  /** The {@code id} of a request, however broken the rest of it is. */
  static String id(WireReader fields) {
    String id = "";
    try {
      while (fields.next()) {
        if (fields.field() == 3) {
          id = fields.text();
        }
      }
    } catch (LatheException e) {
      return id;
    }
    return id;
  }

  private void field(WireReader fields) {
    switch (fields.field()) {
      case 1 -> model = fields.text();
      case 2 -> version = fields.text();
      case 3 -> id = fields.text();
      case 4 -> parameters.add(fields.message());
      case 5 -> add(inputs, input(fields.message()), "inputs");
      case 6 -> add(wanted, wanted(fields.message()), "outputs");
      case 7 -> add(raw, fields.bytes(), "raw_input_contents");
      default -> {}
    }
  }

  private static <T> void add(List<T> list, T next, String what) {
    if (list.size() == MOST_TENSORS) {
      throw bad("more than " + MOST_TENSORS + " " + what);
    }
    list.add(next);
  }

  private static Input input(WireReader fields) {
    String name = "";
    String datatype = "";
    Parameters parameters = new Parameters();
    List<MemorySegment> contents = new ArrayList<>(1);
    long[] shape = new long[0];
    while (fields.next()) {
      switch (fields.field()) {
        case 1 -> name = fields.text();
        case 2 -> datatype = fields.text();
        case 3 -> shape = shape(shape, fields);
        case 4 -> parameters.add(fields.message());
        case 5 -> contents.add(fields.bytes());
        default -> {}
      }
    }
    return new Input(name, datatype, shape, parameters, contents);
  }

  private static Wanted wanted(WireReader fields) {
    String name = "";
    Parameters parameters = new Parameters();
    while (fields.next()) {
      switch (fields.field()) {
        case 1 -> name = fields.text();
        case 2 -> parameters.add(fields.message());
        default -> {}
      }
    }
    return new Wanted(name, parameters);
  }

  private static long[] shape(long[] before, WireReader fields) {
    long[] shape = Arrays.copyOf(before, MOST_AXES);
    int axes = before.length;
    if (fields.wire() == WireReader.Wire.VARINT) {
      requireRoom(axes);
      shape[axes++] = fields.number();
    } else {
      WireReader packed = fields.message();
      while (!packed.atEnd()) {
        requireRoom(axes);
        shape[axes++] = packed.varint();
      }
    }
    return Arrays.copyOf(shape, axes);
  }

  private static void requireRoom(int axes) {
    if (axes == MOST_AXES) {
      throw bad("a shape of more than " + MOST_AXES + " axes");
    }
  }

  String model() {
    return model;
  }

  String version() {
    return version;
  }

  String id() {
    return id;
  }

  Parameters parameters() {
    return parameters;
  }

  List<Input> inputs() {
    return inputs;
  }

  List<Wanted> wanted() {
    return wanted;
  }

  /** The elements of all inputs in order; empty if none are raw. */
  List<MemorySegment> raw() {
    return raw;
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }
}

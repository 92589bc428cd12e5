package dev.lathe.server.grpc;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The input tensors of a request. Raw elements are used where they lie in the message if they are
 * aligned, else copied once; elements in typed fields are converted. A shape never makes memory be
 * taken: what came is counted first, and compared with it.
 */
final class InputTensors {
  private static final ValueLayout.OfInt LENGTH =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final List<String> SHARED_MEMORY =
      List.of("shared_memory_region", "shared_memory_offset", "shared_memory_byte_size");

  /** Byte strings of one tensor: each is an object, much larger than its bytes may be. */
  static final int MOST_STRINGS = 1 << 20;

  private final Message memory;

  private InputTensors(Message memory) {
    this.memory = memory;
  }

  /** The inputs by name, in memory of the message's. */
  static Map<String, Tensor> of(InferMessage request, Message memory) {
    InputTensors tensors = new InputTensors(memory);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < request.inputs().size(); i++) {
      InferMessage.Input input = request.inputs().get(i);
      requireNoSharedMemory("input \"" + input.name() + "\"", input.parameters());
      boolean raw = !request.raw().isEmpty();
      if (raw && !input.contents().isEmpty()) {
        throw bad(input, "contents beside raw_input_contents (expected: one of them)");
      }
      Datatype type = Datatype.parse(input.name(), input.datatype());
      Tensor tensor =
          raw ? tensors.raw(input, type, request.raw().get(i)) : tensors.typed(input, type);
      if (inputs.putIfAbsent(input.name(), tensor) != null) {
        throw bad(input, "given twice");
      }
    }
    return inputs;
  }

  /** Refuses the parameters of the shared-memory extensions. */
  static void requireNoSharedMemory(String what, Parameters parameters) {
    if (SHARED_MEMORY.stream().anyMatch(parameters::has)) {
      throw new LatheException(ServerError.NOT_OFFERED, what + ": " + SharedMemoryRpcs.REASON);
    }
  }

  private Tensor raw(InferMessage.Input input, Datatype type, MemorySegment content) {
    long expected = count(input);
    if (type == Datatype.BYTES) {
      requireFew(input, expected);
      return ByteStrings.tensor(rawStrings(input, expected, content), input.shape());
    }
    int width = type.element().bits() / 8;
    if (content.byteSize() % width != 0 || content.byteSize() / width != expected) {
      throw bad(
          input,
          content.byteSize()
              + " bytes of raw_input_contents for "
              + type
              + Arrays.toString(input.shape())
              + " (expected: "
              + expected
              + " elements of "
              + width
              + " bytes)");
    }
    if (type == Datatype.BOOL) {
      requireTruths(input, content);
    }
    return Tensor.of(type.element(), input.shape(), aligned(content, width));
  }

  private MemorySegment aligned(MemorySegment content, int width) {
    if (content.address() % width == 0) {
      return content;
    }
    return memory.take(content.byteSize()).copyFrom(content);
  }

  private static void requireTruths(InferMessage.Input input, MemorySegment content) {
    for (long i = 0; i < content.byteSize(); i++) {
      byte value = content.get(ValueLayout.JAVA_BYTE, i);
      if (value != 0 && value != 1) {
        throw bad(input, "a byte " + (value & 0xFF) + " at element " + i + " (expected: 0 or 1)");
      }
    }
  }

  private static List<Bytes> rawStrings(
      InferMessage.Input input, long expected, MemorySegment content) {
    List<Bytes> strings = new ArrayList<>();
    long at = 0;
    while (at < content.byteSize()) {
      long left = content.byteSize() - at - 4;
      long length = left < 0 ? 0 : content.get(LENGTH, at) & 0xFFFF_FFFFL;
      if (length > left) {
        throw bad(
            input,
            "raw_input_contents ends within element "
                + strings.size()
                + " (expected: four bytes of length and as many bytes)");
      }
      requireFew(input, strings.size() + 1L);
      strings.add(Bytes.wrap(content.asSlice(at + 4, length).toArray(ValueLayout.JAVA_BYTE)));
      at += 4 + length;
    }
    requireCount(input, expected, strings.size());
    return strings;
  }

  private Tensor typed(InferMessage.Input input, Datatype type) {
    if (type == Datatype.BYTES) {
      requireFew(input, count(input));
    }
    TypedContents contents = new TypedContents(input.name(), type);
    input.contents().forEach(contents::count);
    requireCount(input, count(input), contents.count());
    if (type == Datatype.BYTES) {
      return ByteStrings.tensor(contents.strings(), input.shape());
    }
    MemorySegment data = memory.take(contents.count() * (type.element().bits() / 8));
    input.contents().forEach(part -> contents.copy(part, data));
    return Tensor.of(type.element(), input.shape(), data);
  }

  private static void requireFew(InferMessage.Input input, long elements) {
    if (elements > MOST_STRINGS) {
      throw bad(input, elements + " elements of BYTES (expected: at most " + MOST_STRINGS + ")");
    }
  }

  private static void requireCount(InferMessage.Input input, long expected, long found) {
    if (found != expected) {
      throw bad(
          input,
          found
              + " elements for shape "
              + Arrays.toString(input.shape())
              + " (expected: "
              + expected
              + ")");
    }
  }

  private static long count(InferMessage.Input input) {
    try {
      return Tensor.sizeOf(input.shape());
    } catch (LatheException e) {
      throw bad(input, e.getMessage());
    }
  }

  private static LatheException bad(InferMessage.Input input, String message) {
    return new LatheException(
        ServerError.BAD_REQUEST, "input \"" + input.name() + "\": " + message);
  }
}

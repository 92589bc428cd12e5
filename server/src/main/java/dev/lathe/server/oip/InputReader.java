package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;
import static dev.lathe.server.oip.BodyReader.require;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one input tensor. If the data come before the datatype, their text is kept and read when
 * the datatype is known.
 */
final class InputReader {
  private static final JsonFactory JSON = new JsonFactory();

  private final JsonParser json;
  private final BodyBytes body;
  private final RequestMemory memory;
  private final boolean tail;
  private final BodyReader.Keys seen = new BodyReader.Keys("an input");
  private String name = "";
  private String datatype = "";
  private long @Nullable [] shape;
  private @Nullable InputElements elements;
  private @Nullable Nesting nesting;
  private byte @Nullable [] early;

  /** Bytes of the tensor after the JSON; -1 if it is in the JSON. */
  private long binary = -1;

  /**
   * A reader of one input.
   *
   * @param json stands at the input's opening brace
   * @param tail whether binary tensors may follow the JSON
   */
  InputReader(JsonParser json, BodyBytes body, RequestMemory memory, boolean tail) {
    this.json = json;
    this.body = body;
    this.memory = memory;
    this.tail = tail;
  }

  String name() {
    return name;
  }

  /** Reads to the closing brace. */
  void read() {
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      JsonToken token = json.nextToken();
      switch (key) {
        case "name" -> name = string(token, "name");
        case "datatype" -> datatype = string(token, "datatype");
        case "shape" -> shape = shape(token);
        case "parameters" -> parameters(token);
        case "data" -> data(token);
        default -> json.skipChildren();
      }
    }
    if (early != null) {
      readEarly(early);
    }
    if (name.isEmpty()) {
      throw bad("an input has no \"name\"");
    }
    if (shape == null) {
      throw bad("input \"" + name + "\": \"shape\" is missing");
    }
    if (datatype.isEmpty()) {
      throw bad("input \"" + name + "\": \"datatype\" is missing");
    }
    requireBinarySize(Datatype.parse(name, datatype), shape);
  }

  /** How many bytes the tensor has after the JSON; 0 if it is in the JSON. */
  long binaryBytes() {
    return Math.max(0, binary);
  }

  /** The tensor, once the JSON is read; those before it in the body must be read already. */
  Tensor tensor(BinaryTail from) {
    long[] stated = shape;
    InputElements read = elements;
    if (stated == null) {
      throw new IllegalStateException("not read yet");
    }
    if (binary >= 0) {
      return from.read(name, Datatype.parse(name, datatype).element(), stated, binary);
    }
    if (read == null || nesting == null) {
      throw bad("input \"" + name + "\": \"data\" is missing (expected: an array)");
    }
    nesting.require(stated, read.count());
    return read.tensor(stated);
  }

  private void requireBinarySize(Datatype type, long[] stated) {
    if (binary < 0) {
      return;
    }
    String what = "input \"" + name + "\": parameter \"binary_data_size\" " + binary;
    if (!tail) {
      throw bad(what + " (expected: also a header Inference-Header-Content-Length)");
    }
    if (elements != null) {
      throw bad(what + ", and \"data\" too (expected: one of them)");
    }
    if (type == Datatype.BYTES) {
      if (binary > Integer.MAX_VALUE - 8 || binary < Tensor.sizeOf(stated)) {
        throw bad(what + " (expected: what " + Tensor.sizeOf(stated) + " elements take)");
      }
      return;
    }
    long expected = type.element().byteSize(Tensor.sizeOf(stated));
    if (binary != expected) {
      throw bad(
          what + " (expected: " + expected + ", for " + type + " " + Arrays.toString(stated) + ")");
    }
  }

  private String string(JsonToken token, String key) {
    require(token, JsonToken.VALUE_STRING, "an input's \"" + key + "\"", "a string");
    return json.getString();
  }

  private void parameters(JsonToken token) {
    require(token, JsonToken.START_OBJECT, "an input's \"parameters\"", "an object");
    BodyReader.Keys keys = new BodyReader.Keys("an input's \"parameters\"");
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      keys.add(key);
      JsonToken value = json.nextToken();
      if (key.equals("binary_data_size")) {
        binary = binarySize(value);
      } else if (key.startsWith("shared_memory_")) {
        throw new LatheException(ServerError.NOT_OFFERED, SharedMemory.reason("input parameter"));
      } else {
        json.skipChildren();
      }
    }
  }

  private long binarySize(JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        || json.getLongValue() < 0) {
      throw bad(
          "input parameter \"binary_data_size\": "
              + json.getString()
              + " (expected: bytes, an integer from 0)");
    }
    return json.getLongValue();
  }

  private long[] shape(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "an input's \"shape\"", "an array of integers");
    long[] sizes = new long[Nesting.DEEPEST];
    int rank = 0;
    for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
      require(token, JsonToken.VALUE_NUMBER_INT, "an input's \"shape\"", "integers");
      if (rank == sizes.length) {
        throw bad("input \"" + name + "\": more than " + sizes.length + " axes in \"shape\"");
      }
      sizes[rank++] = json.getLongValue();
    }
    long[] stated = Arrays.copyOf(sizes, rank);
    try {
      Tensor.sizeOf(stated);
    } catch (LatheException e) {
      throw new LatheException(e.code(), "input \"" + name + "\": " + e.getMessage(), e);
    }
    return stated;
  }

  private void data(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "input \"" + name + "\": \"data\"", "an array");
    if (datatype.isEmpty()) {
      early = copy();
    } else {
      read(json);
    }
  }

  private void readEarly(byte[] text) {
    if (datatype.isEmpty()) {
      return;
    }
    try (JsonParser again = JSON.createParser(ObjectReadContext.empty(), text)) {
      again.nextToken();
      read(again);
    }
  }

  /** Reads an array, flat or nested; the parser stands at its opening bracket. */
  private void read(JsonParser from) {
    Datatype type = Datatype.parse(name, datatype);
    long likelyElements = body.likelyElements();
    long expected = shape == null ? likelyElements : Tensor.sizeOf(shape);
    InputElements into =
        new InputElements(name, type, Math.clamp(expected, 1, likelyElements), memory);
    Nesting levels = new Nesting(name);
    elements = into;
    nesting = levels;
    levels.open();
    if (from == json && NumberRun.takes(type) && body.takeFrom(json)) {
      new NumberRun(name, body, into, levels).read();
    }
    long before = into.count();
    while (true) {
      JsonToken token = from.nextToken();
      if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
        levels.values(into.count() - before);
        before = into.count();
        if (token == JsonToken.START_ARRAY) {
          levels.open();
        } else if (levels.close()) {
          return;
        }
      } else {
        into.add(from, token);
      }
    }
  }

  /** The text of an array, as long as the body's own at most, numbers as they are written. */
  private byte[] copy() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      int open = 0;
      do {
        switch (json.currentToken()) {
          case START_ARRAY -> {
            out.writeStartArray();
            open++;
          }
          case END_ARRAY -> {
            out.writeEndArray();
            open--;
          }
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(json.getString());
          case null, default -> out.copyCurrentEvent(json);
        }
      } while (open > 0 && json.nextToken() != null);
    }
    return text.toByteArray();
  }
}

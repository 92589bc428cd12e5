package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.JsonFault;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.SegmentPool;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads an inference request, token by token, its numbers straight into off-heap memory. Keys may
 * come in any order; unknown keys and parameters are skipped, as the protocol asks.
 */
final class BodyReader {
  static final JsonFactory JSON =
      JsonFactory.builder()
          // Whether the body is read on after an error is the web server's to decide.
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(Nesting.DEEPEST + 8).build())
          .build();

  private final JsonParser json;
  private final RequestMemory memory;
  private final BodySize size;
  private final BodyBytes bytes;
  private final Map<String, InputReader> inputs = new LinkedHashMap<>();
  private final RequestParameters parameters = new RequestParameters();
  private final OutputReader outputs;
  private String id = "";

  private BodyReader(JsonParser json, BodyBytes bytes, BodySize size, RequestMemory memory) {
    this.json = json;
    this.bytes = bytes;
    this.size = size;
    this.memory = memory;
    this.outputs = new OutputReader(json);
  }

  /**
   * Reads a body to its end.
   *
   * @param body JSON in UTF-8, then binary tensors if the size says so
   * @param size what the headers say
   * @param pool where tensors get their memory from
   * @throws LatheException BAD_REQUEST, naming what is wrong and where
   */
  static InferBody read(InputStream body, BodySize size, SegmentPool pool) {
    if (size.hasTail() && size.whole() >= 0 && size.json() > size.whole()) {
      throw bad(
          "header Inference-Header-Content-Length: "
              + size.json()
              + " (expected: at most the body's "
              + size.whole()
              + " bytes)");
    }
    RequestMemory memory = new RequestMemory(pool);
    boolean read = false;
    try {
      InferBody result = read(body, size, memory);
      read = true;
      return result;
    } finally {
      if (!read) {
        memory.release();
      }
    }
  }

  private static InferBody read(InputStream body, BodySize size, RequestMemory memory) {
    BodyBytes text =
        size.hasTail()
            ? new BodyBytes(new FirstBytes(body, size.json()), size.json())
            : new BodyBytes(body, size.whole());
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
      BodyReader reader = new BodyReader(json, text, size, memory);
      reader.object();
      return reader.body(new BinaryTail(body, memory));
    } catch (JacksonException e) {
      throw invalid(e, text);
    }
  }

  private void object() {
    require(json.nextToken(), JsonToken.START_OBJECT, "the body", "an object");
    Keys seen = new Keys("the body");
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      JsonToken token = json.nextToken();
      switch (key) {
        case "id" -> id = string(token, "\"id\"");
        case "parameters" -> parameters.read(json, token);
        case "inputs" -> inputs(token);
        case "outputs" -> outputs.read(token);
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw bad("the body goes on after its object");
    }
    if (!seen.has("inputs")) {
      throw bad("\"inputs\": missing (expected: an array of tensors)");
    }
  }

  private InferBody body(BinaryTail tail) {
    requireSizes();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    inputs.forEach((name, input) -> tensors.put(name, input.tensor(tail)));
    if (size.hasTail()) {
      tail.requireEnd();
    }
    return new InferBody(
        id,
        tensors,
        memory,
        new InferBody.Outputs(outputs.wanted(), outputs.binary(), parameters.binaryOutput()),
        parameters.options());
  }

  /** Says at once what would otherwise be found out at the body's end. */
  private void requireSizes() {
    if (!size.hasTail() || size.whole() < 0) {
      return;
    }
    long found = size.whole() - size.json();
    long expected = 0;
    for (InputReader input : inputs.values()) {
      if (input.binaryBytes() > found - expected) {
        throw bad(
            "input \""
                + input.name()
                + "\": parameter \"binary_data_size\" "
                + input.binaryBytes()
                + " (expected: at most "
                + (found - expected)
                + ", what the body has left)");
      }
      expected += input.binaryBytes();
    }
    if (expected != found) {
      throw bad(
          found
              + " bytes after the JSON (expected: "
              + expected
              + ", the sum of all \"binary_data_size\")");
    }
  }

  private void inputs(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "\"inputs\"", "an array");
    for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
      require(token, JsonToken.START_OBJECT, "\"inputs\"", "an object for each tensor");
      InputReader input = new InputReader(json, bytes, memory, size.hasTail());
      input.read();
      if (inputs.putIfAbsent(input.name(), input) != null) {
        throw bad("input \"" + input.name() + "\": given twice");
      }
    }
  }

  private String string(JsonToken token, String what) {
    require(token, JsonToken.VALUE_STRING, what, "a string");
    return json.getString();
  }

  /** The keys of one object, each allowed once. */
  record Keys(String where, Set<String> seen) {
    Keys(String where) {
      this(where, new LinkedHashSet<>());
    }

    void add(String key) {
      if (!seen.add(key)) {
        throw bad(where + ": key \"" + key + "\" twice");
      }
    }

    boolean has(String key) {
      return seen.contains(key);
    }
  }

  static void require(JsonToken found, JsonToken expected, String what, String wording) {
    if (found != expected) {
      throw bad(what + ": " + describe(found) + " (expected: " + wording + ")");
    }
  }

  static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }

  private static String describe(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case null, default -> "nothing";
    };
  }

  private static LatheException invalid(JacksonException e, BodyBytes bytes) {
    String what = bytes.wasShared() ? "body without its tensors' data" : "body";
    return new LatheException(ServerError.BAD_REQUEST, JsonFault.describe(e, what), e);
  }
}

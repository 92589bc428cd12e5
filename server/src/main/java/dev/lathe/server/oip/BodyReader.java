package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.JsonFault;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.Question;
import dev.lathe.server.infer.SegmentPool;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
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
  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Whether the body is read on after an error is the web server's to decide.
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(Nesting.DEEPEST + 8).build())
          .build();

  private final JsonParser json;
  private final SegmentPool pool;
  private final long likelyElements;
  private final List<InputElements> elements = new ArrayList<>();
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final List<Question.Wanted> outputs = new ArrayList<>();
  private String id = "";
  private long timeoutMicros;

  private BodyReader(JsonParser json, long likelyElements, SegmentPool pool) {
    this.json = json;
    this.likelyElements = likelyElements;
    this.pool = pool;
  }

  /**
   * Reads a body to its end.
   *
   * @param body UTF-8
   * @param length its length in bytes, -1 if not known; only a hint
   * @param pool where tensors get their memory from
   * @throws LatheException BAD_REQUEST, naming what is wrong and where
   */
  static InferBody read(InputStream body, long length, SegmentPool pool) {
    // An element takes two bytes at least: a digit and a comma.
    long likely = length < 0 ? 1 << 14 : length / 2 + 1;
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
      BodyReader reader = new BodyReader(json, likely, pool);
      boolean read = false;
      try {
        InferBody result = reader.body();
        read = true;
        return result;
      } finally {
        if (!read) {
          reader.elements.forEach(InputElements::release);
        }
      }
    } catch (JacksonException e) {
      throw invalid(e);
    }
  }

  private InferBody body() {
    require(json.nextToken(), JsonToken.START_OBJECT, "the body", "an object");
    Keys seen = new Keys("the body");
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      JsonToken token = json.nextToken();
      switch (key) {
        case "id" -> id = string(token, "\"id\"");
        case "parameters" -> parameters(token);
        case "inputs" -> inputs(token);
        case "outputs" -> outputs(token);
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw bad("the body goes on after its object");
    }
    if (!seen.has("inputs")) {
      throw bad("\"inputs\": missing (expected: an array of tensors)");
    }
    return new InferBody(id, inputs, elements, outputs, timeoutMicros);
  }

  private void parameters(JsonToken token) {
    require(token, JsonToken.START_OBJECT, "\"parameters\"", "an object");
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      JsonToken value = json.nextToken();
      if (key.equals("timeout")) {
        timeoutMicros = timeout(value);
      } else {
        json.skipChildren();
      }
    }
  }

  private long timeout(JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_INT || json.getLongValue() < 0) {
      throw bad("parameter \"timeout\": " + token + " (expected: microseconds, an integer from 0)");
    }
    return json.getLongValue();
  }

  private void inputs(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "\"inputs\"", "an array");
    for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
      require(token, JsonToken.START_OBJECT, "\"inputs\"", "an object for each tensor");
      InputReader input = new InputReader(json, likelyElements, pool, elements);
      Tensor tensor = input.read();
      if (inputs.putIfAbsent(input.name(), tensor) != null) {
        throw bad("input \"" + input.name() + "\": given twice");
      }
    }
  }

  private void outputs(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "\"outputs\"", "an array");
    for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
      require(token, JsonToken.START_OBJECT, "\"outputs\"", "an object for each output");
      outputs.add(output());
    }
  }

  private Question.Wanted output() {
    String name = "";
    int classes = 0;
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      JsonToken token = json.nextToken();
      switch (key) {
        case "name" -> name = string(token, "an output's \"name\"");
        case "parameters" -> classes = outputParameters(token);
        default -> json.skipChildren();
      }
    }
    if (name.isEmpty()) {
      throw bad("\"outputs\": an output without a name");
    }
    return new Question.Wanted(name, classes);
  }

  /** How many classes are asked for; 0 if the tensor itself is. */
  private int outputParameters(JsonToken token) {
    require(token, JsonToken.START_OBJECT, "an output's \"parameters\"", "an object");
    int classes = 0;
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      JsonToken value = json.nextToken();
      if (key.equals("classification")) {
        classes = classes(value);
      } else {
        json.skipChildren();
      }
    }
    return classes;
  }

  private int classes(JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() != JsonParser.NumberType.INT
        || json.getIntValue() < 0) {
      throw bad(
          "output parameter \"classification\": "
              + json.getString()
              + " (expected: how many classes, an integer from 1)");
    }
    return json.getIntValue();
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

  private static LatheException invalid(JacksonException e) {
    return new LatheException(ServerError.BAD_REQUEST, JsonFault.describe(e, "body"), e);
  }
}

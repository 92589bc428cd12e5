package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;
import static dev.lathe.server.oip.BodyReader.require;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads which outputs are wanted, and in which form. */
final class OutputReader {
  private final JsonParser json;
  private final List<Question.Wanted> wanted = new ArrayList<>();
  private final Map<String, Boolean> binary = new HashMap<>();

  OutputReader(JsonParser json) {
    this.json = json;
  }

  List<Question.Wanted> wanted() {
    return wanted;
  }

  /** Whether an output is wanted in binary, for those that say. */
  Map<String, Boolean> binary() {
    return binary;
  }

  /** Reads an array to its closing bracket. */
  void read(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "\"outputs\"", "an array");
    for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
      require(token, JsonToken.START_OBJECT, "\"outputs\"", "an object for each output");
      Output output = new Output();
      output.read();
      wanted.add(new Question.Wanted(output.name, output.classes));
      if (output.binary != null) {
        binary.put(output.name, output.binary);
      }
    }
  }

  private final class Output {
    private final BodyReader.Keys seen = new BodyReader.Keys("an output");
    private String name = "";
    private int classes;
    private @Nullable Boolean binary;

    void read() {
      for (String key = json.nextName(); key != null; key = json.nextName()) {
        seen.add(key);
        JsonToken token = json.nextToken();
        switch (key) {
          case "name" -> {
            require(token, JsonToken.VALUE_STRING, "an output's \"name\"", "a string");
            name = json.getString();
          }
          case "parameters" -> parameters(token);
          default -> json.skipChildren();
        }
      }
      if (name.isEmpty()) {
        throw bad("\"outputs\": an output without a name");
      }
    }

    private void parameters(JsonToken token) {
      require(token, JsonToken.START_OBJECT, "an output's \"parameters\"", "an object");
      for (String key = json.nextName(); key != null; key = json.nextName()) {
        JsonToken value = json.nextToken();
        if (key.equals("classification")) {
          classes = classes(value);
        } else if (key.equals("binary_data")) {
          binary = truth(value);
        } else if (key.startsWith("shared_memory_")) {
          throw new LatheException(
              ServerError.NOT_OFFERED, SharedMemory.reason("output parameter"));
        } else {
          json.skipChildren();
        }
      }
    }

    private boolean truth(JsonToken token) {
      if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
        throw bad("output parameter \"binary_data\": " + token + " (expected: true or false)");
      }
      return token == JsonToken.VALUE_TRUE;
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
  }
}

package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;
import static dev.lathe.server.oip.BodyReader.require;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.JsonFault;
import dev.lathe.serve.RequestOptions;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.SegmentPool;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads a body of KServe's first protocol: {@code instances}, one entry for each row, or {@code
 * inputs}, whole tensors. Types come from the model, shapes from the nesting. Of a model with one
 * input its name may be left out.
 */
final class PredictBody {
  private final JsonParser json;
  private final Map<String, Column> columns = new LinkedHashMap<>();

  /** Whether the answer is by rows; empty until one of the two keys came. */
  private String form = "";

  private PredictBody(JsonParser json, List<ValueInfo> inputs, RequestMemory memory) {
    this.json = json;
    inputs.forEach(input -> columns.put(input.name(), new Column(input, json, memory)));
  }

  /**
   * What was read.
   *
   * @param body tensors and their memory; all outputs as JSON
   * @param rows the number of instances; -1 if whole tensors were given
   */
  record Read(InferBody body, long rows) {}

  /**
   * Reads a body to its end.
   *
   * @param inputs the model's inputs
   * @throws LatheException BAD_REQUEST, naming what is wrong and where
   */
  static Read read(InputStream body, List<ValueInfo> inputs, SegmentPool pool) {
    RequestMemory memory = new RequestMemory(pool);
    boolean read = false;
    try (JsonParser json = BodyReader.JSON.createParser(ObjectReadContext.empty(), body)) {
      PredictBody reader = new PredictBody(json, inputs, memory);
      long rows = reader.object();
      InferBody.Outputs all = new InferBody.Outputs(List.of(), Map.of(), false);
      InferBody found = new InferBody("", reader.tensors(), memory, all, RequestOptions.usual());
      read = true;
      return new Read(found, rows);
    } catch (JacksonException e) {
      throw new LatheException(ServerError.BAD_REQUEST, JsonFault.describe(e, "body"), e);
    } finally {
      if (!read) {
        memory.release();
      }
    }
  }

  private long object() {
    require(json.nextToken(), JsonToken.START_OBJECT, "the body", "an object");
    BodyReader.Keys seen = new BodyReader.Keys("the body");
    long rows = -1;
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      JsonToken token = json.nextToken();
      switch (key) {
        case "instances" -> {
          only(key);
          rows = instances(token);
        }
        case "inputs" -> {
          only(key);
          inputs(token);
        }
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw bad("the body goes on after its object");
    }
    if (form.isEmpty()) {
      throw bad("\"instances\": missing (expected: instances, or inputs)");
    }
    return rows;
  }

  private void only(String key) {
    if (!form.isEmpty()) {
      throw bad("\"" + form + "\" and \"" + key + "\" (expected: one of them)");
    }
    form = key;
  }

  private long instances(JsonToken token) {
    require(token, JsonToken.START_ARRAY, "\"instances\"", "an array");
    columns.values().forEach(Column::open);
    long rows = 0;
    for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
      if (token == JsonToken.START_OBJECT) {
        instance(rows);
      } else {
        single().value(token);
      }
      rows++;
    }
    columns.values().forEach(Column::close);
    return rows;
  }

  private void instance(long row) {
    BodyReader.Keys seen = new BodyReader.Keys("instance " + row);
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      JsonToken token = json.nextToken();
      if (key.equals(Column.BASE64) && !columns.containsKey(key)) {
        single().base64(token);
        require(json.nextToken(), JsonToken.END_OBJECT, "instance " + row, "\"b64\" alone");
        return;
      }
      column(key).value(token);
    }
    if (seen.seen().size() != columns.size()) {
      throw bad(
          "instance " + row + ": has " + seen.seen() + " (expected: " + columns.keySet() + ")");
    }
  }

  private void inputs(JsonToken token) {
    if (token != JsonToken.START_OBJECT) {
      single().whole(token);
      return;
    }
    BodyReader.Keys seen = new BodyReader.Keys("\"inputs\"");
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      seen.add(key);
      column(key).whole(json.nextToken());
    }
  }

  private Column column(String name) {
    Column column = columns.get(name);
    if (column == null) {
      throw bad(
          "input \""
              + name
              + "\": the model has none of that name (expected: "
              + columns.keySet()
              + ")");
    }
    return column;
  }

  private Column single() {
    if (columns.size() != 1) {
      throw bad("a value without a name (expected: an object of " + columns.keySet() + ")");
    }
    return columns.values().iterator().next();
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    columns.forEach(
        (name, column) -> {
          if (column.isGiven()) {
            tensors.put(name, column.tensor());
          }
        });
    return tensors;
  }
}

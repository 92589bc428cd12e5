package dev.lathe.server.modeldocs;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.serve.LoadedModel;
import dev.lathe.server.infer.Inference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The OpenAPI document of one model: its inference request and answer with names and shapes. */
final class ModelOpenApi {
  private ModelOpenApi() {}

  static Map<String, Object> document(LoadedModel model, String path) {
    String name = Inference.shown(model.id().model());
    Map<String, Object> info = ordered("title", name, "version", model.id().version());
    info.put("description", description(model));
    Map<String, Object> json = ordered("schema", request(model));
    ExampleRequest.of(model).ifPresent(example -> json.put("example", example));
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("operationId", "infer");
    operation.put("summary", "Ask " + name);
    operation.put(
        "requestBody", ordered("required", true, "content", Map.of("application/json", json)));
    Map<String, Object> answers = new LinkedHashMap<>();
    answers.put(
        "200",
        ordered(
            "description",
            "The answer",
            "content",
            Map.of("application/json", ordered("schema", answer(model)))));
    answers.put("default", ordered("description", "What went wrong", "content", error()));
    operation.put("responses", answers);
    Map<String, Object> document = ordered("openapi", "3.1.0", "info", info);
    document.put("paths", Map.of(path + "/infer", Map.of("post", operation)));
    return document;
  }

  private static String description(LoadedModel model) {
    List<String> parts = new ArrayList<>();
    if (!model.metadata().task().isEmpty()) {
      parts.add("Task: " + model.metadata().task() + ".");
    }
    List<String> labels = model.metadata().labels();
    if (!labels.isEmpty()) {
      String some = String.join(", ", labels.subList(0, Math.min(50, labels.size())));
      parts.add(
          "Classes in the order of their scores: " + some + (labels.size() > 50 ? ", …" : "."));
    }
    return String.join(" ", parts);
  }

  private static Map<String, Object> error() {
    Map<String, Object> text = Map.of("type", "string");
    return Map.of(
        "application/json",
        ordered("schema", ordered("type", "object", "properties", Map.of("error", text))));
  }

  private static Map<String, Object> request(LoadedModel model) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("id", Map.of("type", "string"));
    properties.put("parameters", Map.of("type", "object"));
    properties.put("inputs", tensors(model.inputs()));
    properties.put("outputs", wanted(model));
    Map<String, Object> schema = ordered("type", "object", "properties", properties);
    schema.put("required", List.of("inputs"));
    return schema;
  }

  private static Map<String, Object> wanted(LoadedModel model) {
    List<String> names = model.outputs().stream().map(ValueInfo::name).toList();
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("name", ordered("type", "string", "enum", names));
    properties.put("parameters", Map.of("type", "object"));
    Map<String, Object> item = ordered("type", "object", "properties", properties);
    item.put("required", List.of("name"));
    return ordered("type", "array", "items", item);
  }

  private static Map<String, Object> answer(LoadedModel model) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("model_name", Map.of("const", Inference.shown(model.id().model())));
    properties.put("model_version", Map.of("type", "string"));
    properties.put("id", Map.of("type", "string"));
    properties.put("outputs", tensors(model.outputs()));
    return ordered("type", "object", "properties", properties);
  }

  /** A list with one element for each value, in any order. */
  private static Map<String, Object> tensors(List<ValueInfo> values) {
    Map<String, Object> array =
        ordered(
            "type",
            "array",
            "items",
            Map.of("oneOf", values.stream().map(ModelOpenApi::tensor).toList()));
    array.put("maxItems", values.size());
    return array;
  }

  private static Map<String, Object> tensor(ValueInfo value) {
    ElementType type = value.tensorType().element();
    List<Object> sizes = new ArrayList<>();
    for (long size : value.tensorType().shape().sizes()) {
      sizes.add(size < 0 ? ordered("type", "integer", "minimum", 0) : Map.of("const", size));
    }
    Map<String, Object> shape = ordered("type", "array", "prefixItems", sizes);
    shape.put("minItems", sizes.size());
    shape.put("maxItems", sizes.size());
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("name", Map.of("const", value.name()));
    properties.put("datatype", Map.of("const", Datatype.nameOf(type)));
    properties.put("shape", shape);
    properties.put("data", ordered("type", "array", "items", element(type)));
    Map<String, Object> schema = ordered("type", "object", "properties", properties);
    schema.put("required", List.of("name", "datatype", "shape", "data"));
    return schema;
  }

  private static Map<String, Object> element(ElementType type) {
    return switch (type) {
      case BOOL -> Map.of("type", "boolean");
      case STRING -> Map.of("type", "string");
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> Map.of("type", "number");
      default -> Map.of("type", "integer");
    };
  }

  private static Map<String, Object> ordered(String key, Object value, Object... more) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(key, value);
    for (int i = 0; i < more.length; i += 2) {
      map.put((String) more[i], more[i + 1]);
    }
    return map;
  }
}

package dev.lathe.server.api;

import dev.lathe.ir.Tensor;
import dev.lathe.server.AnswerRequest;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** JSON Schemas of the records as their JSON form has them. */
final class RecordSchemas {
  private static final Pattern CAPITAL = Pattern.compile("(?<=[a-z0-9])[A-Z]");

  private final String prefix;
  private final SortedMap<String, Object> named = new TreeMap<>();

  RecordSchemas(String prefix) {
    this.prefix = prefix;
  }

  /** The schemas of all records seen, by name. */
  Map<String, Object> named() {
    return named;
  }

  /** The schema of a component's type. */
  Object of(Type type) {
    return switch (type) {
      case ParameterizedType generic -> ofGeneric(generic);
      case Class<?> plain -> ofClass(plain);
      default -> throw new IllegalArgumentException("no schema for " + type);
    };
  }

  private Object ofGeneric(ParameterizedType type) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == List.class) {
      return ordered("type", "array", "items", of(arguments[0]));
    }
    if (type.getRawType() == Map.class) {
      return ordered("type", "object", "additionalProperties", of(arguments[1]));
    }
    if (type.getRawType() == Optional.class) {
      return of(arguments[0]);
    }
    throw new IllegalArgumentException("no schema for " + type);
  }

  private Object ofClass(Class<?> type) {
    if (type == AnswerRequest.Document.class) {
      // A text alone is a document, too.
      return reference(
          "Document", () -> Map.of("anyOf", List.of(simple(String.class), record(type))));
    }
    if (type.isRecord()) {
      return reference(type.getSimpleName(), () -> record(type));
    }
    if (type == Tensor.class) {
      return reference("Tensor", RecordSchemas::tensor);
    }
    if (type.isEnum()) {
      List<String> words =
          Arrays.stream(type.getEnumConstants())
              .map(word -> word.toString().toLowerCase(Locale.ROOT))
              .toList();
      return ordered("type", "string", "enum", words);
    }
    return simple(type);
  }

  private static Object simple(Class<?> type) {
    if (type == String.class) {
      return Map.of("type", "string");
    }
    if (type == boolean.class || type == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (type == Instant.class) {
      return ordered("type", "string", "format", "date-time");
    }
    if (type == int.class || type == Integer.class) {
      return ordered("type", "integer", "format", "int32");
    }
    if (type == long.class || type == Long.class) {
      return ordered("type", "integer", "format", "int64");
    }
    if (type == double.class || type == Double.class) {
      return ordered("type", "number", "format", "double");
    }
    throw new IllegalArgumentException("no schema for " + type);
  }

  private Object reference(String name, Supplier<Object> schema) {
    if (!named.containsKey(name)) {
      named.put(name, Map.of());
      named.put(name, schema.get());
    }
    return Map.of("$ref", prefix + name);
  }

  private Object record(Class<?> type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = key(component.getName());
      properties.put(key, of(component.getGenericType()));
      if (component.getType() != Optional.class) {
        required.add(key);
      }
    }
    Map<String, Object> schema = ordered("type", "object", "properties", properties);
    schema.put("required", required);
    return schema;
  }

  private static String key(String name) {
    return CAPITAL.matcher(name).replaceAll(at -> "_" + at.group().toLowerCase(Locale.ROOT));
  }

  private static Object tensor() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("datatype", Map.of("type", "string"));
    properties.put(
        "shape", ordered("type", "array", "items", ordered("type", "integer", "minimum", 0)));
    properties.put("data", ordered("type", "array", "items", Map.of()));
    Map<String, Object> schema = ordered("type", "object", "properties", properties);
    schema.put("required", List.of("datatype", "shape", "data"));
    return schema;
  }

  private static Map<String, Object> ordered(
      String first, Object firstValue, String second, Object secondValue) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, firstValue);
    map.put(second, secondValue);
    return map;
  }
}

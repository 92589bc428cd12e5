package dev.lathe.server.infer;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.JsonFault;
import dev.lathe.server.ServerError;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a request to load a model asks beside that: its parameter {@code config}, a part of the
 * model's configuration as JSON. It says how the model is served, in the words of {@code
 * model_config.proto}; what the model is, the registry says, so that no request brings files.
 */
final class LoadSettings {
  private static final int LONGEST = 1 << 16;
  private static final int LONGEST_QUOTE = 100;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  /** Keys of a configuration, and what a deployment calls them. */
  private static final Map<String, String> NAMES =
      Map.of(
          "max_batch_size", "serving.max_batch_rows",
          "dynamic_batching.max_queue_delay_microseconds", "serving.max_delay_micros",
          "dynamic_batching.priority_levels", "serving.priority_levels",
          "dynamic_batching.default_priority_level", "serving.default_priority",
          "dynamic_batching.default_queue_policy.max_queue_size", "serving.queue_capacity",
          "instance_group.count", "serving.instances",
          "response_cache.enable", "serving.response_cache");

  private static final Set<String> SECTIONS =
      Set.of(
          "dynamic_batching",
          "dynamic_batching.default_queue_policy",
          "instance_group",
          "response_cache");

  private LoadSettings() {}

  /**
   * Reads a request's parameters.
   *
   * @param parameters texts by name; what is no text is empty
   * @return settings of a deployment by name
   * @throws LatheException NOT_OFFERED for other parameters, BAD_REQUEST for a configuration that
   *     is none or has other keys
   */
  static Map<String, String> of(Map<String, String> parameters) {
    requireNone(parameters.keySet(), "config");
    String config = parameters.getOrDefault("config", "{}");
    if (config.length() > LONGEST) {
      throw bad(config.length() + " characters (expected: at most " + LONGEST + ")");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    collect("", read(config), settings);
    return settings;
  }

  /** Refuses all parameters but one. */
  static void requireNone(Set<String> parameters, String but) {
    for (String name : parameters) {
      if (!name.equals(but)) {
        String files = name.startsWith("file:") ? "failed to poll from model repository: " : "";
        throw new LatheException(
            ServerError.NOT_OFFERED,
            files
                + "parameter "
                + quote(name)
                + " (expected: "
                + but
                + ", or none; the registry says what a model is)");
      }
    }
  }

  private static ObjectNode read(String config) {
    try {
      if (JSON.readTree(config) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new LatheException(ServerError.BAD_REQUEST, JsonFault.describe(e, "config"), e);
    }
    throw bad(quote(config) + " (expected: an object of JSON)");
  }

  private static void collect(String before, ObjectNode section, Map<String, String> settings) {
    section
        .properties()
        .forEach(
            entry -> {
              String key = before.isEmpty() ? entry.getKey() : before + "." + entry.getKey();
              JsonNode value = entry.getValue();
              if (SECTIONS.contains(key)) {
                collect(key, inner(key, value), settings);
              } else {
                settings.put(setting(key), scalar(key, value));
              }
            });
  }

  /** An object; of groups of instances there is one, since all run on the processor. */
  private static ObjectNode inner(String key, JsonNode value) {
    JsonNode one = key.equals("instance_group") && value.size() == 1 ? value.get(0) : value;
    if (one instanceof ObjectNode object) {
      return object;
    }
    throw bad(
        quote(key)
            + (key.equals("instance_group")
                ? " (expected: a list of one object)"
                : " (expected: an object)"));
  }

  private static String setting(String key) {
    String setting = NAMES.get(key);
    if (setting == null) {
      throw bad(
          "key "
              + quote(key)
              + " (expected: some of "
              + String.join(", ", NAMES.keySet().stream().sorted().toList())
              + "; the registry says what a model is)");
    }
    return setting;
  }

  /** Numbers may be texts, as in the JSON of protocol buffers. */
  private static String scalar(String key, JsonNode value) {
    String text = value.isString() ? value.stringValue() : value.toString();
    if (!text.matches("[0-9]{1,10}|true|false")) {
      throw bad(quote(key) + ": " + quote(text) + " (expected: a number from 0, true or false)");
    }
    return text;
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, "config: " + message);
  }

  /** A text of the caller's, cut where it is too long. */
  private static String quote(String text) {
    return "\""
        + (text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "…" : text)
        + "\"";
  }
}

package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@code config.json}, which remembers what was asked for, so that what nobody asked for can be
 * refused. A field that is null is as good as absent.
 */
final class Config {
  /** The name of the file. */
  static final String FILE = "config.json";

  /** What follows the model's name in the names of classes. */
  private static final Pattern SUFFIX =
      Pattern.compile(
          "(For[A-Z]\\w{0,60}|LMHeadModel|DoubleHeadsModel|MTModel|PreTrainedModel|Model|Config)$");

  private static final int MOST_BYTES = 64 << 20;
  private static final int MOST_ITEMS = 1 << 16;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxNumberLength(64)
                          .maxDocumentLength(MOST_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private final JsonNode json;
  private final String where;
  private final Set<String> read = new LinkedHashSet<>();
  private final Map<String, Config> parts = new LinkedHashMap<>();

  private Config(JsonNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /** Reads a file. */
  static Config read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MOST_BYTES) {
        throw bad(
            file.getFileName() + ": " + size + " bytes (expected: at most " + MOST_BYTES + ")");
      }
      return parse(Files.readString(file), String.valueOf(file.getFileName()));
    } catch (NoSuchFileException e) {
      throw new LatheException(ZooError.NO_FILE, file + ": no such file", e);
    } catch (IOException e) {
      throw new LatheException(ZooError.UNREADABLE, file + ": " + e.getMessage(), e);
    }
  }

  /** Reads a text; {@code where} is what messages call it. */
  static Config parse(String text, String where) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new LatheException(
          ZooError.BAD_CONFIG, where + ": no JSON (" + e.getOriginalMessage() + ")", e);
    }
    if (!json.isObject()) {
      throw bad(where + ": " + shown(json) + " (expected: an object)");
    }
    return new Config(json, where);
  }

  /** A config without fields, called {@code where} in messages. */
  static Config empty(String where) {
    return new Config(JSON.createObjectNode(), where);
  }

  /** Whether a field is there and not null; does not count as asking for it. */
  boolean has(String key) {
    JsonNode found = json.get(key);
    return found != null && !found.isNull();
  }

  /** Whether a field is there and null; does not count as asking for it. */
  boolean isNull(String key) {
    JsonNode found = json.get(key);
    return found != null && found.isNull();
  }

  /** Whether a field is there and says no: false, nothing in a list or object, an empty text. */
  boolean isOff(String key) {
    JsonNode found = json.path(key);
    return found.isBoolean() && !found.booleanValue()
        || found.isContainer() && found.isEmpty()
        || found.isString() && found.stringValue().isEmpty();
  }

  /** A field as JSON has it, cut where it is long. */
  String shown(String key) {
    return shown(json.path(key));
  }

  /** The names of all fields that are not null; does not count as asking for them. */
  Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    json.propertyNames()
        .forEach(
            key -> {
              if (has(key)) {
                keys.add(key);
              }
            });
    return keys;
  }

  /** A text, if the field is there. */
  Optional<String> text(String key) {
    return value(key)
        .map(
            found -> {
              if (!found.isString()) {
                throw wrong(key, found, "a text");
              }
              return found.stringValue();
            });
  }

  /** A whole number, if the field is there. */
  OptionalInt count(String key, Range range) {
    Optional<JsonNode> found = value(key);
    if (found.isEmpty()) {
      return OptionalInt.empty();
    }
    JsonNode number = found.get();
    if (!number.isIntegralNumber()
        || !number.canConvertToLong()
        || !range.contains(number.longValue())) {
      throw wrong(key, number, "a whole number, " + range);
    }
    return OptionalInt.of(Math.toIntExact(number.longValue()));
  }

  /** A whole number that must be there. */
  int required(String key, Range range) {
    return count(key, range).orElseThrow(() -> missing(key, "a whole number, " + range));
  }

  /** A finite number, if the field is there. */
  OptionalDouble number(String key) {
    Optional<JsonNode> found = value(key);
    if (found.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(finite(key, found.get()));
  }

  /** A finite number above 0, if the field is there. */
  OptionalDouble positive(String key) {
    OptionalDouble found = number(key);
    if (found.isPresent() && !(found.getAsDouble() > 0)) {
      throw bad(place(key) + ": " + found.getAsDouble() + " (expected: above 0)");
    }
    return found;
  }

  /** True or false; what is given here if the field is not there. */
  boolean flag(String key, boolean otherwise) {
    return value(key)
        .map(
            found -> {
              if (!found.isBoolean()) {
                throw wrong(key, found, "true or false");
              }
              return found.booleanValue();
            })
        .orElse(otherwise);
  }

  /** A list of texts, if the field is there. */
  Optional<List<String>> texts(String key) {
    return items(key, "a list of texts")
        .map(
            items ->
                items.stream()
                    .map(
                        item -> {
                          if (!item.isString()) {
                            throw wrong(key, item, "a list of texts");
                          }
                          return item.stringValue();
                        })
                    .toList());
  }

  /** A list of finite numbers, if the field is there. */
  Optional<List<Double>> numbers(String key) {
    return items(key, "a list of numbers")
        .map(items -> items.stream().map(item -> finite(key, item)).toList());
  }

  /** An object inside this one, if the field is there; every call gives the same. */
  Optional<Config> part(String key) {
    return value(key)
        .map(
            found -> {
              if (!found.isObject()) {
                throw wrong(key, found, "an object");
              }
              return parts.computeIfAbsent(key, _ -> new Config(found, place(key)));
            });
  }

  /**
   * Refuses a field that is there with another value than the only one that the graph is drawn for.
   *
   * @param key the field
   * @param only the value as JSON has it, such as {@code false} or {@code "silu"}
   */
  void only(String key, String only) {
    value(key)
        .ifPresent(
            found -> {
              if (!found.toString().equals(only)) {
                throw new LatheException(
                    ZooError.UNSUPPORTED,
                    place(key) + ": " + shown(found) + " (supported: " + only + ")");
              }
            });
  }

  /**
   * Refuses a config that names code of its own for its model, unless that is transformers' class
   * of the same name, as early copies of it are: transformers too takes its own class then.
   */
  void requireNoOwnCode(String architecture) {
    String own = stem(architecture);
    value("auto_map")
        .filter(map -> !map.isContainer() || !map.isEmpty())
        .ifPresent(
            map -> {
              for (String key : map.propertyNames()) {
                String named = map.path(key).asString("");
                String type = named.substring(named.lastIndexOf('.') + 1);
                if ((key.equals("AutoConfig") || key.startsWith("AutoModel"))
                    && !stem(type).equals(own)) {
                  throw ownCode(key, type, architecture);
                }
              }
              if (!map.isObject()) {
                throw wrong("auto_map", map, "an object");
              }
            });
  }

  private LatheException ownCode(String key, String type, String architecture) {
    return new LatheException(
        ZooError.UNSUPPORTED,
        place("auto_map")
            + ": "
            + key
            + ": \""
            + (type.length() <= 80 ? type : type.substring(0, 77) + "…")
            + "\" (the checkpoint brings Python code of its own, which may compute something else"
            + "; supported: the code of "
            + architecture
            + ")");
  }

  private static String stem(String type) {
    return SUFFIX.matcher(type).replaceFirst("");
  }

  /** Refuses the first field that nobody asked for and that is not inert, and so in the parts. */
  void requireAllRead(Inert inert) {
    for (String key : keys()) {
      if (!read.contains(key) && !inert.field(key, json.get(key))) {
        throw new LatheException(
            ZooError.UNSUPPORTED,
            place(key)
                + ": "
                + shown(json.get(key))
                + " (nothing is known of this field, and it may change what the model computes)");
      }
    }
    parts.values().forEach(part -> part.requireAllRead(inert));
  }

  /** A field by its whole name, for messages. */
  String place(String key) {
    return where + ": " + key;
  }

  /** What is wrong with a field that should be there. */
  LatheException missing(String key, String expected) {
    return bad(place(key) + ": missing (expected: " + expected + ")");
  }

  /** What is wrong with this config. */
  static LatheException bad(String message) {
    return new LatheException(ZooError.BAD_CONFIG, message);
  }

  private Optional<JsonNode> value(String key) {
    read.add(key);
    return has(key) ? Optional.of(json.get(key)) : Optional.empty();
  }

  private Optional<List<JsonNode>> items(String key, String expected) {
    return value(key)
        .map(
            found -> {
              if (!found.isArray() || found.size() > MOST_ITEMS) {
                throw wrong(key, found, expected + ", at most " + MOST_ITEMS);
              }
              List<JsonNode> items = new ArrayList<>();
              found.forEach(items::add);
              return items;
            });
  }

  private double finite(String key, JsonNode found) {
    if (!found.isNumber() || !Double.isFinite(found.doubleValue())) {
      throw wrong(key, found, "a number");
    }
    return found.doubleValue();
  }

  private LatheException wrong(String key, JsonNode found, String expected) {
    return bad(place(key) + ": " + shown(found) + " (expected: " + expected + ")");
  }

  private static String shown(JsonNode found) {
    return cut(found.toString());
  }

  /** A text as messages show it. */
  static String cut(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "…";
  }
}

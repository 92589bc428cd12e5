package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.server.ServerError;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The fields of a request, read one by one; what nobody has read at the end is refused. A message
 * begins with the field's name in quotes, which becomes the error's {@code param}.
 */
final class Fields {
  private final JsonNode object;
  private final String path;
  private final Set<String> read = new LinkedHashSet<>();

  private Fields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** The fields of a body, or of a part of one. */
  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      throw bad(path.isEmpty() ? "body" : path, shown(node), "an object");
    }
    return new Fields(node, path);
  }

  static LatheException bad(String param, String found, String expected) {
    return new LatheException(
        ServerError.BAD_REQUEST, "\"" + param + "\": " + found + " (expected: " + expected + ")");
  }

  /** A value as a message shows it: short. */
  static String shown(JsonNode node) {
    if (node.isMissingNode()) {
      return "missing";
    }
    String text = node.isObject() ? "an object" : node.isArray() ? "an array" : node.toString();
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }

  /** The name of a field with what it lies in. */
  String name(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  /** A field as it is; missing if it is null. */
  JsonNode node(String field) {
    read.add(field);
    JsonNode node = object.path(field);
    return node.isNull() ? JsonNodeFactory.instance.missingNode() : node;
  }

  boolean has(String field) {
    return !node(field).isMissingNode();
  }

  Optional<String> text(String field) {
    JsonNode node = node(field);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isString()) {
      throw bad(name(field), shown(node), "a text");
    }
    return Optional.of(node.stringValue());
  }

  String needText(String field) {
    return text(field).orElseThrow(() -> bad(name(field), "missing", "a text"));
  }

  boolean flag(String field) {
    JsonNode node = node(field);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw bad(name(field), shown(node), "true or false");
    }
    return node.asBoolean(false);
  }

  /** A number within bounds, if the field is there. */
  Optional<Double> number(String field, double least, double most) {
    JsonNode node = node(field);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (!(value >= least && value <= most)) {
      throw bad(name(field), shown(node), "a number from " + text(least) + " to " + text(most));
    }
    return Optional.of(value);
  }

  private static String text(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  /** A whole number within bounds, if the field is there. */
  Optional<Long> whole(String field, long least, long most) {
    JsonNode node = node(field);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    boolean whole = node.isIntegralNumber() && node.canConvertToLong();
    if (!whole || node.longValue() < least || node.longValue() > most) {
      throw bad(name(field), shown(node), "a whole number from " + least + " to " + most);
    }
    return Optional.of(node.longValue());
  }

  /** These fields are understood, and change nothing here. */
  void ignore(Set<String> fields) {
    read.addAll(fields);
  }

  /** Refuses what nobody has read. */
  void end() {
    for (String name : object.propertyNames()) {
      if (!read.contains(name)) {
        String hint = Nearest.hint(name, read);
        String near = hint.isEmpty() ? "" : " (" + hint.strip() + ")";
        throw new LatheException(
            ServerError.BAD_REQUEST, "\"" + name(name) + "\": unknown field" + near);
      }
    }
  }
}

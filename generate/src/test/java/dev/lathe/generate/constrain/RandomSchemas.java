package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Schemas at random, of what is held to. */
public final class RandomSchemas {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String[] NAMES = {
    "name", "id", "ärger", "a\"b", "values", "kind", "x", "type of it", "日付", "value", "na", "b\\c"
  };
  private static final String[] PATTERNS = {
    "^[a-z]{2,5}$", "[0-9]+", "^(foo|bar)?$", "^\\p{Lu}", "a.c", "^\\S+@x$", "^[^\"]*$", "\\n$"
  };
  private static final String[] FORMATS = {
    "date", "time", "date-time", "uuid", "ipv4", "ipv6", "email", "hostname", "uri", "duration"
  };

  private final Random random;
  private boolean recursive;

  /** Schemas of a seed. */
  public RandomSchemas(long seed) {
    random = new Random(seed);
  }

  /** One schema; nothing in it asks for the impossible. */
  public JsonNode root() {
    ObjectNode schema = object(3);
    if (recursive) {
      ObjectNode node = NODES.objectNode();
      node.put("type", "object");
      ObjectNode properties = node.putObject("properties");
      properties.putObject("label").put("type", "string").put("maxLength", 5);
      ArrayNode any = properties.putObject("next").putArray("anyOf");
      any.addObject().put("$ref", "#/$defs/node");
      any.addObject().put("type", "null");
      properties
          .putObject("children")
          .put("type", "array")
          .put("maxItems", 2)
          .putObject("items")
          .put("$ref", "#/$defs/node");
      node.putArray("required").add("label").add("next");
      schema.putObject("$defs").set("node", node);
    }
    return schema;
  }

  private boolean maybe(int in) {
    return random.nextInt(in) == 0;
  }

  private ObjectNode any(int depth) {
    return switch (random.nextInt(depth > 0 ? 13 : 6)) {
      case 0 -> integer();
      case 1 -> number();
      case 2, 3 -> string();
      case 4 -> literals();
      case 5 -> simple();
      case 6, 7 -> object(depth - 1);
      case 8, 9 -> array(depth - 1);
      case 10 -> choice(depth - 1);
      case 11 -> all(depth - 1);
      default -> {
        recursive = true;
        yield NODES.objectNode().put("$ref", "#/$defs/node");
      }
    };
  }

  private ObjectNode simple() {
    ObjectNode schema = NODES.objectNode();
    switch (random.nextInt(4)) {
      case 0 -> schema.put("type", "boolean");
      case 1 -> schema.put("type", "null");
      case 2 -> schema.putArray("type").add("integer").add("null").add("boolean");
      default -> schema.putArray("type").add("string").add("number");
    }
    return schema.put("description", "whatever");
  }

  private ObjectNode integer() {
    ObjectNode schema = NODES.objectNode().put("type", "integer");
    int low = random.nextInt(2000) - 1000;
    if (maybe(2)) {
      schema.put(maybe(2) ? "minimum" : "exclusiveMinimum", low);
    }
    if (maybe(2)) {
      schema.put(maybe(2) ? "maximum" : "exclusiveMaximum", low + 20 + random.nextInt(3000));
    }
    if (maybe(3)) {
      schema.put("multipleOf", 1 + random.nextInt(7));
    }
    return schema;
  }

  private ObjectNode number() {
    ObjectNode schema = NODES.objectNode().put("type", "number");
    double low = (random.nextInt(4000) - 2000) / 100.0;
    if (maybe(2)) {
      schema.put(maybe(2) ? "minimum" : "exclusiveMinimum", low);
    }
    if (maybe(2)) {
      schema.put(maybe(2) ? "maximum" : "exclusiveMaximum", low + 1 + random.nextInt(300) / 8.0);
    }
    if (maybe(4)) {
      schema.put("multipleOf", maybe(2) ? 0.01 : 2);
    }
    return schema;
  }

  private ObjectNode string() {
    ObjectNode schema = NODES.objectNode().put("type", "string");
    switch (random.nextInt(5)) {
      case 0 -> schema.put("pattern", PATTERNS[random.nextInt(PATTERNS.length)]);
      case 1 -> schema.put("format", FORMATS[random.nextInt(FORMATS.length)]);
      case 2 -> schema.put("minLength", random.nextInt(4)).put("maxLength", 4 + random.nextInt(90));
      case 3 -> schema.put("pattern", "[a-f]").put("maxLength", 1 + random.nextInt(6));
      default -> schema.put("title", "any");
    }
    return schema;
  }

  private ObjectNode literals() {
    ObjectNode schema = NODES.objectNode();
    if (maybe(3)) {
      schema.set("const", JsonMapper.shared().readTree("{\"a\":[1,\"x\\n\",null],\"b\":-2.50}"));
      return schema;
    }
    ArrayNode values = schema.putArray("enum");
    values.add("red").add("re").add("grün").add(1 + random.nextInt(20));
    if (maybe(2)) {
      values.add(true).addNull().add(1.5).add("a\"b\\");
    }
    return schema;
  }

  private ObjectNode object(int depth) {
    ObjectNode schema = NODES.objectNode().put("type", "object");
    List<String> names = new ArrayList<>(List.of(NAMES));
    java.util.Collections.shuffle(names, random);
    names = names.subList(0, random.nextInt(5));
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (String name : names) {
      properties.set(name, any(depth));
      if (maybe(2)) {
        required.add(name);
      }
    }
    switch (random.nextInt(6)) {
      case 0 -> schema.put("additionalProperties", false);
      case 3 -> required.add("more");
      case 1 -> schema.set("additionalProperties", any(0));
      case 2 -> schema.putObject("patternProperties").set(maybe(2) ? "^y" : "[0-9]$", any(0));
      default -> schema.put("$comment", "closed unless told");
    }
    if (names.isEmpty() && maybe(2)) {
      schema.put("minProperties", 1);
      schema.set("additionalProperties", any(0));
      schema.putObject("propertyNames").put("pattern", "^[a-z]{1,5}$");
    }
    return schema;
  }

  private ObjectNode array(int depth) {
    ObjectNode schema = NODES.objectNode().put("type", "array");
    int least = random.nextInt(3);
    if (maybe(3)) {
      ArrayNode prefix = schema.putArray("prefixItems");
      prefix.add(any(depth)).add(any(0));
    }
    if (!maybe(5)) {
      schema.set("items", any(depth));
    }
    if (maybe(2)) {
      schema.put("minItems", least);
    }
    if (!maybe(4)) {
      schema.put("maxItems", least + random.nextInt(3));
    }
    return schema;
  }

  private ObjectNode choice(int depth) {
    ObjectNode schema = NODES.objectNode();
    if (maybe(2)) {
      schema.putArray("anyOf").add(any(depth)).add(any(depth)).add(any(0));
      return schema;
    }
    ArrayNode members = schema.putArray("oneOf");
    for (String tag : List.of("cat", "car")) {
      ObjectNode member = object(depth);
      ((ObjectNode) member.get("properties")).putObject("tag").put("const", tag);
      ((ArrayNode) member.get("required")).add("tag");
      members.add(member);
    }
    members.add(integer());
    return schema;
  }

  private ObjectNode all(int depth) {
    ObjectNode schema = NODES.objectNode();
    ArrayNode members = schema.putArray("allOf");
    ObjectNode first = object(depth);
    ObjectNode second = NODES.objectNode();
    second.putObject("properties").putObject("extra").put("type", "integer").put("minimum", 3);
    second.putArray("required").add("extra");
    first.remove("additionalProperties");
    members.add(first).add(second);
    return schema;
  }
}

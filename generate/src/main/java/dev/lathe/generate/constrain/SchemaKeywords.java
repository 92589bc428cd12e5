package dev.lathe.generate.constrain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * JSON Schema's keywords: which are held to, which say nothing about a value, which are refused. A
 * keyword in no list is refused too: a wrong letter must not lift a bound.
 */
final class SchemaKeywords {
  /** A kind of value. */
  enum Kind {
    NULL,
    BOOLEAN,
    INTEGER,
    /** A number that may have a fraction. */
    NUMBER,
    STRING,
    ARRAY,
    OBJECT
  }

  private static final Map<String, Set<Kind>> HELD = new HashMap<>();
  private static final Set<Kind> NO_KIND = Set.of();
  private static final Set<Kind> NUMBERS = Set.of(Kind.INTEGER, Kind.NUMBER);

  static {
    hold(NO_KIND, "type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "nullable", "format");
    hold(NUMBERS, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
    hold(Set.of(Kind.STRING), "minLength", "maxLength", "pattern");
    hold(
        Set.of(Kind.ARRAY),
        "items",
        "prefixItems",
        "additionalItems",
        "minItems",
        "maxItems",
        "uniqueItems");
    hold(
        Set.of(Kind.OBJECT),
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties");
  }

  private static final Set<String> SAY_NOTHING =
      Set.of(
          "title",
          "description",
          "default",
          "example",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$comment",
          "$schema",
          "$id",
          "id",
          "$anchor",
          "$defs",
          "definitions",
          "$vocabulary",
          "discriminator",
          "xml",
          "externalDocs",
          "contentEncoding",
          "contentMediaType");

  private static final Set<String> REFUSED =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "dependencies",
          "dependentRequired",
          "dependentSchemas",
          "contains",
          "minContains",
          "maxContains",
          "unevaluatedProperties",
          "unevaluatedItems",
          "contentSchema",
          "$dynamicRef",
          "$dynamicAnchor",
          "$recursiveRef",
          "$recursiveAnchor");

  private SchemaKeywords() {}

  private static void hold(Set<Kind> kinds, String... keywords) {
    for (String keyword : keywords) {
      HELD.put(keyword, kinds);
    }
  }

  /** The kinds of value that a keyword is about; none for one about all or nothing. */
  static Set<Kind> kinds(String keyword) {
    return HELD.getOrDefault(keyword, NO_KIND);
  }

  /** Refuses keywords that cannot be held to. */
  static void check(SchemaNode node) {
    JsonNode json = node.json();
    if (json.isBoolean()) {
      return;
    }
    if (!json.isObject()) {
      throw node.wrong("", SchemaNode.shown(json), "a schema: an object, true or false");
    }
    for (String keyword : json.propertyNames()) {
      if (HELD.containsKey(keyword) || SAY_NOTHING.contains(keyword) || keyword.startsWith("x-")) {
        continue;
      }
      if (keyword.startsWith("unevaluated") && node.json().get(keyword).isBoolean()) {
        unevaluated(node, keyword);
        continue;
      }
      throw node.wrong(
          keyword,
          REFUSED.contains(keyword) ? "not supported" : "no keyword" + near(keyword),
          "one of " + String.join(", ", new TreeSet<>(HELD.keySet())));
    }
  }

  /** True says nothing; false is what is done anyway where nothing applies in place. */
  private static void unevaluated(SchemaNode node, String keyword) {
    boolean inPlace = List.of("anyOf", "oneOf", "allOf", "$ref").stream().anyMatch(node::has);
    if (!node.flag(keyword) && inPlace) {
      throw node.wrong(
          keyword, "false beside $ref, allOf, anyOf or oneOf", "additionalProperties or items");
    }
  }

  private static String near(String keyword) {
    return HELD.keySet().stream()
        .filter(known -> known.equalsIgnoreCase(keyword) || distance(known, keyword) <= 2)
        .findFirst()
        .map(known -> ", perhaps \"" + known + "\"")
        .orElse("");
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int corner = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(corner + change, Math.min(above, row[j - 1]) + 1);
        corner = above;
      }
    }
    return row[b.length()];
  }
}

package dev.lathe.train.recipe;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.recipe.YamlNode.Entry;
import dev.lathe.train.recipe.YamlNode.Kind;
import dev.lathe.train.recipe.YamlNode.Mapping;
import dev.lathe.train.recipe.YamlNode.Place;
import dev.lathe.train.recipe.YamlNode.Scalar;
import dev.lathe.train.recipe.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one small YAML document into a {@link YamlNode}. Anchors, aliases, tags, repeated keys and
 * further documents are refused, so that nothing can grow and nothing has a second meaning.
 */
final class YamlText {
  static final int MAX_CHARACTERS = 256 * 1024;
  static final int MAX_DEPTH = 16;
  private static final YAMLFactory FACTORY = new YAMLFactory();

  private final YAMLParser parser;
  private final String where;

  private YamlText(YAMLParser parser, String where) {
    this.parser = parser;
    this.where = where;
  }

  static YamlNode parse(String text, String where) {
    if (text.length() > MAX_CHARACTERS) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          where + ": " + text.length() + " characters (expected: at most " + MAX_CHARACTERS + ")");
    }
    try (YAMLParser parser = (YAMLParser) FACTORY.createParser(ObjectReadContext.empty(), text)) {
      return new YamlText(parser, where).document();
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      Place place = at == null ? new Place(1, 1) : new Place(at.getLineNr(), at.getColumnNr());
      String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed");
      throw bad(where, place, "not valid YAML: " + reason);
    }
  }

  static LatheException bad(String where, Place place, String message) {
    return new LatheException(
        TrainError.BAD_RECIPE, where + ":" + place.line() + ":" + place.column() + ": " + message);
  }

  private LatheException bad(Place place, String message) {
    return bad(where, place, message);
  }

  private YamlNode document() {
    if (parser.nextToken() == null) {
      return new Mapping(new Place(1, 1), Map.of());
    }
    YamlNode root = node(0);
    if (parser.nextToken() != null) {
      throw bad(place(), "a second document (expected: one)");
    }
    return root;
  }

  private Place place() {
    TokenStreamLocation at = parser.currentTokenLocation();
    return new Place(Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
  }

  private YamlNode node(int depth) {
    Place place = place();
    if (depth > MAX_DEPTH) {
      throw bad(place, "nested deeper than " + MAX_DEPTH + " levels");
    }
    refuseReferences(place);
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(place, depth);
      case START_ARRAY -> sequence(place, depth);
      case VALUE_NUMBER_INT -> scalar(place, Kind.INTEGER);
      case VALUE_NUMBER_FLOAT -> scalar(place, Kind.NUMBER);
      case VALUE_TRUE, VALUE_FALSE -> scalar(place, Kind.FLAG);
      case VALUE_NULL -> new Scalar(place, Kind.NOTHING, "");
      case VALUE_STRING -> scalar(place, Kind.TEXT);
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw bad(place, "unexpected " + parser.currentToken());
    };
  }

  private Scalar scalar(Place place, Kind kind) {
    return new Scalar(place, kind, parser.getString());
  }

  private void refuseReferences(Place place) {
    if (parser.isCurrentAlias() || parser.getObjectId() != null) {
      throw bad(place, "an anchor or alias (expected: plain YAML)");
    }
    if (parser.getTypeId() != null) {
      throw bad(place, "a tag (expected: plain YAML)");
    }
  }

  private Mapping mapping(Place place, int depth) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      Place keyPlace = place();
      String key = parser.currentName();
      parser.nextToken();
      if (entries.put(key, new Entry(keyPlace, node(depth + 1))) != null) {
        throw bad(keyPlace, "key \"" + key + "\" is given twice");
      }
    }
    return new Mapping(place, entries);
  }

  private Sequence sequence(Place place, int depth) {
    List<YamlNode> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(node(depth + 1));
    }
    return new Sequence(place, elements);
  }
}

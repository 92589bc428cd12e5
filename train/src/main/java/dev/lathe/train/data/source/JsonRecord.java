package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** One JSON object at a time, with the fields of the first that was read. */
final class JsonRecord {
  private static final int MAX_FIELDS = 65_536;
  private static final int MAX_NUMBERS = 1 << 24;
  private static final int MAX_DEPTH = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final Map<String, Integer> places;
  private final List<Field> fields;

  /** Names of the fields that are read; empty for all. */
  private final Set<String> wanted;

  /** Numbers of each field; none where it is a text or null. */
  private final List<double[]> numbers = new ArrayList<>();

  /** Text of each field; what was written where it is no text. */
  private final List<String> texts = new ArrayList<>();

  private double[] values = new double[16];
  private int count;

  private JsonRecord(Map<String, Integer> places, List<Field> fields, Set<String> wanted) {
    this.places = places;
    this.fields = fields;
    this.wanted = Set.copyOf(wanted);
  }

  /** Takes its fields from the first object that it reads; what is not wanted may be anything. */
  static JsonRecord first(Set<String> wanted) {
    return new JsonRecord(new HashMap<>(), new ArrayList<>(), wanted);
  }

  /** With the same fields. */
  JsonRecord like() {
    return new JsonRecord(places, fields, wanted);
  }

  private boolean isWanted(String name) {
    return wanted.isEmpty() || wanted.contains(name);
  }

  /** What helps where a field is in the way that may not be needed. */
  private String hint() {
    return wanted.isEmpty() ? "; or name the columns that are used, as data.features does" : "";
  }

  List<Field> fields() {
    return fields;
  }

  /** Reads a line; errors begin with where it is. */
  void read(byte[] line, String where) {
    boolean isFirst = fields.isEmpty();
    numbers.clear();
    texts.clear();
    for (int i = 0; i < fields.size(); i++) {
      numbers.add(new double[0]);
      texts.add("");
    }
    boolean[] seen = new boolean[fields.size()];
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw Numbers.bad(where + ": no JSON object (expected: {\"field\": value, …})");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        if (isFirst) {
          define(json, name, where);
        } else {
          take(json, name, where, seen);
        }
      }
      if (json.nextToken() != null) {
        throw Numbers.bad(where + ": more than one JSON value (expected: one object in a line)");
      }
    } catch (JacksonException e) {
      throw new LatheException(
          TrainError.BAD_DATA,
          where + column(e.getLocation()) + ": not JSON: " + e.getOriginalMessage(),
          e);
    }
    if (fields.isEmpty()) {
      throw Numbers.bad(where + ": no fields (expected: {\"field\": value, …})");
    }
    for (int i = 0; i < seen.length; i++) {
      String name = fields.get(i).name();
      if (!seen[i] && isWanted(name)) {
        throw Numbers.bad(
            where + ": no \"" + name + "\" (expected: as in the first record" + hint() + ")");
      }
    }
  }

  private static String column(@Nullable TokenStreamLocation place) {
    return place == null ? "" : ": column " + place.getColumnNr();
  }

  private void define(JsonParser json, String name, String where) {
    if (fields.size() == MAX_FIELDS) {
      throw new LatheException(TrainError.TOO_LARGE, where + ": more than 65,536 fields");
    }
    places.put(name, fields.size());
    if (!isWanted(name)) {
      json.skipChildren();
      fields.add(new Field(name, 0));
      numbers.add(new double[0]);
      texts.add("");
      return;
    }
    value(json, where + ": " + name);
    fields.add(new Field(name, json.currentToken() == JsonToken.END_ARRAY ? count : 1));
    numbers.add(Arrays.copyOf(values, count));
    texts.add(text(json));
  }

  private void take(JsonParser json, String name, String where, boolean[] seen) {
    if (!isWanted(name)) {
      json.skipChildren();
      return;
    }
    Integer place = places.get(name);
    if (place == null) {
      throw Numbers.bad(
          where + ": \"" + name + "\" (expected: only fields of the first record" + hint() + ")");
    }
    value(json, where + ": " + name);
    boolean array = json.currentToken() == JsonToken.END_ARRAY;
    if (array && count != fields.get(place).width()) {
      throw Numbers.bad(
          where
              + ": "
              + name
              + ": "
              + count
              + " numbers (expected: "
              + fields.get(place).width()
              + " as in the first record)");
    }
    numbers.set(place, Arrays.copyOf(values, count));
    texts.set(place, text(json));
    seen[place] = true;
  }

  private static String text(JsonParser json) {
    return json.currentToken() == JsonToken.END_ARRAY ? "[…]" : json.getString();
  }

  /** Reads one value; leaves the parser at its last token and its numbers in the list. */
  private void value(JsonParser json, String where) {
    count = 0;
    switch (json.currentToken()) {
      case START_ARRAY -> array(json, where);
      case START_OBJECT ->
          throw Numbers.bad(
              where + ": an object (expected: a single value or numbers" + hint() + ")");
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> add(json.getDoubleValue(), where);
      case VALUE_TRUE -> add(1, where);
      case VALUE_FALSE -> add(0, where);
      default -> {
        // A text or null has no numbers.
      }
    }
  }

  private void array(JsonParser json, String where) {
    for (int depth = 1; depth > 0; ) {
      switch (json.nextToken()) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> add(json.getDoubleValue(), where);
        default ->
            throw Numbers.bad(
                where
                    + ": "
                    + json.getString()
                    + " in an array (expected: numbers only"
                    + hint()
                    + ")");
      }
    }
  }

  private void add(double value, String where) {
    if (count == values.length) {
      if (count == MAX_NUMBERS) {
        throw new LatheException(TrainError.TOO_LARGE, where + ": more than 16,777,216 numbers");
      }
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  /** A number, or NaN where there is none. */
  double number(int field, int index) {
    double[] all = numbers.get(field);
    return index < all.length ? all[index] : Double.NaN;
  }

  /** What was written. */
  String shown(int field) {
    return texts.get(field);
  }

  /** The text of a single value. */
  String text(int field, String place) {
    if (texts.get(field).equals("[…]")) {
      throw Numbers.bad(place + ": an array (expected: a single value)");
    }
    return texts.get(field);
  }
}

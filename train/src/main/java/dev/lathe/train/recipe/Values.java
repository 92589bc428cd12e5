package dev.lathe.train.recipe;

import dev.lathe.train.recipe.YamlNode.Place;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A mapping that has the form it must have: every key is there, of its type. */
record Values(String where, Place place, Map<String, Object> values, Map<String, Place> places) {
  String text(String key) {
    return (String) value(key);
  }

  long whole(String key) {
    return (Long) value(key);
  }

  int small(String key) {
    return Math.toIntExact(whole(key));
  }

  double real(String key) {
    return (Double) value(key);
  }

  boolean flag(String key) {
    return (Boolean) value(key);
  }

  Values fields(String key) {
    return (Values) value(key);
  }

  List<Values> list(String key) {
    return ((List<?>) value(key)).stream().map(Values.class::cast).toList();
  }

  boolean has(String key) {
    return places.containsKey(key);
  }

  List<Integer> smalls(String key) {
    return ((List<?>) value(key)).stream().map(v -> Math.toIntExact((Long) v)).toList();
  }

  List<String> texts(String key) {
    return ((List<?>) value(key)).stream().map(String::valueOf).toList();
  }

  <E extends Enum<E>> E choice(String key, Class<E> type) {
    return Enum.valueOf(type, text(key).toUpperCase(Locale.ROOT));
  }

  Path path(String key, Path directory) {
    String text = text(key);
    return text.isEmpty() ? Path.of("") : directory.resolve(text);
  }

  RuntimeException bad(String key, String message) {
    return YamlText.bad(where, places.getOrDefault(key, place), message);
  }

  /** A value of one of several types. */
  Object any(String key) {
    return value(key);
  }

  private Object value(String key) {
    Object value = values.get(key);
    if (value == null) {
      throw new IllegalStateException("the recipe's form has no key " + key);
    }
    return value;
  }
}

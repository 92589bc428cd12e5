package dev.lathe.server.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was given, as a tree in which every part remembers where it was given. */
sealed interface ConfigNode {
  /** Where the node was given, in words that an error message begins with. */
  Where where();

  /** What the node is, in words for an error message. */
  String found();

  /**
   * A place that a person can go to.
   *
   * @param text such as {@code server.yaml:3:5} or {@code LATHE_LISTEN_PORT}
   * @param folder what a relative path is relative to
   */
  record Where(String text, Path folder) {}

  /** One value, with its text as written. */
  record Scalar(Where where, String text) implements ConfigNode {
    @Override
    public String found() {
      String shown = text.length() <= 60 ? text : text.substring(0, 60) + "…";
      return text.isEmpty() ? "nothing" : "\"" + shown + "\"";
    }
  }

  /** Elements in the order of the text. */
  record Items(Where where, List<ConfigNode> elements) implements ConfigNode {
    public Items {
      elements = List.copyOf(elements);
    }

    @Override
    public String found() {
      return "a list";
    }
  }

  /** Keys in the order of the text; the place of a key is that of its value. */
  record Mapping(Where where, Map<String, ConfigNode> entries) implements ConfigNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String found() {
      return "a mapping";
    }

    /** This mapping with a value below, whose path has its keys outside in. */
    Mapping with(List<String> path, ConfigNode value) {
      Map<String, ConfigNode> changed = new LinkedHashMap<>(entries);
      String key = path.getFirst();
      if (path.size() == 1) {
        changed.put(key, value);
      } else {
        Mapping inner =
            entries.get(key) instanceof Mapping given
                ? given
                : new Mapping(value.where(), Map.of());
        changed.put(key, inner.with(path.subList(1, path.size()), value));
      }
      return new Mapping(where, changed);
    }
  }
}

package dev.lathe.train.recipe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML text as a tree that remembers where each part stands. */
sealed interface YamlNode {
  /** Where the node begins. */
  Place place();

  /** What the node is, in words for an error message. */
  String found();

  /** A line and a column, from 1. */
  record Place(int line, int column) {}

  /** A key with its own place, and its value. */
  record Entry(Place place, YamlNode value) {}

  /** Keys in the order of the text. */
  record Mapping(Place place, Map<String, Entry> entries) implements YamlNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String found() {
      return "a mapping";
    }
  }

  /** Elements in the order of the text. */
  record Sequence(Place place, List<YamlNode> elements) implements YamlNode {
    public Sequence {
      elements = List.copyOf(elements);
    }

    @Override
    public String found() {
      return "a list";
    }
  }

  /** One value, with its text as written. */
  record Scalar(Place place, Kind kind, String text) implements YamlNode {
    @Override
    public String found() {
      return switch (kind) {
        case TEXT -> "\"" + shortened(text) + "\"";
        case INTEGER, NUMBER, FLAG -> shortened(text);
        case NOTHING -> "nothing";
      };
    }

    private static String shortened(String text) {
      return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
  }

  /** What YAML's core schema takes a scalar for. */
  enum Kind {
    TEXT,
    INTEGER,
    NUMBER,
    FLAG,
    NOTHING
  }
}

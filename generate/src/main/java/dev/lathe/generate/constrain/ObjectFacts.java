package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What the schemas of a case say together about objects. */
final class ObjectFacts {
  private static final int MOST_NAMES = 5_000;
  private static final int MOST_PATTERNS = 4;

  private final SchemaFacts facts;
  private final Budget budget;
  private final Map<String, List<Pattern>> patterns = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> required = new LinkedHashSet<>();

  /** Names that an expression is found in, and what their values are. */
  private record Pattern(CharDfa names, SchemaNode value) {}

  /** Names beside those that are named, and the schemas of their values. */
  record Others(CharDfa names, List<SchemaNode> values) {}

  ObjectFacts(SchemaFacts facts, Budget budget) {
    this.facts = facts;
    this.budget = budget;
    for (SchemaNode node : facts.nodes()) {
      properties(node).forEach((name, _) -> names.add(name));
      required.addAll(strings(node, "required"));
      List<Pattern> own = new ArrayList<>();
      entries(node, "patternProperties")
          .forEach(
              (text, value) ->
                  own.add(new Pattern(SchemaFacts.search(value, text, budget), value)));
      patterns.put(node.at(), own);
    }
    names.addAll(required);
    if (names.size() > MOST_NAMES) {
      throw facts.first().wrong("properties", names.size() + " names", "at most " + MOST_NAMES);
    }
  }

  private static Map<String, SchemaNode> entries(SchemaNode node, String keyword) {
    JsonNode of = node.get(keyword);
    Map<String, SchemaNode> entries = new LinkedHashMap<>();
    if (of != null) {
      if (!of.isObject()) {
        throw node.wrong(keyword, SchemaNode.shown(of), "an object of schemas");
      }
      SchemaNode parent = node.child(keyword, of);
      of.forEachEntry((name, json) -> entries.put(name, parent.child(name, json)));
    }
    return entries;
  }

  private static Map<String, SchemaNode> properties(SchemaNode node) {
    return entries(node, "properties");
  }

  private static List<String> strings(SchemaNode node, String keyword) {
    JsonNode of = node.get(keyword);
    List<String> strings = new ArrayList<>();
    if (of != null) {
      boolean all = of.isArray() && of.values().stream().allMatch(JsonNode::isString);
      if (!all) {
        throw node.wrong(keyword, SchemaNode.shown(of), "an array of names");
      }
      of.forEach(name -> strings.add(name.stringValue()));
    }
    return strings;
  }

  /** The names that are named, in the schema's order. */
  Set<String> names() {
    return names;
  }

  Set<String> required() {
    return required;
  }

  /** The schemas of a named value: all hold. */
  Map<String, List<SchemaNode>> values() {
    Map<String, List<SchemaNode>> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(name, new ArrayList<>()));
    for (SchemaNode node : facts.nodes()) {
      Map<String, SchemaNode> own = properties(node);
      Optional<SchemaNode> rest = rest(node);
      for (String name : names) {
        budget.work(5);
        List<SchemaNode> found = new ArrayList<>();
        if (own.containsKey(name)) {
          found.add(own.get(name));
        }
        for (Pattern pattern : patterns.getOrDefault(node.at(), List.of())) {
          if (pattern.names().accepts(name)) {
            found.add(pattern.value());
          }
        }
        if (found.isEmpty()) {
          rest.ifPresent(found::add);
        }
        values.get(name).addAll(found);
      }
    }
    return values;
  }

  private static Optional<SchemaNode> rest(SchemaNode node) {
    return node.schema(
        node.has("additionalProperties") || !node.has("unevaluatedProperties")
            ? "additionalProperties"
            : "unevaluatedProperties");
  }

  private static boolean isFalse(SchemaNode node) {
    return node.json().isBoolean() && !node.json().booleanValue();
  }

  /** Whether a name is never valid: not named, no pattern, and nothing further allowed. */
  boolean forbids(String name) {
    return facts.nodes().stream()
        .anyMatch(
            node ->
                rest(node).map(ObjectFacts::isFalse).orElse(false)
                    && !properties(node).containsKey(name)
                    && patterns.getOrDefault(node.at(), List.of()).stream()
                        .noneMatch(pattern -> pattern.names().accepts(name)));
  }

  /**
   * The names that are written beside those named: where a schema asks for them, or names nothing.
   *
   * @param allowed the texts that may be names at all, if something is said of them
   */
  List<Others> others(Optional<CharDfa> allowed) {
    boolean asked =
        facts.nodes().stream().anyMatch(n -> rest(n).map(r -> !isFalse(r)).orElse(false));
    boolean open = asked || names.isEmpty();
    List<Pattern> all = patterns.values().stream().flatMap(List::stream).toList();
    if (all.size() > MOST_PATTERNS) {
      throw facts
          .first()
          .wrong("patternProperties", all.size() + " patterns", "at most " + MOST_PATTERNS);
    }
    CharDfa any = CharDfa.length(0, Form.ENDLESS, budget);
    CharDfa rest = any.minus(CharDfa.texts(List.copyOf(names), budget), budget);
    if (allowed.isPresent()) {
      rest = rest.and(allowed.get(), budget);
    }
    List<Others> others = new ArrayList<>();
    for (int set = 0; set < 1 << all.size(); set++) {
      if (set == 0 && (!open || !all.isEmpty() && !asked)) {
        continue;
      }
      CharDfa some = rest;
      for (int i = 0; i < all.size(); i++) {
        CharDfa of = all.get(i).names();
        some = (set >> i & 1) == 1 ? some.and(of, budget) : some.minus(of, budget);
      }
      if (!some.isEmpty()) {
        others.add(new Others(some, matching(all, set)));
      }
    }
    return others;
  }

  /** The schemas of values whose names match just these patterns. */
  private List<SchemaNode> matching(List<Pattern> all, int set) {
    List<SchemaNode> values = new ArrayList<>();
    for (SchemaNode node : facts.nodes()) {
      List<SchemaNode> own = new ArrayList<>();
      for (Pattern pattern : patterns.getOrDefault(node.at(), List.of())) {
        if ((set >> all.indexOf(pattern) & 1) == 1) {
          own.add(pattern.value());
        }
      }
      if (own.isEmpty()) {
        rest(node).ifPresent(own::add);
      }
      values.addAll(own);
    }
    return values;
  }
}

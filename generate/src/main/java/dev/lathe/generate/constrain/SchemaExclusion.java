package dev.lathe.generate.constrain;

import dev.lathe.generate.constrain.Numbers.Bound;
import dev.lathe.generate.constrain.SchemaCases.Case;
import dev.lathe.generate.constrain.SchemaFacts.Range;
import dev.lathe.generate.constrain.SchemaFacts.Strings;
import dev.lathe.generate.constrain.SchemaKeywords.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Whether the members of {@code oneOf} exclude each other: what is written by one must be invalid
 * by every other. Where that cannot be shown, the schema is refused.
 */
final class SchemaExclusion {
  private static final int DEEPEST = 6;

  private final SchemaCases cases;
  private final Budget budget;

  SchemaExclusion(SchemaCases cases, Budget budget) {
    this.cases = cases;
    this.budget = budget;
  }

  /** Refuses cases of different members of one {@code oneOf} that a value may share. */
  void check(List<SchemaNode> nodes, List<Case> found) {
    for (Case written : found) {
      for (Case other : found) {
        budget.work(5);
        for (Map.Entry<String, Integer> choice : written.choices().entrySet()) {
          Integer others = other.choices().get(choice.getKey());
          if (others != null
              && !others.equals(choice.getValue())
              && !excluded(written.nodes(), other.nodes(), 0)) {
            throw nodes
                .getFirst()
                .wrong(
                    "",
                    choice.getKey()
                        + "/oneOf: members "
                        + choice.getValue()
                        + " and "
                        + others
                        + " may both hold",
                    "anyOf, or members that a type, a constant or a required property tells"
                        + " apart");
          }
        }
      }
    }
  }

  /** Whether no value that is written for the first schemas is valid by the second. */
  private boolean excluded(List<SchemaNode> written, List<SchemaNode> other, int depth) {
    budget.work(20);
    if (written.isEmpty() || other.isEmpty() || depth > DEEPEST) {
      return false;
    }
    SchemaFacts a = new SchemaFacts(written, budget);
    SchemaFacts b = new SchemaFacts(other, budget);
    Optional<List<JsonNode>> first = a.literals();
    Optional<List<JsonNode>> second = b.literals();
    if (first.isPresent()) {
      return first.get().stream().noneMatch(value -> valid(value, b, second));
    }
    if (second.isPresent()) {
      return second.get().stream()
          .allMatch(v -> !a.kinds().contains(SchemaFacts.kind(v)) || scalar(v) && !a.allows(v));
    }
    return a.kinds().stream()
        .filter(b.validKinds()::contains)
        .allMatch(kind -> excluded(kind, a, b, depth));
  }

  private static boolean scalar(JsonNode value) {
    return !value.isArray() && !value.isObject();
  }

  private static boolean valid(
      JsonNode value, SchemaFacts facts, Optional<List<JsonNode>> literals) {
    if (literals.isPresent()) {
      return SchemaFacts.has(literals.get(), value);
    }
    boolean kind = facts.validKinds().contains(SchemaFacts.kind(value));
    return kind && (!scalar(value) || facts.allows(value));
  }

  private boolean excluded(Kind kind, SchemaFacts a, SchemaFacts b, int depth) {
    return switch (kind) {
      case NULL, BOOLEAN -> false;
      case INTEGER, NUMBER -> apart(a.range(), b.range());
      case STRING -> apart(a.strings(), b.strings());
      case ARRAY -> apart(ArrayFacts.of(a), ArrayFacts.of(b), depth);
      case OBJECT -> apart(new ObjectFacts(a, budget), new ObjectFacts(b, budget), depth);
    };
  }

  private static boolean apart(Range a, Range b) {
    return before(a.high(), b.low()) || before(b.high(), a.low());
  }

  private static boolean before(Optional<Bound> high, Optional<Bound> low) {
    if (high.isEmpty() || low.isEmpty()) {
      return false;
    }
    int order = high.get().at().compareTo(low.get().at());
    return order < 0 || order == 0 && (high.get().open() || low.get().open());
  }

  private boolean apart(Strings a, Strings b) {
    if (a.most() < b.least() || b.most() < a.least()) {
      return true;
    }
    return a.inside().isPresent()
        && b.inside().isPresent()
        && a.inside().get().and(b.inside().get(), budget).isEmpty();
  }

  private boolean apart(ArrayFacts a, ArrayFacts b, int depth) {
    if (a.most() < b.least() || a.least() > b.validMost()) {
      return true;
    }
    for (int i = 0; i < Math.min(a.least(), Math.max(a.first().size(), b.first().size())); i++) {
      if (apart(place(a, i), place(b, i), depth)) {
        return true;
      }
    }
    return false;
  }

  private static List<SchemaNode> place(ArrayFacts facts, int place) {
    return place < facts.first().size() ? facts.first().get(place) : facts.others();
  }

  /** Whether values that are written always have a member by which the other is invalid. */
  private boolean apart(ObjectFacts a, ObjectFacts b, int depth) {
    boolean closed = a.others(Optional.empty()).isEmpty();
    for (String name : b.required()) {
      if (closed && !a.names().contains(name)) {
        return true;
      }
    }
    Map<String, List<SchemaNode>> own = a.values();
    Map<String, List<SchemaNode>> others = b.values();
    for (String name : a.required()) {
      if (b.forbids(name)
          || others.containsKey(name) && apart(own.get(name), others.get(name), depth)) {
        return true;
      }
    }
    return false;
  }

  private boolean apart(List<SchemaNode> a, List<SchemaNode> b, int depth) {
    List<Case> second = cases.of(b);
    return cases.of(a).stream()
        .allMatch(
            one -> second.stream().allMatch(two -> excluded(one.nodes(), two.nodes(), depth + 1)));
  }
}

package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Schemas that all hold, as cases of which one holds: references and {@code allOf} are followed,
 * {@code anyOf} and {@code oneOf} make cases. In a case only the keywords of its own count.
 */
final class SchemaCases {
  private static final int MOST = 512;

  private final SchemaNode root;
  private final Budget budget;

  SchemaCases(SchemaNode root, Budget budget) {
    this.root = root;
    this.budget = budget;
  }

  /**
   * One way for a value to be valid.
   *
   * @param nodes schemas of which all hold
   * @param choices which member of each {@code oneOf}, by its pointer
   */
  record Case(List<SchemaNode> nodes, Map<String, Integer> choices) {}

  /** A schema that is to be looked at, and the pointers on the way to it. */
  private record Open(SchemaNode node, List<String> path) {}

  private static final class Draft {
    final Map<String, SchemaNode> nodes = new LinkedHashMap<>();
    final Map<String, Integer> choices = new LinkedHashMap<>();
    final ArrayDeque<Open> open = new ArrayDeque<>();

    Draft copy() {
      Draft copy = new Draft();
      copy.nodes.putAll(nodes);
      copy.choices.putAll(choices);
      copy.open.addAll(open);
      return copy;
    }
  }

  /** The cases of schemas that all hold; none if no value is valid. */
  List<Case> of(List<SchemaNode> nodes) {
    Draft first = new Draft();
    nodes.forEach(node -> first.open.add(new Open(node, List.of())));
    ArrayDeque<Draft> drafts = new ArrayDeque<>(List.of(first));
    List<Case> cases = new ArrayList<>();
    while (!drafts.isEmpty()) {
      Draft draft = drafts.pop();
      if (grow(draft, drafts)) {
        cases.add(new Case(List.copyOf(draft.nodes.values()), Map.copyOf(draft.choices)));
      }
      if (cases.size() + drafts.size() > MOST) {
        throw nodes.getFirst().wrong("", "more than " + MOST + " cases", "fewer alternatives");
      }
    }
    return cases;
  }

  /** Whether the draft became a case; otherwise it is impossible, or was put back as several. */
  private boolean grow(Draft draft, ArrayDeque<Draft> drafts) {
    while (!draft.open.isEmpty()) {
      Open open = draft.open.poll();
      SchemaNode node = open.node();
      budget.work(20 + node.at().length());
      SchemaKeywords.check(node);
      if (node.json().isBoolean()) {
        if (!node.json().booleanValue()) {
          return false;
        }
        continue;
      }
      if (draft.nodes.putIfAbsent(node.at(), node) != null) {
        continue;
      }
      List<String> path = new ArrayList<>(open.path());
      path.add(node.at());
      together(draft, node, path);
      if (fork(draft, node, path, drafts)) {
        return false;
      }
    }
    return true;
  }

  private void together(Draft draft, SchemaNode node, List<String> path) {
    JsonNode ref = node.get("$ref");
    if (ref != null) {
      SchemaNode target = resolve(node, ref);
      if (path.contains(target.at())) {
        throw node.wrong("$ref", SchemaNode.shown(ref) + " leads back here", "a value between");
      }
      draft.open.add(new Open(target, path));
    }
    members(node, "allOf").forEach(member -> draft.open.add(new Open(member, path)));
  }

  private boolean fork(Draft draft, SchemaNode node, List<String> path, ArrayDeque<Draft> drafts) {
    List<Draft> forks = new ArrayList<>(List.of(draft));
    for (String keyword : List.of("anyOf", "oneOf")) {
      List<SchemaNode> members = members(node, keyword);
      if (members.isEmpty()) {
        continue;
      }
      List<Draft> grown = new ArrayList<>();
      for (Draft fork : forks) {
        for (int i = 0; i < members.size(); i++) {
          budget.work(50 + fork.nodes.size());
          Draft copy = fork.copy();
          copy.open.add(new Open(members.get(i), path));
          if (keyword.equals("oneOf")) {
            copy.choices.put(node.at(), i);
          }
          grown.add(copy);
        }
      }
      if (grown.size() > MOST) {
        throw node.wrong(keyword, grown.size() + " cases", "at most " + MOST);
      }
      forks = grown;
    }
    if (forks.size() == 1 && forks.getFirst() == draft) {
      return false;
    }
    for (int i = forks.size() - 1; i >= 0; i--) {
      drafts.push(forks.get(i));
    }
    return true;
  }

  private List<SchemaNode> members(SchemaNode node, String keyword) {
    JsonNode list = node.get(keyword);
    if (list == null) {
      return List.of();
    }
    if (!list.isArray() || list.isEmpty()) {
      throw node.wrong(keyword, SchemaNode.shown(list), "an array of schemas, at least one");
    }
    List<SchemaNode> members = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      members.add(node.child(keyword, list).child(Integer.toString(i), list.get(i)));
    }
    return members;
  }

  private SchemaNode resolve(SchemaNode node, JsonNode ref) {
    String said = ref.isString() ? ref.stringValue() : "";
    String expected = "\"#\" or \"#/…\", a JSON pointer into this schema";
    if (!said.startsWith("#") || said.length() > 1 && said.charAt(1) != '/') {
      throw node.wrong("$ref", SchemaNode.shown(ref), expected);
    }
    SchemaNode at = root;
    String pointer = decoded(node, said.substring(1));
    if (pointer.isEmpty()) {
      return root;
    }
    for (String part : pointer.substring(1).split("/", -1)) {
      String key = part.replace("~1", "/").replace("~0", "~");
      JsonNode next = inner(at.json(), key);
      if (next == null) {
        throw node.wrong("$ref", SchemaNode.shown(ref) + " is not there", expected);
      }
      at = at.child(key, next);
    }
    return at;
  }

  private static String decoded(SchemaNode node, String fragment) {
    if (fragment.indexOf('%') < 0) {
      return fragment;
    }
    try {
      return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new LatheException(
          GenerateError.BAD_CONSTRAINT,
          node.wrong("$ref", "\"#" + fragment + "\"", "percent signs before two digits")
              .getMessage(),
          e);
    }
  }

  private static @Nullable JsonNode inner(JsonNode json, String key) {
    if (json.isObject()) {
      return json.get(key);
    }
    boolean index = json.isArray() && key.matches("\\d{1,6}");
    return index ? json.get(Integer.parseInt(key)) : null;
  }
}

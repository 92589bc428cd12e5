package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What the schemas of a case say together about arrays.
 *
 * @param first the schemas of the first places
 * @param others those of further places; none for any value
 * @param most as many as are written: no place that nothing is said of, unless it is needed
 * @param validMost as many as are valid
 */
record ArrayFacts(
    List<List<SchemaNode>> first, List<SchemaNode> others, int least, int most, int validMost) {
  private static final int MOST_PLACES = 10_000;

  /** The places of one schema. */
  private record Places(List<SchemaNode> first, List<SchemaNode> others, boolean open) {}

  static ArrayFacts of(SchemaFacts facts) {
    int least = 0;
    int most = Form.ENDLESS;
    List<Places> all = new ArrayList<>();
    for (SchemaNode node : facts.nodes()) {
      least = Math.max(least, node.count("minItems", 0));
      most = Math.min(most, node.count("maxItems", Form.ENDLESS));
      Places places = places(node);
      all.add(places);
      if (places.others().stream().anyMatch(other -> never(other.json()))) {
        most = Math.min(most, places.first().size());
      }
    }
    int named = all.stream().mapToInt(places -> places.first().size()).max().orElse(0);
    if (named > MOST_PLACES) {
      throw facts.first().wrong("prefixItems", named + " places", "at most " + MOST_PLACES);
    }
    List<List<SchemaNode>> first = new ArrayList<>();
    for (int i = 0; i < named; i++) {
      List<SchemaNode> here = new ArrayList<>();
      for (Places places : all) {
        here.addAll(i < places.first().size() ? List.of(places.first().get(i)) : places.others());
      }
      first.add(here);
    }
    List<SchemaNode> others = new ArrayList<>();
    all.forEach(places -> others.addAll(places.others()));
    boolean open = all.stream().anyMatch(Places::open) || named == 0 || least > named;
    int written = open ? most : Math.min(most, named);
    for (SchemaNode node : facts.nodes()) {
      if (node.flag("uniqueItems") && written > 1) {
        throw node.wrong(
            "uniqueItems", "not supported", "maxItems of at most 1 beside it, or none");
      }
    }
    return new ArrayFacts(first, others, least, written, most);
  }

  private static boolean never(JsonNode json) {
    return json.isBoolean() && !json.booleanValue();
  }

  private static Places places(SchemaNode node) {
    JsonNode items = node.get("items");
    boolean old = items != null && items.isArray();
    String prefix = old ? "items" : "prefixItems";
    String rest = old ? "additionalItems" : "items";
    JsonNode listed = node.get(prefix);
    List<SchemaNode> first = new ArrayList<>();
    if (listed != null) {
      if (!listed.isArray()) {
        throw node.wrong(prefix, SchemaNode.shown(listed), "an array of schemas");
      }
      for (int i = 0; i < listed.size(); i++) {
        first.add(node.child(prefix, listed).child(Integer.toString(i), listed.get(i)));
      }
    }
    List<SchemaNode> others = new ArrayList<>(node.schema(rest).stream().toList());
    if (others.isEmpty() && node.has("unevaluatedItems")) {
      others.addAll(node.schema("unevaluatedItems").stream().toList());
    }
    return new Places(first, others, !others.isEmpty());
  }
}

package dev.lathe.generate.constrain;

import dev.lathe.generate.constrain.JsonForms.Elements;
import dev.lathe.generate.constrain.JsonForms.Member;
import dev.lathe.generate.constrain.JsonForms.Members;
import dev.lathe.generate.constrain.SchemaFacts.Strings;
import dev.lathe.generate.constrain.SchemaKeywords.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * A JSON Schema as a form. Every value of the form is valid; of what is valid, only this is
 * written: properties in the schema's order, none that it does not name unless it says something of
 * them, numbers and space of bounded length. What cannot be held to is refused.
 */
final class SchemaForms {
  private static final int LARGEST_DIVISOR = 10_000;

  private final JsonForms json;
  private final Budget budget;
  private final SchemaCases cases;
  private final SchemaNode root;
  private final Map<String, Form> known = new HashMap<>();

  /** Rules of strings, by the one machine of their texts. */
  private final Map<CharDfa, Form> strings = new IdentityHashMap<>();

  /** Rules that are mentioned and still to be defined: schemas nest deeper than calls may. */
  private final ArrayDeque<Runnable> open = new ArrayDeque<>();

  SchemaForms(JsonForms json, JsonNode schema, Budget budget) {
    this.json = json;
    this.budget = budget;
    this.root = new SchemaNode(schema, "");
    this.cases = new SchemaCases(root, budget);
  }

  /** The form of the whole schema. */
  Form form() {
    Form form = form(List.of(root));
    while (!open.isEmpty()) {
      open.poll().run();
    }
    checkDefinitions("$defs");
    checkDefinitions("definitions");
    return form;
  }

  /** What is defined but not used is still read: a wrong letter in it is told. */
  private void checkDefinitions(String keyword) {
    JsonNode definitions = root.get(keyword);
    if (definitions != null && definitions.isObject()) {
      SchemaNode parent = root.child(keyword, definitions);
      definitions.forEachEntry((name, of) -> SchemaKeywords.check(parent.child(name, of)));
    }
  }

  /** The form of values for which all of some schemas hold; a rule, which may mention itself. */
  private Form form(List<SchemaNode> nodes) {
    TreeMap<String, SchemaNode> sorted = new TreeMap<>();
    nodes.forEach(node -> sorted.put(node.at(), node));
    budget.work(sorted.keySet().stream().mapToInt(at -> 10 + at.length()).sum());
    List<SchemaNode> distinct = List.copyOf(sorted.values());
    String key = String.join("\n", sorted.keySet());
    Form before = known.get(key);
    if (before != null) {
      return before;
    }
    Rule rule = new Rule(nodes.isEmpty() ? "value" : "schema" + nodes.getFirst().at());
    Form call = new Form.Call(rule);
    known.put(key, call);
    open.add(() -> rule.define(any(distinct)));
    return call;
  }

  private Form any(List<SchemaNode> nodes) {
    List<SchemaCases.Case> found = cases.of(nodes);
    new SchemaExclusion(cases, budget).check(nodes, found);
    List<Form> forms = new ArrayList<>();
    for (SchemaCases.Case one : found) {
      forms.add(one.nodes().isEmpty() ? json.value() : one(new SchemaFacts(one.nodes(), budget)));
    }
    return new Form.Alt(forms);
  }

  private Form one(SchemaFacts facts) {
    Optional<List<JsonNode>> literals = facts.literals();
    if (literals.isPresent()) {
      return new Form.Alt(literals.get().stream().map(json::literal).toList());
    }
    Set<Kind> kinds = facts.kinds();
    List<Form> forms = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (kinds.contains(kind)) {
        forms.add(
            switch (kind) {
              case NULL -> Form.text("null");
              case BOOLEAN -> Form.alt(Form.text("true"), Form.text("false"));
              case INTEGER -> kinds.contains(Kind.NUMBER) ? Form.NEVER : integer(facts);
              case NUMBER -> number(facts);
              case STRING -> string(facts.strings());
              case ARRAY -> array(ArrayFacts.of(facts));
              case OBJECT -> object(facts);
            });
      }
    }
    return new Form.Alt(forms);
  }

  private Form string(Strings strings) {
    if (strings.least() > strings.most()) {
      return Form.NEVER;
    }
    if (strings.inside().isEmpty()) {
      return json.string(strings.least(), strings.most());
    }
    CharDfa inside = inside(strings);
    return strings(inside);
  }

  private Form strings(CharDfa inside) {
    return strings.computeIfAbsent(inside, texts -> Form.call("string", JsonForms.string(texts)));
  }

  private CharDfa inside(Strings strings) {
    CharDfa any = strings.inside().orElseGet(() -> CharDfa.length(0, Form.ENDLESS, budget));
    boolean bounded = strings.least() > 0 || strings.most() < Form.ENDLESS;
    return bounded ? any.and(CharDfa.length(strings.least(), strings.most(), budget), budget) : any;
  }

  private Form integer(SchemaFacts facts) {
    SchemaFacts.Whole bounds = facts.whole();
    if (bounds.low().compareTo(bounds.high()) > 0) {
      return Form.NEVER;
    }
    Form between = Numbers.integers(bounds.low(), bounds.high());
    BigInteger divisor = BigInteger.ONE;
    for (BigDecimal of : facts.range().multiples()) {
      BigInteger part = numerator(of);
      divisor = divisor.divide(divisor.gcd(part)).multiply(part);
    }
    if (divisor.equals(BigInteger.ONE)) {
      return between;
    }
    if (divisor.compareTo(BigInteger.valueOf(LARGEST_DIVISOR)) > 0) {
      throw facts.first().wrong("multipleOf", divisor.toString(), "at most " + LARGEST_DIVISOR);
    }
    return CharDfa.of(between, CharDfa.Match.WHOLE, budget)
        .and(Numbers.multiples(divisor.intValueExact(), budget), budget)
        .form();
  }

  /** A whole number is a multiple of n/d in lowest terms if it is one of n. */
  private static BigInteger numerator(BigDecimal of) {
    if (of.scale() <= 0) {
      return of.toBigIntegerExact();
    }
    BigInteger unscaled = of.unscaledValue();
    return unscaled.divide(unscaled.gcd(BigInteger.TEN.pow(of.scale())));
  }

  private Form number(SchemaFacts facts) {
    SchemaFacts.Range range = facts.range();
    int fraction = Numbers.FRACTION;
    for (BigDecimal of : range.multiples()) {
      BigDecimal plain = of.stripTrailingZeros();
      if (plain.scale() <= 0) {
        return integer(facts);
      }
      if (!plain.unscaledValue().equals(BigInteger.ONE)) {
        throw facts
            .first()
            .wrong("multipleOf", of.toPlainString(), "a whole number, or 0.1, 0.01, 0.001, …");
      }
      fraction = Math.min(fraction, plain.scale());
    }
    BigDecimal widest = BigDecimal.TEN.pow(JsonForms.DIGITS);
    Optional<Numbers.Bound> low =
        range.low().filter(bound -> bound.at().compareTo(widest.negate()) > 0);
    Optional<Numbers.Bound> high = range.high().filter(bound -> bound.at().compareTo(widest) < 0);
    boolean unreachable =
        low.map(bound -> bound.at().compareTo(widest) >= 0).orElse(false)
            || high.map(bound -> bound.at().compareTo(widest.negate()) <= 0).orElse(false);
    if (unreachable) {
      throw facts.first().wrong("minimum", "beyond 10^18", "numbers of at most 18 digits");
    }
    if (range.low().isEmpty() && range.high().isEmpty() && range.multiples().isEmpty()) {
      return JsonForms.number();
    }
    return Numbers.decimals(low, high, fraction, budget).form();
  }

  private Form array(ArrayFacts facts) {
    if (facts.least() > facts.most()) {
      return Form.NEVER;
    }
    List<Form> first = new ArrayList<>();
    for (List<SchemaNode> place : facts.first()) {
      first.add(value(place));
    }
    return json.array(new Elements(first, value(facts.others()), facts.least(), facts.most()));
  }

  private Form value(List<SchemaNode> nodes) {
    return nodes.isEmpty() ? json.value() : form(nodes);
  }

  private Form object(SchemaFacts facts) {
    ObjectFacts object = new ObjectFacts(facts, budget);
    List<Member> members = new ArrayList<>();
    Optional<CharDfa> allowed = names(facts);
    object
        .values()
        .forEach(
            (name, nodes) -> {
              boolean named = allowed.map(names -> names.accepts(name)).orElse(true);
              members.add(
                  new Member(
                      name, named ? value(nodes) : Form.NEVER, object.required().contains(name)));
            });
    List<Form> others = new ArrayList<>();
    for (ObjectFacts.Others other : object.others(allowed)) {
      others.add(json.member(JsonForms.string(other.names()), value(other.values())));
    }
    return sized(facts, object, members, others);
  }

  /** The object with as many members as there may be. */
  private Form sized(
      SchemaFacts facts, ObjectFacts object, List<Member> members, List<Form> others) {
    int least = 0;
    int most = Form.ENDLESS;
    for (SchemaNode node : facts.nodes()) {
      least = Math.max(least, node.count("minProperties", 0));
      most = Math.min(most, node.count("maxProperties", Form.ENDLESS));
    }
    int required = object.required().size();
    boolean allRequired = required == members.size();
    int missing = Math.max(0, least - required);
    if (missing > 1 || missing == 1 && required > 0 && !allRequired) {
      throw facts
          .first()
          .wrong("minProperties", Integer.toString(least), "at most " + Math.max(1, required));
    }
    if (required > most) {
      return Form.NEVER;
    }
    boolean bounds = most < members.size() || !others.isEmpty() && most < Form.ENDLESS;
    if (bounds && !allRequired) {
      throw facts
          .first()
          .wrong("maxProperties", Integer.toString(most), "none beside optional properties");
    }
    int room = others.isEmpty() ? 0 : most == Form.ENDLESS ? most : most - required;
    Form other = Form.call("further members", new Form.Alt(others));
    return allRequired
        ? json.object(members, new Members(other, missing, room))
        : json.object(members, new Members(other, 0, room), missing);
  }

  /** The texts that may be names of properties, if something is said of them. */
  private Optional<CharDfa> names(SchemaFacts facts) {
    List<SchemaNode> nodes =
        facts.nodes().stream().flatMap(node -> node.schema("propertyNames").stream()).toList();
    if (nodes.isEmpty()) {
      return Optional.empty();
    }
    List<Form> forms = new ArrayList<>();
    for (SchemaCases.Case one : cases.of(nodes)) {
      SchemaFacts of = new SchemaFacts(one.nodes(), budget);
      Optional<List<JsonNode>> literals = one.nodes().isEmpty() ? Optional.empty() : of.literals();
      if (literals.isPresent()) {
        literals.get().stream()
            .filter(JsonNode::isString)
            .forEach(literal -> forms.add(Form.text(literal.stringValue())));
      } else if (one.nodes().isEmpty() || of.validKinds().contains(Kind.STRING)) {
        forms.add(inside(of.strings()).form());
      }
    }
    return Optional.of(CharDfa.of(new Form.Alt(forms), CharDfa.Match.WHOLE, budget));
  }
}

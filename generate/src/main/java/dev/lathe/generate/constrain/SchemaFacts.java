package dev.lathe.generate.constrain;

import dev.lathe.generate.constrain.Numbers.Bound;
import dev.lathe.generate.constrain.SchemaKeywords.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the schemas of one case say together about kinds, literals, numbers and strings. */
final class SchemaFacts {
  private static final Map<String, Set<Kind>> TYPES =
      Map.of(
          "null", Set.of(Kind.NULL),
          "boolean", Set.of(Kind.BOOLEAN),
          "integer", Set.of(Kind.INTEGER),
          "number", Set.of(Kind.INTEGER, Kind.NUMBER),
          "string", Set.of(Kind.STRING),
          "array", Set.of(Kind.ARRAY),
          "object", Set.of(Kind.OBJECT));

  private static final Map<String, Bound[]> NUMBER_FORMATS =
      Map.of(
          "int32",
              bounds(BigDecimal.valueOf(Integer.MIN_VALUE), BigDecimal.valueOf(Integer.MAX_VALUE)),
          "uint32", bounds(BigDecimal.ZERO, BigDecimal.valueOf(0xFFFFFFFFL)),
          "int64", bounds(BigDecimal.valueOf(Long.MIN_VALUE), BigDecimal.valueOf(Long.MAX_VALUE)),
          "uint64", bounds(BigDecimal.ZERO, new BigDecimal("18446744073709551615")),
          "float",
              bounds(BigDecimal.valueOf(-Float.MAX_VALUE), BigDecimal.valueOf(Float.MAX_VALUE)),
          "double", new Bound[0]);

  private final List<SchemaNode> nodes;
  private final Budget budget;
  private @Nullable Strings strings;

  SchemaFacts(List<SchemaNode> nodes, Budget budget) {
    this.nodes = nodes;
    this.budget = budget;
  }

  private static Bound[] bounds(BigDecimal low, BigDecimal high) {
    return new Bound[] {new Bound(low, false), new Bound(high, false)};
  }

  List<SchemaNode> nodes() {
    return nodes;
  }

  /** The first schema of the case, at which errors about all of them are told. */
  SchemaNode first() {
    return nodes.getFirst();
  }

  /** The kinds that are valid. */
  Set<Kind> validKinds() {
    EnumSet<Kind> kinds = EnumSet.allOf(Kind.class);
    for (SchemaNode node : nodes) {
      JsonNode type = node.get("type");
      if (type != null) {
        EnumSet<Kind> said = types(node, type);
        if (node.flag("nullable")) {
          said.add(Kind.NULL);
        }
        kinds.retainAll(said);
      }
    }
    return kinds;
  }

  private static EnumSet<Kind> types(SchemaNode node, JsonNode type) {
    EnumSet<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (JsonNode name : type.isArray() ? type : List.of(type)) {
      Set<Kind> of = name.isString() ? TYPES.get(name.stringValue()) : null;
      if (of == null) {
        throw node.wrong(
            "type",
            SchemaNode.shown(name),
            "one of null, boolean, integer, number, string, array, object, or a list of them");
      }
      kinds.addAll(of);
    }
    return kinds;
  }

  /**
   * The kinds that are written: those valid; where no schema names a type, only those that keywords
   * are about.
   */
  Set<Kind> kinds() {
    boolean named = nodes.stream().anyMatch(n -> n.has("type") || n.has("enum") || n.has("const"));
    if (named) {
      return validKinds();
    }
    EnumSet<Kind> about = EnumSet.noneOf(Kind.class);
    for (SchemaNode node : nodes) {
      node.json().propertyNames().forEach(keyword -> about.addAll(SchemaKeywords.kinds(keyword)));
      JsonNode format = node.get("format");
      if (format != null && format.isString()) {
        about.addAll(
            NUMBER_FORMATS.containsKey(format.stringValue())
                ? TYPES.get("number")
                : TYPES.get("string"));
      }
    }
    if (!about.isEmpty() && nodes.stream().anyMatch(node -> node.flag("nullable"))) {
      about.add(Kind.NULL);
    }
    return about.isEmpty() ? validKinds() : about;
  }

  /**
   * The values of {@code enum} and {@code const} that everything else allows, if there are such.
   */
  Optional<List<JsonNode>> literals() {
    List<List<JsonNode>> lists = new ArrayList<>();
    for (SchemaNode node : nodes) {
      JsonNode of = node.get("enum");
      if (of != null) {
        if (!of.isArray() || of.isEmpty()) {
          throw node.wrong("enum", SchemaNode.shown(of), "an array of values, at least one");
        }
        lists.add(List.copyOf(of.values()));
      }
      JsonNode one = node.get("const");
      if (one != null) {
        lists.add(List.of(one));
      }
    }
    if (lists.isEmpty()) {
      return Optional.empty();
    }
    long compared = lists.stream().skip(1).mapToLong(List::size).sum();
    budget.work(lists.getFirst().size() * (20 + compared));
    Set<Kind> kinds = validKinds();
    List<JsonNode> kept = new ArrayList<>();
    for (JsonNode value : lists.getFirst()) {
      boolean inAll = lists.stream().skip(1).allMatch(list -> has(list, value));
      if (inAll && kinds.contains(kind(value)) && allows(value)) {
        kept.add(value);
      }
    }
    return Optional.of(kept);
  }

  static Kind kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL, MISSING -> Kind.NULL;
      case BOOLEAN -> Kind.BOOLEAN;
      case NUMBER ->
          SchemaNode.whole(value.decimalValue()).isPresent() ? Kind.INTEGER : Kind.NUMBER;
      case STRING, BINARY, POJO -> Kind.STRING;
      case ARRAY -> Kind.ARRAY;
      case OBJECT -> Kind.OBJECT;
    };
  }

  static boolean has(List<JsonNode> list, JsonNode value) {
    return list.stream().anyMatch(other -> same(other, value));
  }

  static boolean same(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber()
        ? a.decimalValue().compareTo(b.decimalValue()) == 0
        : a.equals(b);
  }

  /** Whether the keywords about scalars allow a value. */
  boolean allows(JsonNode value) {
    Kind kind = kind(value);
    return switch (kind) {
      case NULL, BOOLEAN -> true;
      case INTEGER, NUMBER -> allows(value.decimalValue());
      case STRING -> strings().accepts(value.stringValue());
      case ARRAY, OBJECT -> {
        for (SchemaNode node : nodes) {
          for (String keyword : node.json().propertyNames()) {
            if (SchemaKeywords.kinds(keyword).contains(kind)) {
              throw node.wrong(keyword, "beside an array or object in enum or const", "only one");
            }
          }
        }
        yield true;
      }
    };
  }

  private boolean allows(BigDecimal value) {
    Range range = range();
    boolean above =
        range.low().map(b -> value.compareTo(b.at()) > (b.open() ? 0 : -1)).orElse(true);
    boolean below =
        range.high().map(b -> value.compareTo(b.at()) < (b.open() ? 0 : 1)).orElse(true);
    return above
        && below
        && range.multiples().stream().allMatch(of -> value.remainder(of).signum() == 0);
  }

  /** Bounds of numbers, and what divides them. */
  record Range(Optional<Bound> low, Optional<Bound> high, List<BigDecimal> multiples) {}

  Range range() {
    List<Bound> lows = new ArrayList<>();
    List<Bound> highs = new ArrayList<>();
    List<BigDecimal> multiples = new ArrayList<>();
    for (SchemaNode node : nodes) {
      bound(node, "minimum", "exclusiveMinimum").ifPresent(lows::add);
      bound(node, "maximum", "exclusiveMaximum").ifPresent(highs::add);
      exclusive(node, "exclusiveMinimum").ifPresent(lows::add);
      exclusive(node, "exclusiveMaximum").ifPresent(highs::add);
      Optional<BigDecimal> multiple = node.number("multipleOf");
      if (multiple.isPresent() && multiple.get().signum() <= 0) {
        throw node.wrong("multipleOf", multiple.get().toString(), "a number above 0");
      }
      multiple.ifPresent(multiples::add);
      JsonNode format = node.get("format");
      Bound[] known =
          format != null && format.isString() ? NUMBER_FORMATS.get(format.stringValue()) : null;
      if (known != null && known.length == 2) {
        lows.add(known[0]);
        highs.add(known[1]);
      }
    }
    return new Range(
        lows.stream().reduce((a, b) -> tighter(a, b, 1)),
        highs.stream().reduce((a, b) -> tighter(a, b, -1)),
        multiples);
  }

  private static Bound tighter(Bound a, Bound b, int sign) {
    int order = a.at().compareTo(b.at()) * sign;
    return order > 0 || order == 0 && a.open() ? a : b;
  }

  /** A bound; draft 4 says by a flag beside it that it is open. */
  private static Optional<Bound> bound(SchemaNode node, String keyword, String exclusive) {
    JsonNode flag = node.get(exclusive);
    boolean open = flag != null && flag.isBoolean() && flag.booleanValue();
    return node.number(keyword).map(at -> new Bound(at, open));
  }

  private static Optional<Bound> exclusive(SchemaNode node, String keyword) {
    JsonNode of = node.get(keyword);
    return of == null || of.isBoolean()
        ? Optional.empty()
        : node.number(keyword).map(at -> new Bound(at, true));
  }

  /** Bounds of whole numbers; widened to what is written where there is none. */
  record Whole(BigInteger low, BigInteger high) {}

  Whole whole() {
    Range range = range();
    BigInteger widest = BigInteger.TEN.pow(JsonForms.DIGITS).subtract(BigInteger.ONE);
    Optional<BigInteger> low = range.low().map(SchemaFacts::ceiling);
    Optional<BigInteger> high = range.high().map(SchemaFacts::floor);
    BigInteger least = low.orElse(high.orElse(BigInteger.ZERO).min(widest.negate()));
    BigInteger most = high.orElse(low.orElse(BigInteger.ZERO).max(widest));
    return new Whole(
        low.isEmpty() ? least.min(widest.negate()) : least,
        high.isEmpty() ? most.max(widest) : most);
  }

  private static BigInteger ceiling(Bound bound) {
    BigInteger up = bound.at().setScale(0, java.math.RoundingMode.CEILING).toBigInteger();
    boolean on = bound.open() && bound.at().compareTo(new BigDecimal(up)) == 0;
    return on ? up.add(BigInteger.ONE) : up;
  }

  private static BigInteger floor(Bound bound) {
    BigInteger down = bound.at().setScale(0, java.math.RoundingMode.FLOOR).toBigInteger();
    boolean on = bound.open() && bound.at().compareTo(new BigDecimal(down)) == 0;
    return on ? down.subtract(BigInteger.ONE) : down;
  }

  /**
   * What is said of strings.
   *
   * @param inside the texts of patterns and formats, if there are any
   */
  record Strings(int least, int most, Optional<CharDfa> inside) {
    boolean accepts(String text) {
      int length = text.codePointCount(0, text.length());
      return length >= least && length <= most && inside.map(i -> i.accepts(text)).orElse(true);
    }
  }

  Strings strings() {
    Strings known = strings;
    if (known == null) {
      known = readStrings();
      strings = known;
    }
    return known;
  }

  private Strings readStrings() {
    int least = 0;
    int most = Form.ENDLESS;
    Optional<CharDfa> inside = Optional.empty();
    for (SchemaNode node : nodes) {
      least = Math.max(least, node.count("minLength", 0));
      most = Math.min(most, node.count("maxLength", Form.ENDLESS));
      for (CharDfa dfa :
          List.of(pattern(node), format(node)).stream().flatMap(Optional::stream).toList()) {
        inside = Optional.of(inside.isEmpty() ? dfa : inside.get().and(dfa, budget));
      }
    }
    return new Strings(least, most, inside);
  }

  private Optional<CharDfa> pattern(SchemaNode node) {
    JsonNode pattern = node.get("pattern");
    if (pattern == null) {
      return Optional.empty();
    }
    if (!pattern.isString()) {
      throw node.wrong("pattern", SchemaNode.shown(pattern), "a regular expression");
    }
    return Optional.of(search(node.child("pattern", pattern), pattern.stringValue(), budget));
  }

  /** The texts in which an expression is found. */
  static CharDfa search(SchemaNode node, String expression, Budget budget) {
    try {
      return CharDfa.of(Regex.parse(expression), CharDfa.Match.PART, budget);
    } catch (dev.lathe.ir.LatheException e) {
      throw new dev.lathe.ir.LatheException(
          e.code(), "schema, " + node.at() + ": " + e.getMessage(), e);
    }
  }

  private Optional<CharDfa> format(SchemaNode node) {
    JsonNode format = node.get("format");
    if (format == null) {
      return Optional.empty();
    }
    String name = format.isString() ? format.stringValue() : "";
    if (!Formats.has(name)) {
      throw node.wrong("format", SchemaNode.shown(format), "one of " + Formats.names());
    }
    return Formats.texts(name);
  }
}

package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Missing;
import dev.lathe.prepare.template.Value.Once;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The filters, as Jinja2 has them, without those that make pages for browsers. */
final class Filters {
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern TITLE_BREAK =
      Pattern.compile("[-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);

  /** One filter. */
  @FunctionalInterface
  interface Form {
    @Nullable Object apply(Filters filters, @Nullable Object value, Args args);
  }

  private static final Map<String, Form> FORMS =
      Map.ofEntries(
          Map.entry("abs", (f, value, args) -> NumberFilters.absolute(value)),
          Map.entry("int", (f, value, args) -> NumberFilters.whole(value, args)),
          Map.entry("float", (f, value, args) -> NumberFilters.real(value, args)),
          Map.entry("round", (f, value, args) -> NumberFilters.round(value, args)),
          Map.entry("sum", (f, value, args) -> f.sum(value, args)),
          Map.entry("string", (f, value, args) -> Texts.str(value)),
          Map.entry("safe", (f, value, args) -> Texts.str(value)),
          Map.entry("upper", (f, value, args) -> Texts.str(value).toUpperCase(Locale.ROOT)),
          Map.entry("lower", (f, value, args) -> Texts.str(value).toLowerCase(Locale.ROOT)),
          Map.entry("capitalize", (f, value, args) -> TextMethods.capitalize(Texts.str(value))),
          Map.entry("title", (f, value, args) -> title(Texts.str(value))),
          Map.entry("trim", (f, value, args) -> trim(value, args)),
          Map.entry("replace", (f, value, args) -> replace(value, args)),
          Map.entry("indent", (f, value, args) -> indent(Texts.str(value), args)),
          Map.entry("truncate", (f, value, args) -> truncate(value, args)),
          Map.entry("center", (f, value, args) -> center(value, args)),
          Map.entry("format", (f, value, args) -> format(value, args)),
          Map.entry("escape", (f, value, args) -> escape(Texts.str(value))),
          Map.entry("e", (f, value, args) -> escape(Texts.str(value))),
          Map.entry("forceescape", (f, value, args) -> escape(Texts.str(value))),
          Map.entry("striptags", (f, value, args) -> striptags(Texts.str(value))),
          Map.entry("urlencode", (f, value, args) -> urlencode(Texts.str(value))),
          Map.entry(
              "wordcount", (f, value, args) -> WORD.matcher(Texts.str(value)).results().count()),
          Map.entry("tojson", (f, value, args) -> JsonText.of(value, args)),
          Map.entry("default", (f, value, args) -> otherwise(value, args)),
          Map.entry("d", (f, value, args) -> otherwise(value, args)),
          Map.entry("attr", (f, value, args) -> attr(value, args)),
          Map.entry("length", (f, value, args) -> length(value)),
          Map.entry("count", (f, value, args) -> length(value)),
          Map.entry("list", (f, value, args) -> new ArrayList<>(Items.list(value))),
          Map.entry("items", (f, value, args) -> items(value)),
          Map.entry("first", (f, value, args) -> first(value)),
          Map.entry("last", (f, value, args) -> last(value)),
          Map.entry("join", (f, value, args) -> f.join(value, args)),
          Map.entry("reverse", (f, value, args) -> reverse(value)),
          Map.entry("batch", (f, value, args) -> ListFilters.batch(value, args)),
          Map.entry("slice", (f, value, args) -> ListFilters.slice(value, args)),
          Map.entry("dictsort", (f, value, args) -> ListFilters.dictsort(value, args)),
          Map.entry("sort", (f, value, args) -> ListFilters.sort(value, args)),
          Map.entry("unique", (f, value, args) -> ListFilters.unique(value, args)),
          Map.entry("min", (f, value, args) -> ListFilters.extreme(value, args, -1)),
          Map.entry("max", (f, value, args) -> ListFilters.extreme(value, args, 1)),
          Map.entry("groupby", (f, value, args) -> ListFilters.groupby(value, args)),
          Map.entry("map", (f, value, args) -> f.map(value, args)),
          Map.entry("select", (f, value, args) -> f.chosen(value, args, new Choosing(true, false))),
          Map.entry(
              "reject", (f, value, args) -> f.chosen(value, args, new Choosing(false, false))),
          Map.entry(
              "selectattr", (f, value, args) -> f.chosen(value, args, new Choosing(true, true))),
          Map.entry(
              "rejectattr", (f, value, args) -> f.chosen(value, args, new Choosing(false, true))));

  /**
   * Which items stay: those that pass the test, or the others; the item or one attribute is tested.
   */
  private record Choosing(boolean passing, boolean byAttribute) {}

  private final Evaluator evaluator;

  Filters(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  static boolean has(String name) {
    return FORMS.containsKey(name);
  }

  @Nullable Object apply(String name, @Nullable Object value, Args args) {
    Form form = FORMS.get(name);
    if (form == null) {
      throw new Fault("No filter named '" + name + "'.");
    }
    if (value == Missing.VALUE) {
      throw new Fault("filter '" + name + "' has no value");
    }
    try {
      Object filtered = form.apply(this, value, args);
      evaluator.budget.size(Items.length(filtered).orElse(1L));
      return filtered;
    } catch (Fault fault) {
      if (fault.isRaised()) {
        throw fault;
      }
      throw new Fault("filter '" + name + "': " + fault.getMessage());
    }
  }

  private static Object trim(@Nullable Object value, Args args) {
    return TextMethods.strip(Texts.str(value), args.bind("chars").get("chars", null), 3);
  }

  private static Object title(String text) {
    StringBuilder out = new StringBuilder();
    Matcher breaks = TITLE_BREAK.matcher(text);
    int from = 0;
    while (breaks.find()) {
      out.append(TextMethods.capitalize(text.substring(from, breaks.start())));
      out.append(breaks.group());
      from = breaks.end();
    }
    return out.append(TextMethods.capitalize(text.substring(from))).toString();
  }

  private static Object replace(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("old", "new", "count");
    String[] change = {Texts.str(bound.need("old")), Texts.str(bound.need("new"))};
    Object count = bound.get("count", null);
    return TextMethods.replace(Texts.str(value), change, count == null ? -1 : Numbers.whole(count));
  }

  private static Object indent(String text, Args args) {
    Args.Bound bound = args.bind("width", "first", "blank");
    Object width = bound.get("width", 4L);
    String indention =
        width instanceof String said
            ? said
            : " ".repeat((int) TextMethods.width(Numbers.whole(width)));
    List<?> lines = TextMethods.lines(text + "\n", false);
    StringBuilder out = new StringBuilder(bound.flag("first", false) ? indention : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      out.append(i == 0 ? "" : "\n");
      out.append(
          i > 0 && (bound.flag("blank", false) || !String.valueOf(line).isEmpty())
              ? indention
              : "");
      out.append(line);
      if (out.length() > Budget.LARGEST) {
        throw new Fault("a text of more than " + Budget.LARGEST + " characters");
      }
    }
    return out.toString();
  }

  private static @Nullable Object truncate(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("length", "killwords", "end", "leeway");
    long length = bound.number("length", 255);
    String end = bound.text("end", "...");
    long leeway = bound.get("leeway", null) == null ? 5 : bound.number("leeway", 5);
    if (length < end.length()) {
      throw new Fault("expected length >= " + end.length() + ", got " + length);
    }
    if (((Number) length(value)).longValue() <= length + leeway) {
      return value;
    }
    if (!(value instanceof String text)) {
      throw new Fault("'" + Texts.type(value) + "' object is no text");
    }
    String kept = text.substring(0, text.offsetByCodePoints(0, (int) (length - end.length())));
    int space = kept.lastIndexOf(' ');
    boolean kills = bound.flag("killwords", false);
    return (kills || space < 0 ? kept : kept.substring(0, space)) + end;
  }

  private static Object center(@Nullable Object value, Args args) {
    long width = args.bind("width").number("width", 80);
    return TextMethods.padded(Texts.str(value), width, new TextMethods.Fill(1, " "));
  }

  private static Object format(@Nullable Object value, Args args) {
    return Printf.format(
        Texts.str(value), args.named().isEmpty() ? new Tuple(args.values()) : args.named());
  }

  private static Object escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  private static Object striptags(String text) {
    String bare = text.replaceAll("(?s)<!--.*?-->", "").replaceAll("(?s)<.*?>", "");
    return String.join(" ", bare.strip().split("\\s+"));
  }

  private static Object urlencode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~")
        .replace("%2F", "/");
  }

  private static @Nullable Object otherwise(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("default_value", "boolean");
    boolean takes =
        value instanceof Undefined || bound.flag("boolean", false) && !Items.truth(value);
    return takes ? bound.get("default_value", "") : value;
  }

  private static @Nullable Object attr(@Nullable Object value, Args args) {
    String name = Texts.str(args.bind("name").need("name"));
    return value instanceof Map<?, ?> && Methods.of(value, name).isEmpty()
        ? new Undefined("'dict object' has no attribute '" + name + "'")
        : Items.attribute(value, name);
  }

  private static Object length(@Nullable Object value) {
    Optional<Long> length = Items.length(value);
    return length.orElseThrow(
        () -> new Fault("object of type '" + Texts.type(value) + "' has no len()"));
  }

  private static Object items(@Nullable Object value) {
    return switch (value) {
      case Undefined undefined -> new Once(List.<@Nullable Object>of().iterator());
      case Map<?, ?> map -> new Once(Methods.items(map).iterator());
      case null, default -> throw new Fault("Can only get item pairs from a mapping.");
    };
  }

  private static @Nullable Object first(@Nullable Object value) {
    if (value instanceof Once once) {
      return once.left().hasNext() ? once.left().next() : empty("first");
    }
    List<@Nullable Object> items = Items.list(value);
    return items.isEmpty() ? empty("first") : items.getFirst();
  }

  private static @Nullable Object last(@Nullable Object value) {
    if (value instanceof Once) {
      throw new Fault("'generator' object is not reversible");
    }
    List<@Nullable Object> items = Items.list(value);
    return items.isEmpty() ? empty("last") : items.getLast();
  }

  private static Undefined empty(String which) {
    return new Undefined("No " + which + " item, sequence was empty.");
  }

  private static Object reverse(@Nullable Object value) {
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    return new Once(new ArrayList<>(Items.list(value)).reversed().iterator());
  }

  private Object join(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("d", "attribute");
    Object attribute = bound.get("attribute", null);
    String between = bound.text("d", "");
    StringBuilder out = new StringBuilder();
    String before = "";
    for (Object item : Items.list(value)) {
      Object part = attribute == null ? item : ListFilters.attribute(item, attribute);
      out.append(before).append(Texts.str(part));
      evaluator.budget.size(out.length());
      before = between;
    }
    return out.toString();
  }

  private @Nullable Object sum(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("attribute", "start");
    Object attribute = bound.get("attribute", null);
    Object total = bound.get("start", 0L);
    for (Object item : Items.list(value)) {
      Object part = attribute == null ? item : ListFilters.attribute(item, attribute);
      total = new Numbers(evaluator.budget).apply("+", total, part);
    }
    return total;
  }

  private Object map(@Nullable Object value, Args args) {
    List<@Nullable Object> mapped = new ArrayList<>();
    boolean byAttribute = args.values().isEmpty() && args.named().containsKey("attribute");
    if (!byAttribute && args.values().isEmpty()) {
      throw new Fault("map requires a filter argument");
    }
    for (Object item : Items.list(value)) {
      evaluator.budget.step();
      if (byAttribute) {
        Object found = ListFilters.attribute(item, args.named().get("attribute"));
        Object otherwise = args.named().get("default");
        mapped.add(found instanceof Undefined && otherwise != null ? otherwise : found);
      } else {
        mapped.add(apply(Texts.str(args.values().getFirst()), item, args.rest()));
      }
    }
    return new Once(mapped.iterator());
  }

  private Object chosen(@Nullable Object value, Args args, Choosing choosing) {
    Args left = args;
    Object attribute = null;
    if (choosing.byAttribute()) {
      if (args.values().isEmpty()) {
        throw new Fault("Missing parameter for attribute name");
      }
      attribute = args.values().getFirst();
      left = args.rest();
    }
    List<@Nullable Object> chosen = new ArrayList<>();
    for (Object item : Items.list(value)) {
      evaluator.budget.step();
      Object tested = attribute == null ? item : ListFilters.attribute(item, attribute);
      boolean passes =
          left.values().isEmpty()
              ? Items.truth(tested)
              : Tests.apply(Texts.str(left.values().getFirst()), tested, left.rest());
      if (passes == choosing.passing()) {
        chosen.add(item);
      }
    }
    return new Once(chosen.iterator());
  }
}

package dev.lathe.generate.constrain;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * JSON's values as forms. Rules are shared, so that what is found about one string is known of all.
 * Space between values is bounded: a text of spaces alone cannot go on for ever.
 */
final class JsonForms {
  /** The most digits of a whole number that has no bound of its own. */
  static final int DIGITS = 18;

  private static final int MOST_INDENT = 16;
  private static final Form DIGIT = Form.chars('0', '9');
  private static final Form HEX = Form.chars('0', '9', 'A', 'F', 'a', 'f');

  /** What a string may hold without a backslash before it. */
  private static final CharSet PLAIN = CharSet.ALL.minus(CharSet.of(0, 0x1F, '"', '"', '\\', '\\'));

  private final Form space;
  private final Form string = Form.call("string", quoted(Form.star(character())));
  private final Map<List<Integer>, Form> strings = new HashMap<>();
  private final Form value;

  JsonForms(Form space) {
    this.space = space;
    Rule rule = new Rule("value");
    this.value = new Form.Call(rule);
    rule.define(
        Form.alt(
            string,
            number(),
            Form.text("true"),
            Form.text("false"),
            Form.text("null"),
            anyObject(),
            array(new Elements(List.of(), value, 0, Form.ENDLESS))));
  }

  /** JSON with no space, or one space, or a line's end and some indentation between values. */
  static JsonForms spaced() {
    Form indent =
        Form.alt(
            new Form.Repeat(Form.chars(' ', ' '), 0, MOST_INDENT),
            new Form.Repeat(Form.chars('\t', '\t'), 1, MOST_INDENT / 4));
    return new JsonForms(
        Form.call(
            "space", Form.maybe(Form.alt(Form.text(" "), Form.seq(Form.text("\n"), indent)))));
  }

  /** JSON without space. */
  static JsonForms compact() {
    return new JsonForms(Form.EMPTY);
  }

  private static Form quoted(Form inside) {
    return Form.seq(Form.text("\""), inside, Form.text("\""));
  }

  /** One character of a string, in any of the ways to write it. */
  private static Form character() {
    Form low =
        Form.seq(
            Form.chars('D', 'D', 'd', 'd'),
            Form.chars('8', '9', 'A', 'B', 'a', 'b'),
            HEX,
            HEX,
            Form.text("\\u"),
            Form.chars('D', 'D', 'd', 'd'),
            Form.chars('C', 'F', 'c', 'f'),
            HEX,
            HEX);
    Form coded =
        Form.alt(
            Form.seq(Form.chars('0', '9', 'A', 'C', 'E', 'F', 'a', 'c', 'e', 'f'), HEX, HEX, HEX),
            Form.seq(Form.chars('D', 'D', 'd', 'd'), Form.chars('0', '7'), HEX, HEX),
            low);
    return Form.alt(
        new Form.Chars(PLAIN),
        Form.seq(
            Form.text("\\"),
            Form.alt(new Form.Chars(CharSet.each("\"\\/bfnrt")), Form.seq(Form.text("u"), coded))));
  }

  /** Any string. */
  Form string() {
    return string;
  }

  /** A string of from least to most characters. */
  Form string(int least, int most) {
    if (least == 0 && most == Form.ENDLESS) {
      return string;
    }
    return strings.computeIfAbsent(
        List.of(least, most),
        _ ->
            Form.call(
                "string of " + least + " to " + (most == Form.ENDLESS ? "any" : most),
                quoted(new Form.Repeat(character(), least, most))));
  }

  /** A string whose characters a machine accepts; what must be escaped is, nothing else. */
  static Form string(CharDfa inside) {
    return quoted(inside.form(JsonForms::escaped));
  }

  private static Form escaped(CharSet set) {
    List<Form> forms = new ArrayList<>();
    forms.add(new Form.Chars(set.and(PLAIN)));
    int[] ranges = set.minus(PLAIN).ranges();
    for (int i = 0; i < ranges.length; i += 2) {
      for (int code = ranges[i]; code <= ranges[i + 1]; code++) {
        String quoted = quote(Character.toString(code));
        forms.add(Form.text(quoted.substring(1, quoted.length() - 1)));
      }
    }
    return new Form.Alt(forms);
  }

  /** A text as JSON writes it. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int known = "\"\\\b\f\n\r\t".indexOf(c);
      if (known >= 0) {
        out.append('\\').append("\"\\bfnrt".charAt(known));
      } else if (c < 0x20) {
        out.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /** Any number that a double can hold. */
  static Form number() {
    return Form.seq(
        Form.maybe(Form.text("-")),
        natural(),
        Form.maybe(Form.seq(Form.text("."), new Form.Repeat(DIGIT, 1, DIGITS))),
        Form.maybe(
            Form.seq(
                Form.chars('E', 'E', 'e', 'e'),
                Form.maybe(Form.chars('+', '+', '-', '-')),
                new Form.Repeat(DIGIT, 1, 2))));
  }

  private static Form natural() {
    return Form.alt(
        Form.text("0"), Form.seq(Form.chars('1', '9'), new Form.Repeat(DIGIT, 0, DIGITS - 1)));
  }

  /** Any value. */
  Form value() {
    return value;
  }

  /** Any object. */
  Form anyObject() {
    return object(
        List.of(), new Members(Form.seq(string, Form.text(":"), space, value), 0, Form.ENDLESS));
  }

  /**
   * The values of an array.
   *
   * @param first those of the first places
   * @param others those of further places
   */
  record Elements(List<Form> first, Form others, int least, int most) {}

  Form array(Elements elements) {
    List<Form> first = new ArrayList<>(elements.first());
    if (first.isEmpty() && elements.most() > 0) {
      first.add(elements.others());
    }
    int count = Math.min(first.size(), elements.most());
    List<Form.Edge> edges = new ArrayList<>();
    Set<Integer> ends = new HashSet<>();
    for (int i = 0; i <= count; i++) {
      if (i >= elements.least()) {
        ends.add(i);
      }
      if (i < count) {
        edges.add(new Form.Edge(i, after(i, first.get(i)), i + 1));
      }
    }
    if (elements.most() > count) {
      int most = elements.most() == Form.ENDLESS ? Form.ENDLESS : elements.most() - count;
      int least = Math.max(0, elements.least() - count);
      Form more = new Form.Repeat(after(1, elements.others()), least, most);
      edges.add(new Form.Edge(count, more, count + 1));
      ends.add(count + 1);
    }
    return Form.seq(Form.text("["), new Form.Net(count + 2, edges, ends), space, Form.text("]"));
  }

  private Form after(int place, Form form) {
    return place == 0 ? Form.seq(space, form) : Form.seq(Form.text(","), space, form);
  }

  /** A member of an object that is named. */
  record Member(String name, Form value, boolean required) {}

  /** Further members: each a name and its value. */
  record Members(Form member, int least, int most) {
    static final Members NONE = new Members(Form.NEVER, 0, 0);
  }

  /** A member whose name is one of a form's. */
  Form member(Form name, Form value) {
    return Form.seq(name, Form.text(":"), space, value);
  }

  /**
   * An object with members in their order. Node i is the place before member i while there are none
   * yet; node n + 1 + i the same while there are some.
   */
  Form object(List<Member> members, Members others) {
    return object(members, others, others.least() == 0 ? 0 : 1);
  }

  /** An object as above with at least none or one of all its members. */
  Form object(List<Member> members, Members others, int least) {
    int n = members.size();
    int some = n + 1;
    List<Form.Edge> edges = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Member named = members.get(i);
      Form form = member(Form.text(quote(named.name())), named.value());
      edges.add(new Form.Edge(i, after(0, form), some + i + 1));
      if (i > 0) {
        edges.add(new Form.Edge(some + i, after(1, form), some + i + 1));
      }
      if (!named.required()) {
        edges.add(new Form.Edge(i, Form.EMPTY, i + 1));
        edges.add(new Form.Edge(some + i, Form.EMPTY, some + i + 1));
      }
    }
    int end = some + n + 1;
    if (least == 0) {
      edges.add(new Form.Edge(n, Form.EMPTY, end));
    }
    if (others.most() > 0) {
      int most = others.most() == Form.ENDLESS ? Form.ENDLESS : others.most() - 1;
      Form more = new Form.Repeat(after(1, others.member()), Math.max(0, others.least() - 1), most);
      edges.add(new Form.Edge(n, Form.seq(after(0, others.member()), more), end));
      Form all = new Form.Repeat(after(1, others.member()), others.least(), others.most());
      edges.add(new Form.Edge(some + n, all, end));
    } else {
      edges.add(new Form.Edge(some + n, Form.EMPTY, end));
    }
    return Form.seq(
        Form.text("{"), new Form.Net(end + 1, edges, Set.of(end)), space, Form.text("}"));
  }

  /** This very value. */
  Form literal(JsonNode json) {
    return switch (json.getNodeType()) {
      case STRING -> Form.text(quote(json.stringValue()));
      case NUMBER -> Form.text(plain(json.decimalValue()));
      case ARRAY -> {
        List<Form> elements = new ArrayList<>();
        json.forEach(element -> elements.add(literal(element)));
        yield array(new Elements(elements, Form.NEVER, elements.size(), elements.size()));
      }
      case OBJECT -> {
        List<Member> members = new ArrayList<>();
        json.forEachEntry((name, of) -> members.add(new Member(name, literal(of), true)));
        yield object(members, Members.NONE);
      }
      case BOOLEAN, NULL, MISSING, BINARY, POJO -> Form.text(json.toString());
    };
  }

  private static String plain(BigDecimal number) {
    return Math.abs((long) number.scale()) <= 40 ? number.toPlainString() : number.toString();
  }
}

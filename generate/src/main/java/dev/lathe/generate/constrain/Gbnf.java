package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads grammars in llama.cpp's GBNF: rules {@code name ::= …} of which {@code root} is the first.
 * A rule goes on until the next one begins, over as many lines as it likes. Rules that begin with
 * themselves are turned into repetitions.
 */
final class Gbnf {
  private static final int LONGEST = 262_144;
  private static final int MOST_RULES = 4_096;
  private static final int DEEPEST = 200;
  private static final int MOST_TIMES = 100_000;

  private final int[] codes;
  private final Map<String, Rule> rules = new HashMap<>();
  private final Map<String, Form> forms = new LinkedHashMap<>();
  private final Map<String, Integer> mentions = new LinkedHashMap<>();
  private int at;
  private int depth;

  private Gbnf(String source) {
    codes = source.codePoints().toArray();
  }

  /**
   * The rule {@code root} of a grammar.
   *
   * @throws LatheException BAD_CONSTRAINT saying in which line it is no grammar
   */
  static Rule parse(String source) {
    if (source.length() > LONGEST) {
      throw new LatheException(
          GenerateError.CONSTRAINT_TOO_LARGE,
          "grammar: " + source.length() + " characters (expected: at most " + LONGEST + ")");
    }
    Gbnf gbnf = new Gbnf(source);
    gbnf.read();
    return gbnf.root();
  }

  private LatheException wrong(int place, String found, String expected) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < place && i < codes.length; i++) {
      column = codes[i] == '\n' ? 1 : column + 1;
      line += codes[i] == '\n' ? 1 : 0;
    }
    return new LatheException(
        GenerateError.BAD_CONSTRAINT,
        "grammar, line "
            + line
            + ", column "
            + column
            + ": "
            + found
            + " (expected: "
            + expected
            + ")");
  }

  private void read() {
    space();
    while (more()) {
      int start = at;
      String name = name().orElseThrow(() -> wrong(start, shown(), "a rule: name ::= …"));
      space();
      if (!take("::=")) {
        throw wrong(at, shown(), "\"::=\" after \"" + name + "\"; grammars are GBNF");
      }
      if (forms.put(name, alternatives()) != null) {
        throw wrong(start, "a second rule \"" + name + "\"", "one rule of a name");
      }
      if (forms.size() > MOST_RULES) {
        throw wrong(start, "more than " + MOST_RULES + " rules", "fewer");
      }
      if (more() && !startsRule()) {
        throw wrong(at, shown(), "a rule, \"|\" or a part of \"" + name + "\"");
      }
    }
  }

  private Rule root() {
    mentions.forEach(
        (name, place) -> {
          if (!forms.containsKey(name)) {
            throw wrong(place, "no rule \"" + name + "\"", "one of " + forms.keySet());
          }
        });
    if (!forms.containsKey("root")) {
      throw wrong(0, "rules " + forms.keySet(), "one that is named \"root\"");
    }
    forms.forEach((name, form) -> rule(name).define(withoutLeftRecursion(rule(name), form)));
    return rule("root");
  }

  private Rule rule(String name) {
    return rules.computeIfAbsent(name, Rule::new);
  }

  /** {@code a ::= a x | b} as {@code a ::= b x*}. */
  private static Form withoutLeftRecursion(Rule rule, Form form) {
    List<Form> alternatives = form instanceof Form.Alt alt ? alt.parts() : List.of(form);
    List<Form> first = new ArrayList<>();
    List<Form> after = new ArrayList<>();
    for (Form one : alternatives) {
      List<Form> parts = one instanceof Form.Seq seq ? seq.parts() : List.of(one);
      boolean again =
          !parts.isEmpty() && parts.getFirst() instanceof Form.Call call && call.rule() == rule;
      if (!again) {
        first.add(one);
      } else if (parts.size() > 1) {
        after.add(new Form.Seq(parts.subList(1, parts.size())));
      }
    }
    return after.isEmpty() && first.size() == alternatives.size()
        ? form
        : Form.seq(new Form.Alt(first), Form.star(new Form.Alt(after)));
  }

  private boolean more() {
    return at < codes.length;
  }

  private String shown() {
    return more() ? "\"" + Character.toString(codes[at]) + "\"" : "the end";
  }

  private void space() {
    while (more() && (Character.isWhitespace(codes[at]) || codes[at] == '#')) {
      if (codes[at] == '#') {
        while (more() && codes[at] != '\n') {
          at++;
        }
      } else {
        at++;
      }
    }
  }

  private boolean take(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (at + i >= codes.length || codes[at + i] != text.charAt(i)) {
        return false;
      }
    }
    at += text.length();
    return true;
  }

  private static boolean nameCharacter(int code) {
    return code == '-' || code == '_' || code < 128 && Character.isLetterOrDigit(code);
  }

  private Optional<String> name() {
    int start = at;
    while (more() && nameCharacter(codes[at])) {
      at++;
    }
    return at == start ? Optional.empty() : Optional.of(new String(codes, start, at - start));
  }

  /** Whether a name and "::=" come next. */
  private boolean startsRule() {
    int start = at;
    boolean found = false;
    if (name().isPresent()) {
      space();
      found = take("::=");
    }
    at = start;
    return found;
  }

  private Form alternatives() {
    if (++depth > DEEPEST) {
      throw wrong(at, "groups within groups", "at most " + DEEPEST + " of them");
    }
    List<Form> found = new ArrayList<>();
    do {
      found.add(sequence());
    } while (take("|"));
    depth--;
    return found.size() == 1 ? found.getFirst() : new Form.Alt(found);
  }

  private Form sequence() {
    List<Form> parts = new ArrayList<>();
    space();
    while (more() && codes[at] != '|' && codes[at] != ')' && !startsRule()) {
      Form one = one();
      space();
      while (more() && "*+?{".indexOf(codes[at]) >= 0) {
        one = repeated(one);
        space();
      }
      parts.add(one);
    }
    return parts.size() == 1 ? parts.getFirst() : new Form.Seq(parts);
  }

  private Form repeated(Form form) {
    int code = codes[at++];
    return switch (code) {
      case '*' -> Form.star(form);
      case '+' -> new Form.Repeat(form, 1, Form.ENDLESS);
      case '?' -> Form.maybe(form);
      default -> counted(form);
    };
  }

  private Form counted(Form form) {
    int start = at;
    int least = number(0);
    int most = least;
    if (take(",")) {
      most = number(Form.ENDLESS);
    }
    space();
    if (!take("}") || most < least) {
      throw wrong(start, shown(), "{n}, {n,}, {,m} or {n,m} with n at most m");
    }
    return new Form.Repeat(form, least, most);
  }

  private int number(int otherwise) {
    space();
    int start = at;
    int number = 0;
    while (more() && codes[at] >= '0' && codes[at] <= '9') {
      number = number * 10 + codes[at++] - '0';
      if (number > MOST_TIMES) {
        throw wrong(start, "more than " + MOST_TIMES + " times", "fewer");
      }
    }
    int found = at == start ? otherwise : number;
    space();
    return found;
  }

  private Form one() {
    int start = at;
    if (take("\"")) {
      return literal(start);
    }
    if (take("[")) {
      RegexClass set = new RegexClass(codes, at);
      CharSet found = set.bracket(this::wrong);
      at = set.at();
      return new Form.Chars(found);
    }
    if (take("(")) {
      Form form = alternatives();
      if (!take(")")) {
        throw wrong(at, shown(), "\")\" for the \"(\" of " + where(start));
      }
      return form;
    }
    if (take(".")) {
      return new Form.Chars(CharSet.ALL);
    }
    String name =
        name()
            .orElseThrow(() -> wrong(at, shown(), "\"…\", […], (…), \".\" or the name of a rule"));
    mentions.putIfAbsent(name, start);
    return new Form.Call(rule(name));
  }

  private String where(int place) {
    return wrong(place, "", "").getMessage().replaceFirst("grammar, (.*): .*", "$1");
  }

  private Form literal(int start) {
    StringBuilder text = new StringBuilder();
    while (!take("\"")) {
      if (!more() || codes[at] == '\n') {
        throw wrong(start, "a text without end", "\"");
      }
      int code = codes[at++];
      text.appendCodePoint(code == '\\' ? escaped() : code);
    }
    return Form.text(text.toString());
  }

  private int escaped() {
    int start = at;
    int code = more() ? codes[at++] : -1;
    return switch (code) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case '"', '\\', '\'', '[', ']', '/' -> code;
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'U' -> hex(8);
      default ->
          throw wrong(start, shown(), "\\n, \\t, \\r, \\\", \\\\, \\xHH, \\uHHHH or \\UHHHHHHHH");
    };
  }

  private int hex(int digits) {
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = more() ? Character.digit(codes[at], 16) : -1;
      if (digit < 0) {
        throw wrong(at, shown(), digits + " hexadecimal digits");
      }
      value = value * 16 + digit;
      at++;
    }
    if (value > Character.MAX_CODE_POINT || value >= 0xD800 && value < 0xE000) {
      throw wrong(at, "no character", "a code point that is no surrogate");
    }
    return (int) value;
  }
}

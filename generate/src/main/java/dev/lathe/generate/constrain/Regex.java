package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads regular expressions: what ECMAScript, Python and Java have in common, and of that only what
 * is regular. Where they differ, such as in {@code .} and {@code \s}, what all of them match.
 */
final class Regex {
  private static final int LONGEST = 16_384;
  private static final int DEEPEST = 200;
  private static final int MOST_TIMES = 20_000;

  private final String source;
  private final int[] codes;
  private int at;
  private int depth;

  private Regex(String source) {
    this.source = source;
    this.codes = source.codePoints().toArray();
  }

  /**
   * The form of an expression.
   *
   * @throws LatheException BAD_CONSTRAINT saying where it is none, or not regular
   */
  static Form parse(String source) {
    if (source.length() > LONGEST) {
      throw new LatheException(
          GenerateError.CONSTRAINT_TOO_LARGE,
          "regular expression: "
              + source.length()
              + " characters (expected: at most "
              + LONGEST
              + ")");
    }
    Regex regex = new Regex(source);
    Form form = regex.alternatives();
    if (regex.at < regex.codes.length) {
      throw regex.wrong("\")\" without \"(\"", "a group's end after its start");
    }
    return form;
  }

  private LatheException wrong(String found, String expected) {
    String shown = source.length() > 80 ? source.substring(0, 80) + "…" : source;
    return new LatheException(
        GenerateError.BAD_CONSTRAINT,
        "regular expression \""
            + shown
            + "\", character "
            + at
            + ": "
            + found
            + " (expected: "
            + expected
            + ")");
  }

  private boolean more() {
    return at < codes.length;
  }

  private boolean next(int code) {
    return at < codes.length && codes[at] == code;
  }

  private boolean take(int code) {
    if (next(code)) {
      at++;
      return true;
    }
    return false;
  }

  private Form alternatives() {
    if (++depth > DEEPEST) {
      throw wrong("groups within groups", "at most " + DEEPEST + " of them");
    }
    List<Form> forms = new ArrayList<>();
    do {
      forms.add(sequence());
    } while (take('|'));
    depth--;
    return forms.size() == 1 ? forms.getFirst() : new Form.Alt(forms);
  }

  private Form sequence() {
    List<Form> forms = new ArrayList<>();
    while (more() && codes[at] != '|' && codes[at] != ')') {
      forms.add(repeated(one()));
    }
    return forms.size() == 1 ? forms.getFirst() : new Form.Seq(forms);
  }

  private Form repeated(Form form) {
    int start = at;
    Form.Repeat times = times();
    if (times == null) {
      return form;
    }
    if (form instanceof Form.Start || form instanceof Form.End) {
      throw wrongAt(
          start, "a repeated anchor", "a character, a class or a group before a repetition");
    }
    if (take('+')) {
      throw wrong("a possessive repetition", "a greedy or lazy one");
    }
    take('?');
    if (more() && (codes[at] == '*' || codes[at] == '+' || codes[at] == '?')) {
      throw wrong("a repetition of a repetition", "a group around it");
    }
    return new Form.Repeat(form, times.least(), times.most());
  }

  private Form.@org.jspecify.annotations.Nullable Repeat times() {
    if (take('*')) {
      return new Form.Repeat(Form.EMPTY, 0, Form.ENDLESS);
    }
    if (take('+')) {
      return new Form.Repeat(Form.EMPTY, 1, Form.ENDLESS);
    }
    if (take('?')) {
      return new Form.Repeat(Form.EMPTY, 0, 1);
    }
    int start = at;
    if (take('{')) {
      int least = number();
      int most = least;
      if (least >= 0 && take(',')) {
        most = next('}') ? Form.ENDLESS : number();
      }
      if (least >= 0 && most >= 0 && take('}')) {
        if (most < least) {
          throw wrong(least + " to " + most + " times", "the least before the most");
        }
        return new Form.Repeat(Form.EMPTY, least, most);
      }
      at = start;
    }
    return null;
  }

  /** A number; -1 if there is none. */
  private int number() {
    int start = at;
    int number = 0;
    while (more() && codes[at] >= '0' && codes[at] <= '9') {
      number = number * 10 + codes[at++] - '0';
      if (number > MOST_TIMES) {
        throw wrongAt(start, "more than " + MOST_TIMES + " times", "fewer");
      }
    }
    return at == start ? -1 : number;
  }

  private Form one() {
    int code = codes[at];
    switch (code) {
      case '(' -> {
        return group();
      }
      case '[' -> {
        RegexClass set = new RegexClass(codes, at + 1);
        CharSet found = set.bracket(this::wrongAt);
        at = set.at();
        return new Form.Chars(found);
      }
      case '.' -> {
        at++;
        return new Form.Chars(RegexClass.NO_LINE_END);
      }
      case '^' -> {
        at++;
        return new Form.Start();
      }
      case '$' -> {
        at++;
        return new Form.End();
      }
      case '*', '+', '?' -> throw wrong("nothing to repeat", "a character, a class or a group");
      case '\\' -> {
        RegexClass set = new RegexClass(codes, at + 1);
        CharSet found = set.escape(this::wrongAt, RegexClass.Where.OUTSIDE);
        at = set.at();
        return new Form.Chars(found);
      }
      default -> {
        at++;
        return new Form.Chars(CharSet.one(code));
      }
    }
  }

  private LatheException wrongAt(int place, String found, String expected) {
    at = place;
    return wrong(found, expected);
  }

  private Form group() {
    at++;
    if (take('?')) {
      boolean named =
          take('P') && next('<') || next('<') && at + 1 < codes.length && letter(at + 1);
      if (named) {
        while (more() && codes[at] != '>') {
          at++;
        }
        at++;
      } else if (!take(':')) {
        throw wrong(
            "\"(?" + (more() ? Character.toString(codes[at]) : "") + "\"",
            "a plain group, \"(?:\" or \"(?<name>\"; look-around, flags and conditions are not"
                + " supported");
      }
    }
    Form form = alternatives();
    if (!take(')')) {
      throw wrong("the end", "\")\"");
    }
    return form;
  }

  private boolean letter(int place) {
    return Character.isLetter(codes[place]) || codes[place] == '_';
  }
}

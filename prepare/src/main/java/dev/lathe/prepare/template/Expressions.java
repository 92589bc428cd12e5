package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Expr.Passed;
import dev.lathe.prepare.template.Word.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, with Jinja2's precedence. */
final class Expressions {
  private static final Set<String> COMPARING = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> ADDING = Set.of("+", "-");
  private static final Set<String> MULTIPLYING = Set.of("*", "/", "//", "%");

  private final Words words;

  Expressions(Words words) {
    this.words = words;
  }

  Expr expression() {
    words.enter();
    Expr first = either();
    while (words.skipName("if")) {
      Expr test = either();
      first = new Expr.Choice(test, first, words.skipName("else") ? expression() : null);
    }
    words.leave();
    return first;
  }

  /** An expression without a trailing condition. */
  Expr either() {
    Expr left = both();
    while (words.skipName("or")) {
      left = new Expr.Either(left, both());
    }
    return left;
  }

  private Expr both() {
    Expr left = not();
    while (words.skipName("and")) {
      left = new Expr.Both(left, not());
    }
    return left;
  }

  private Expr not() {
    if (words.skipName("not")) {
      words.enter();
      Expr value = new Expr.Unary("not", not());
      words.leave();
      return value;
    }
    return compared();
  }

  private Expr compared() {
    Expr first = sum();
    List<String> signs = new ArrayList<>();
    List<Expr> others = new ArrayList<>();
    while (true) {
      Word word = words.now();
      if (word.kind() == Kind.SIGN && COMPARING.contains(word.text())) {
        words.take();
        signs.add(word.text());
      } else if (words.skipName("in")) {
        signs.add("in");
      } else if (word.named("not") && words.later().named("in")) {
        words.take();
        words.take();
        signs.add("not in");
      } else {
        return signs.isEmpty() ? first : new Expr.Compared(first, signs, others);
      }
      others.add(sum());
    }
  }

  private boolean at(Set<String> signs) {
    return words.now().kind() == Kind.SIGN && signs.contains(words.now().text());
  }

  private Expr sum() {
    Expr left = joined();
    while (at(ADDING)) {
      left = new Expr.Binary(words.take().text(), left, joined());
    }
    return left;
  }

  private Expr joined() {
    Expr first = product();
    if (!words.now().is("~")) {
      return first;
    }
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (words.skip("~")) {
      parts.add(product());
    }
    return new Expr.Joined(parts);
  }

  private Expr product() {
    Expr left = power();
    while (at(MULTIPLYING)) {
      left = new Expr.Binary(words.take().text(), left, power());
    }
    return left;
  }

  private Expr power() {
    Expr left = signed(true);
    while (words.skip("**")) {
      left = new Expr.Binary("**", left, signed(true));
    }
    return left;
  }

  private Expr signed(boolean filters) {
    words.enter();
    Expr value;
    if (words.skip("-")) {
      value = new Expr.Unary("-", signed(false));
    } else if (words.skip("+")) {
      value = new Expr.Unary("+", signed(false));
    } else {
      value = primary();
    }
    value = postfix(value);
    value = filters ? filtered(value) : value;
    words.leave();
    return value;
  }

  private Expr primary() {
    Word word = words.now();
    switch (word.kind()) {
      case NAME -> {
        words.take();
        return switch (word.text()) {
          case "true", "True" -> new Expr.Constant(true);
          case "false", "False" -> new Expr.Constant(false);
          case "none", "None" -> new Expr.Constant(null);
          default -> new Expr.Name(word.text());
        };
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (words.now().kind() == Kind.STRING) {
          text.append(words.take().text());
        }
        return new Expr.Constant(text.toString());
      }
      case NUMBER -> {
        return new Expr.Constant(words.take().number());
      }
      default -> {
        return bracketed();
      }
    }
  }

  private Expr bracketed() {
    if (words.skip("(")) {
      Expr tuple = tuple(true, false);
      words.expect(")");
      return tuple;
    }
    if (words.skip("[")) {
      List<Expr> items = new ArrayList<>();
      while (!words.skip("]")) {
        items.add(expression());
        if (!words.now().is("]")) {
          words.expect(",");
        }
      }
      return new Expr.ListOf(items);
    }
    if (words.skip("{")) {
      List<Expr> keys = new ArrayList<>();
      List<Expr> values = new ArrayList<>();
      while (!words.skip("}")) {
        keys.add(expression());
        words.expect(":");
        values.add(expression());
        if (!words.now().is("}")) {
          words.expect(",");
        }
      }
      return new Expr.DictOf(keys, values);
    }
    throw words.unexpected("an expression");
  }

  /** Expressions with commas between them, or one alone. */
  Expr tuple(boolean mayBeEmpty, boolean withoutCondition) {
    List<Expr> items = new ArrayList<>();
    boolean tuple = false;
    while (!ends()) {
      items.add(withoutCondition ? either() : expression());
      if (!words.skip(",")) {
        break;
      }
      tuple = true;
    }
    if (!tuple && items.size() == 1) {
      return items.getFirst();
    }
    if (items.isEmpty() && !mayBeEmpty) {
      throw words.unexpected("an expression");
    }
    return new Expr.TupleOf(items);
  }

  private boolean ends() {
    Kind kind = words.now().kind();
    return kind == Kind.CLOSE_OUTPUT
        || kind == Kind.CLOSE_BLOCK
        || kind == Kind.END
        || words.now().is(")")
        || words.now().named("recursive");
  }

  private Expr postfix(Expr first) {
    Expr value = first;
    while (true) {
      if (words.skip(".")) {
        Word word = words.take();
        if (word.kind() == Kind.NAME) {
          value = new Expr.Attribute(value, word.text());
        } else if (word.number() instanceof Long place) {
          value = new Expr.Item(value, new Expr.Constant(place));
        } else {
          throw words.unexpected("a name after '.'");
        }
      } else if (words.skip("[")) {
        value = new Expr.Item(value, subscript());
      } else if (words.now().is("(")) {
        value = new Expr.CallOf(value, passed());
      } else {
        return value;
      }
    }
  }

  private Expr subscript() {
    List<Expr> keys = new ArrayList<>();
    while (!words.skip("]")) {
      keys.add(sliceOrKey());
      if (!words.now().is("]")) {
        words.expect(",");
      }
    }
    return keys.size() == 1 ? keys.getFirst() : new Expr.TupleOf(keys);
  }

  private Expr sliceOrKey() {
    Expr start = words.now().is(":") ? null : expression();
    if (start != null && !words.now().is(":")) {
      return start;
    }
    words.expect(":");
    Expr stop = bound();
    Expr step = words.skip(":") ? bound() : null;
    return new Expr.Slice(start, stop, step);
  }

  private @Nullable Expr bound() {
    Word word = words.now();
    return word.is(":") || word.is("]") || word.is(",") ? null : expression();
  }

  /** What stands in the brackets of a call. */
  private Passed passed() {
    words.expect("(");
    List<Expr> values = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Expr> named = new ArrayList<>();
    Expr spread = null;
    Expr spreadNamed = null;
    while (!words.skip(")")) {
      if (words.skip("*")) {
        spread = expression();
      } else if (words.skip("**")) {
        spreadNamed = expression();
      } else if (words.now().kind() == Kind.NAME && words.later().is("=")) {
        names.add(words.take().text());
        words.take();
        named.add(expression());
      } else if (names.isEmpty() && spread == null && spreadNamed == null) {
        values.add(expression());
      } else {
        throw words.unexpected("a value by name");
      }
      if (!words.now().is(")")) {
        words.expect(",");
      }
    }
    return new Passed(values, names, named, spread, spreadNamed);
  }

  private Expr filtered(Expr first) {
    Expr value = first;
    while (true) {
      if (words.skip("|")) {
        value = filter(value);
      } else if (words.skipName("is")) {
        value = test(value);
      } else if (words.now().is("(")) {
        value = new Expr.CallOf(value, passed());
      } else {
        return value;
      }
    }
  }

  /** A filter whose bar was read. */
  Expr.Filter filter(@Nullable Expr value) {
    String name = words.expect(Kind.NAME).text();
    return new Expr.Filter(value, name, words.now().is("(") ? passed() : Passed.NOTHING);
  }

  private Expr test(Expr value) {
    boolean negated = words.skipName("not");
    String name = words.expect(Kind.NAME).text();
    Passed passed = Passed.NOTHING;
    Word word = words.now();
    if (word.is("(")) {
      passed = passed();
    } else if (startsArgument(word)) {
      if (word.named("is")) {
        throw words.unexpected("no second 'is'");
      }
      passed = new Passed(List.of(postfix(primary())), List.of(), List.of(), null, null);
    }
    Expr test = new Expr.Test(value, name, passed);
    return negated ? new Expr.Unary("not", test) : test;
  }

  private static boolean startsArgument(Word word) {
    return switch (word.kind()) {
      case STRING, NUMBER -> true;
      case NAME -> !Set.of("else", "or", "and").contains(word.text());
      default -> word.is("[") || word.is("{");
    };
  }
}

package dev.lathe.prepare.template;

import java.util.List;
import java.util.Random;

/** A template drawn by a seed: expressions of matching types in blocks of all kinds. */
final class DrawnTemplate {
  private static final List<String> BLANKS = List.of("", "", " ", "\n", "  \n", "\n  ", "x");
  private static final List<String> OPEN = List.of("{%", "{%", "{%-", "{%+");
  private static final List<String> CLOSE = List.of("%}", "%}", "-%}", "+%}");

  private final Random random;
  private int left = 24;

  DrawnTemplate(long seed) {
    random = new Random(seed);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      text.append(one(BLANKS)).append(statement(2));
    }
    return text.append(one(BLANKS)).toString();
  }

  private String tag(String inside) {
    return one(OPEN) + " " + inside + " " + one(CLOSE);
  }

  private String body(int depth) {
    return one(BLANKS) + statement(depth - 1) + one(BLANKS);
  }

  private String statement(int depth) {
    return switch (depth <= 0 ? 0 : random.nextInt(8)) {
      case 1 -> tag("if " + bool(2)) + body(depth) + tag("else") + body(depth) + tag("endif");
      case 2 -> tag("for x in " + list(2)) + "{{ x }}" + body(depth) + tag("endfor");
      case 3 -> tag("set t = " + number(2)) + "{{ t }}" + body(depth);
      case 4 ->
          tag("for y in " + list(2) + " if " + bool(1))
              + "{{ loop.index }}"
              + body(depth)
              + tag("else")
              + body(depth)
              + tag("endfor");
      case 5 -> tag("set v") + body(depth) + tag("endset") + "{{ v }}";
      case 6 ->
          tag("macro g(a, b=" + number(1) + ")")
              + "{{ a }}{{ b }}"
              + body(depth)
              + tag("endmacro")
              + "{{ g("
              + text(1)
              + ") }}";
      default -> one(List.of("{{ ", "{{- ")) + any() + one(List.of(" }}", " -}}"));
    };
  }

  private String any() {
    return switch (random.nextInt(5)) {
      case 0 -> number(3);
      case 1 -> list(3);
      case 2 -> bool(3);
      case 3 -> one(List.of("d", "ms", "nil", "nothing", "d | tojson", "ms | tojson(indent=2)"));
      default -> text(3);
    };
  }

  private boolean flat(int depth) {
    return depth <= 0 || left-- <= 0;
  }

  private String number(int depth) {
    if (flat(depth)) {
      return one(List.of("n", "m", "1", "2", "0", "10", "f", "1.5"));
    }
    int down = depth - 1;
    return switch (random.nextInt(10)) {
      case 0 -> "(" + number(down) + one(List.of(" + ", " - ", " * ")) + number(down) + ")";
      case 1 ->
          "("
              + number(down)
              + one(List.of(" // ", " % ", " / "))
              + one(List.of("3", "-2", "2.5"))
              + ")";
      case 2 -> text(down) + " | length";
      case 3 -> "(" + list(down) + " | length)";
      case 4 -> "(-" + number(down) + ")";
      case 5 -> "(" + number(down) + " if " + bool(down) + " else " + number(down) + ")";
      case 6 -> "(" + number(down) + " | " + one(List.of("int", "abs", "float", "round(1)")) + ")";
      case 7 -> "(" + text(down) + ").find(" + text(0) + ")";
      case 8 ->
          "["
              + number(down)
              + ", "
              + number(down)
              + "] | "
              + one(List.of("max", "min", "sum", "first", "last"));
      default -> "(" + text(down) + ").count('l')";
    };
  }

  private String text(int depth) {
    if (flat(depth)) {
      return one(
          List.of(
              "s", "w", "e", "'a'", "'b-c d'", "''", "ms[1].role", "ms[0]['content']", "d.c.k"));
    }
    int down = depth - 1;
    return switch (random.nextInt(9)) {
      case 0 -> "(" + text(down) + " + " + text(down) + ")";
      case 1 -> "(" + text(down) + " ~ " + any() + ")";
      case 2 ->
          "("
              + text(down)
              + " | "
              + one(
                  List.of(
                      "upper",
                      "trim",
                      "title",
                      "capitalize",
                      "replace('o', '0')",
                      "indent(2)",
                      "truncate(8)",
                      "string",
                      "lower",
                      "center(9)",
                      "default('u', true)",
                      "tojson",
                      "reverse",
                      "first",
                      "last"))
              + ")";
      case 3 ->
          "("
              + text(down)
              + ")."
              + one(
                  List.of(
                      "strip()",
                      "upper()",
                      "title()",
                      "lstrip('a H')",
                      "rstrip('d\\n')",
                      "replace('l', 'LL')",
                      "capitalize()",
                      "swapcase()",
                      "zfill(6)",
                      "center(8, '*')",
                      "split('o')[0]",
                      "removeprefix('He')",
                      "rjust(7)"));
      case 4 -> "(" + text(down) + ")[" + slice() + "]";
      case 5 -> "(" + list(down) + " | join(" + text(0) + "))";
      case 6 -> "'%s|%r' % (" + any() + ", " + text(down) + ")";
      case 7 -> "'{}-{:>4}'.format(" + number(0) + ", " + text(0) + ")";
      default -> "(" + text(down) + " * " + random.nextInt(-1, 3) + ")";
    };
  }

  private String slice() {
    String bounds = bound() + ":" + bound();
    return random.nextBoolean() ? bounds : bounds + ":" + one(List.of("1", "2", "-1", "-3"));
  }

  private String bound() {
    return random.nextBoolean() ? "" : Integer.toString(random.nextInt(-6, 7));
  }

  private String list(int depth) {
    if (flat(depth)) {
      return one(List.of("xs", "ys", "zero", "[1, 'a', none]", "range(4)", "ms"));
    }
    int down = depth - 1;
    return switch (random.nextInt(8)) {
      case 0 -> "(" + list(down) + ")[" + slice() + "]";
      case 1 -> "(" + text(down) + ").split()";
      case 2 -> "[" + any() + ", " + any() + "]";
      case 3 ->
          "("
              + list(down)
              + " | "
              + one(
                  List.of(
                      "list",
                      "reverse | list",
                      "batch(2) | list",
                      "unique | list",
                      "map('string') | list",
                      "select('string') | list",
                      "reject('none') | list",
                      "map(attribute='role') | list",
                      "selectattr('role', 'eq', 'user') | list",
                      "slice(2) | list",
                      "map('tojson') | list"))
              + ")";
      case 4 -> "(" + one(List.of("xs", "ys")) + " | sort)";
      case 5 ->
          "range("
              + random.nextInt(6)
              + ", "
              + random.nextInt(6)
              + ", "
              + one(List.of("1", "2", "-1"))
              + ")";
      case 6 -> "(d | dictsort)";
      default -> "(" + list(down) + " | list + " + list(down) + " | list)";
    };
  }

  private String bool(int depth) {
    if (flat(depth)) {
      return one(
          List.of(
              "yes", "true", "false", "n > 3", "'o' in s", "nothing is defined", "x is defined"));
    }
    int down = depth - 1;
    return switch (random.nextInt(8)) {
      case 0 -> "(" + bool(down) + one(List.of(" and ", " or ")) + bool(down) + ")";
      case 1 -> "not " + bool(down);
      case 2 ->
          "("
              + number(down)
              + one(List.of(" < ", " <= ", " == ", " != ", " >= "))
              + number(down)
              + ")";
      case 3 ->
          "(" + text(down) + one(List.of(" < ", " == ", " in ", " not in ")) + text(down) + ")";
      case 4 -> "(" + any() + " in " + list(down) + ")";
      case 5 ->
          "("
              + any()
              + " is "
              + one(
                  List.of(
                      "string",
                      "number",
                      "none",
                      "mapping",
                      "iterable",
                      "sequence",
                      "defined",
                      "not none",
                      "integer",
                      "float",
                      "boolean",
                      "true"))
              + ")";
      case 6 -> "(" + text(down) + ").startswith(" + text(0) + ")";
      default -> "(" + list(down) + " == " + list(down) + ")";
    };
  }
}

package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Function;
import dev.lathe.prepare.template.Value.Loop;
import dev.lathe.prepare.template.Value.MacroValue;
import dev.lathe.prepare.template.Value.Once;
import dev.lathe.prepare.template.Value.Undefined;
import dev.lathe.prepare.template.Value.View;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be asked with {@code is}. */
final class Tests {
  private static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "true",
          "false",
          "boolean",
          "integer",
          "float",
          "number",
          "string",
          "mapping",
          "iterable",
          "sequence",
          "callable",
          "odd",
          "even",
          "divisibleby",
          "lower",
          "upper",
          "sameas",
          "escaped",
          "in",
          "filter",
          "test",
          "eq",
          "equalto",
          "==",
          "ne",
          "!=",
          "lt",
          "lessthan",
          "<",
          "le",
          "<=",
          "gt",
          "greaterthan",
          ">",
          "ge",
          ">=");

  private Tests() {}

  static boolean apply(String name, @Nullable Object value, Args args) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "boolean" -> value instanceof Boolean;
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "number" -> Numbers.isNumber(value);
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map<?, ?>;
      case "iterable" -> Items.iterable(value);
      case "sequence" ->
          Items.iterable(value)
              && !(value instanceof View)
              && !(value instanceof Once)
              && !(value instanceof Loop);
      case "callable" ->
          value instanceof Function
              || value instanceof MacroValue
              || value instanceof Loop
              || value instanceof Undefined;
      case "odd" -> rest(value, 2L) == 1;
      case "even" -> rest(value, 2L) == 0;
      case "divisibleby" -> rest(value, args.bind("num").need("num")) == 0;
      case "lower" -> TextMethods.isLower(Texts.str(value));
      case "upper" -> TextMethods.isUpper(Texts.str(value));
      case "escaped" -> false;
      case "filter" -> value instanceof String wanted && Filters.has(wanted);
      case "test" -> value instanceof String wanted && NAMES.contains(wanted);
      default -> compared(name, value, args);
    };
  }

  private static boolean compared(String name, @Nullable Object value, Args args) {
    String sign =
        switch (name) {
          case "eq", "equalto", "==" -> "==";
          case "ne", "!=" -> "!=";
          case "lt", "lessthan", "<" -> "<";
          case "le", "<=" -> "<=";
          case "gt", "greaterthan", ">" -> ">";
          case "ge", ">=" -> ">=";
          case "in" -> "in";
          case "sameas" -> "is";
          default -> throw new Fault("No test named '" + name + "'.");
        };
    Object other = args.bind("other").need("other");
    return sign.equals("is") ? same(value, other) : Order.compared(sign, value, other);
  }

  /** Small values that are equal are one object in Python. */
  private static boolean same(@Nullable Object value, @Nullable Object other) {
    boolean plain =
        value == null
            || value instanceof Boolean
            || value instanceof Long
            || value instanceof String;
    return plain ? java.util.Objects.equals(value, other) : value == other;
  }

  private static double rest(@Nullable Object value, @Nullable Object by) {
    Object rest =
        new Numbers(new Budget()).apply("%", Numbers.isNumber(value) ? value : fail(value), by);
    return Numbers.real(rest);
  }

  private static Object fail(@Nullable Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    throw new Fault("'" + Texts.type(value) + "' is no number");
  }
}

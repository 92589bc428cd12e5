package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Filters that make numbers. */
final class NumberFilters {
  private static final int MOST_DIGITS = 300;

  private NumberFilters() {}

  static Object absolute(@Nullable Object value) {
    return value instanceof Double number
        ? (Object) Math.abs(number)
        : Math.abs(Numbers.whole(value));
  }

  static @Nullable Object whole(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("default", "base");
    Object otherwise = bound.get("default", 0L);
    return switch (value) {
      case Long number -> number;
      case Boolean truth -> Numbers.whole(truth);
      case Double number -> truncated(number, otherwise);
      case String text -> parsed(text, (int) bound.number("base", 10), otherwise);
      case Undefined undefined -> throw undefined.fault();
      case null, default -> otherwise;
    };
  }

  private static @Nullable Object truncated(double number, @Nullable Object otherwise) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return otherwise;
    }
    if (Math.abs(number) >= Long.MAX_VALUE) {
      throw new Fault("a number beyond 64 bits");
    }
    return (long) number;
  }

  private static @Nullable Object parsed(String text, int base, @Nullable Object otherwise) {
    String digits = TextMethods.strip(text, null, 3);
    String bare = digits.matches("[+-]?\\w+(_\\w+)*") ? digits.replace("_", "") : digits;
    boolean negative = bare.startsWith("-");
    String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "\0";
    String unsigned = bare.startsWith("+") || negative ? bare.substring(1) : bare;
    if (unsigned.regionMatches(true, 0, prefix, 0, prefix.length())) {
      bare = (negative ? "-" : "") + unsigned.substring(prefix.length());
    }
    try {
      return Long.valueOf(bare, base);
    } catch (NumberFormatException e) {
      Double real = real(text);
      return real == null ? otherwise : truncated(real, otherwise);
    }
  }

  static @Nullable Object real(@Nullable Object value, Args args) {
    Object otherwise = args.bind("default").get("default", 0.0);
    return switch (value) {
      case Long number -> number.doubleValue();
      case Boolean truth -> (double) Numbers.whole(truth);
      case Double number -> number;
      case String text -> {
        Double real = real(text);
        yield real == null ? otherwise : real;
      }
      case Undefined undefined -> throw undefined.fault();
      case null, default -> otherwise;
    };
  }

  private static @Nullable Double real(String text) {
    String digits = TextMethods.strip(text, null, 3).replaceAll("(?<=\\d)_(?=\\d)", "");
    if (digits.matches("(?i)[+-]?(inf|infinity)")) {
      return digits.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (digits.matches("(?i)[+-]?nan")) {
      return Double.NaN;
    }
    return digits.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")
        ? Double.valueOf(digits)
        : null;
  }

  static Object round(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("precision", "method");
    int precision = Math.clamp(bound.number("precision", 0), -MOST_DIGITS, MOST_DIGITS);
    String method = bound.text("method", "common");
    double scale = Math.pow(10, precision);
    return switch (method) {
      case "common" -> common(value, precision);
      case "ceil" -> scaled(Math.ceil(Numbers.real(value) * scale) / scale);
      case "floor" -> scaled(Math.floor(Numbers.real(value) * scale) / scale);
      default -> throw new Fault("method must be common, ceil or floor");
    };
  }

  private static Object scaled(double number) {
    return number;
  }

  private static Object common(@Nullable Object value, int precision) {
    if (value instanceof Double number) {
      if (Double.isNaN(number) || Double.isInfinite(number)) {
        return number;
      }
      return new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
    }
    return BigDecimal.valueOf(Numbers.whole(value))
        .setScale(Math.min(0, precision), RoundingMode.HALF_EVEN)
        .longValue();
  }
}

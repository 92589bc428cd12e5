package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arithmetic as Python does it, on whole numbers of 64 bits. */
final class Numbers {
  private static final int SMALLEST_PLAIN = -4;
  private static final int LARGEST_PLAIN = 16;

  private final Budget budget;

  Numbers(Budget budget) {
    this.budget = budget;
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static boolean isWhole(@Nullable Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static long whole(@Nullable Object value) {
    return value instanceof Boolean truth ? (truth ? 1 : 0) : (Long) require(value);
  }

  private static Object require(@Nullable Object value) {
    if (value instanceof Long) {
      return value;
    }
    throw new Fault("'" + Texts.type(value) + "' object cannot be interpreted as an integer");
  }

  static double real(@Nullable Object value) {
    return value instanceof Double number ? number : whole(value);
  }

  /** A number as Python's {@code repr} writes it. */
  static String text(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    if (number == 0) {
      return 1 / number < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= SMALLEST_PLAIN && exponent < LARGEST_PLAIN) {
      String plain = exact.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = exact.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    String sign = number < 0 ? "-" : "";
    String size = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
    return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + size;
  }

  @Nullable Object negative(@Nullable Object value) {
    if (value instanceof Double number) {
      return -number;
    }
    if (isWhole(value)) {
      return exact(() -> Math.negateExact(whole(value)));
    }
    throw value instanceof Undefined undefined
        ? undefined.fault()
        : new Fault("bad operand type for unary -: '" + Texts.type(value) + "'");
  }

  @Nullable Object positive(@Nullable Object value) {
    if (value instanceof Double) {
      return value;
    }
    if (isWhole(value)) {
      return whole(value);
    }
    throw value instanceof Undefined undefined
        ? undefined.fault()
        : new Fault("bad operand type for unary +: '" + Texts.type(value) + "'");
  }

  @Nullable Object apply(String sign, @Nullable Object left, @Nullable Object right) {
    if (left instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (sign.equals("%") && left instanceof String form) {
      String text = Printf.format(form, right);
      budget.size(text.length());
      return text;
    }
    if (right instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (isNumber(left) && isNumber(right)) {
      return isWhole(left) && isWhole(right)
          ? whole(sign, whole(left), whole(right))
          : real(sign, real(left), real(right));
    }
    Object other =
        sign.equals("+") ? sum(left, right) : sign.equals("*") ? times(left, right) : null;
    if (other == null) {
      throw new Fault(
          "unsupported operand type(s) for "
              + sign
              + ": '"
              + Texts.type(left)
              + "' and '"
              + Texts.type(right)
              + "'");
    }
    return other;
  }

  private Object whole(String sign, long left, long right) {
    return switch (sign) {
      case "+" -> exact(() -> Math.addExact(left, right));
      case "-" -> exact(() -> Math.subtractExact(left, right));
      case "*" -> exact(() -> Math.multiplyExact(left, right));
      case "/" -> (double) left / nonzero(right);
      case "//" -> Math.floorDiv(left, nonzero(right));
      case "%" -> Math.floorMod(left, nonzero(right));
      default -> {
        if (right < 0) {
          yield Math.pow(nonzero(left), right);
        }
        if (right > Long.SIZE && Math.abs(left) > 1) {
          throw new Fault("a number beyond 64 bits");
        }
        int exponent = (int) (right > Long.SIZE ? right % 2 + 2 : right);
        yield exact(() -> BigInteger.valueOf(left).pow(exponent).longValueExact());
      }
    };
  }

  private static long nonzero(long number) {
    if (number == 0) {
      throw new Fault("division by zero");
    }
    return number;
  }

  private static Object real(String sign, double left, double right) {
    if (right == 0 && (sign.equals("/") || sign.equals("//") || sign.equals("%"))) {
      throw new Fault("division by zero");
    }
    return switch (sign) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> {
        double rest = left % right;
        if (rest == 0) {
          yield Math.copySign(0.0, right);
        }
        yield (rest < 0) != (right < 0) ? rest + right : rest;
      }
      default -> Math.pow(left, right);
    };
  }

  private static Object exact(java.util.function.LongSupplier compute) {
    try {
      return compute.getAsLong();
    } catch (ArithmeticException e) {
      throw new Fault("a number beyond 64 bits");
    }
  }

  private @Nullable Object sum(@Nullable Object left, @Nullable Object right) {
    if (left instanceof String first && right instanceof String second) {
      budget.size((long) first.length() + second.length());
      return first + second;
    }
    if (left instanceof List<?> first && right instanceof List<?> second) {
      return joined(first, second);
    }
    if (left instanceof Tuple first && right instanceof Tuple second) {
      return new Tuple(joined(first.items(), second.items()));
    }
    return null;
  }

  private List<@Nullable Object> joined(List<?> first, List<?> second) {
    budget.size((long) first.size() + second.size());
    List<@Nullable Object> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private @Nullable Object times(@Nullable Object left, @Nullable Object right) {
    if (isWhole(left) && !isWhole(right)) {
      return times(right, left);
    }
    if (!isWhole(right)) {
      return null;
    }
    long count = Math.max(0, whole(right));
    return switch (left) {
      case String text -> {
        budget.size(product(text.length(), count));
        yield text.repeat((int) (text.isEmpty() ? 0 : count));
      }
      case List<?> list -> repeated(list, count);
      case Tuple tuple -> new Tuple(repeated(tuple.items(), count));
      case null, default -> null;
    };
  }

  private List<@Nullable Object> repeated(List<?> list, long count) {
    budget.size(product(list.size(), count));
    List<@Nullable Object> all = new ArrayList<>();
    for (long i = 0; i < count && !list.isEmpty(); i++) {
      all.addAll(list);
    }
    return all;
  }

  private static long product(long size, long count) {
    return size == 0 ? 0 : count > Budget.LARGEST ? Long.MAX_VALUE : size * count;
  }
}

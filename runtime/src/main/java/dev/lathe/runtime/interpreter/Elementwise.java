package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.runtime.RuntimeError;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Operators that compute each element from the elements at its place, with broadcasting. */
final class Elementwise {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Abs", both(Math::abs, Math::abs)),
          entry("Neg", both(x -> -x, x -> -x)),
          entry("Sign", both(Math::signum, Long::signum)),
          entry("Ceil", real(Math::ceil)),
          entry("Floor", real(Math::floor)),
          entry("Round", real(Math::rint)),
          entry("Sqrt", real(Math::sqrt)),
          entry("Exp", real(Math::exp)),
          entry("Log", real(Math::log)),
          entry("Reciprocal", real(x -> 1 / x)),
          entry("Erf", real(ErrorFunction::erf)),
          entry("Sin", real(Math::sin)),
          entry("Cos", real(Math::cos)),
          entry("Tan", real(Math::tan)),
          entry("Asin", real(Math::asin)),
          entry("Acos", real(Math::acos)),
          entry("Atan", real(Math::atan)),
          entry("Sinh", real(Math::sinh)),
          entry("Cosh", real(Math::cosh)),
          entry("Tanh", real(Math::tanh)),
          entry("Asinh", real(x -> Math.copySign(Math.log(Math.abs(x) + Math.hypot(x, 1)), x))),
          entry("Acosh", real(Elementwise::acosh)),
          entry("Atanh", real(x -> (Math.log1p(x) - Math.log1p(-x)) / 2)),
          entry("IsNaN", test(Double::isNaN)),
          entry("IsInf", one(Elementwise::isInf)),
          entry("Add", arithmetic(Double::sum, Long::sum)),
          entry("Sub", arithmetic((a, b) -> a - b, (a, b) -> a - b)),
          entry("Mul", arithmetic((a, b) -> a * b, (a, b) -> a * b)),
          entry("Div", one(Elementwise::div)),
          entry("Mod", one(Elementwise::mod)),
          entry("Pow", one(Elementwise::pow)),
          entry("Sum", one(call -> fold(call, Double::sum, Long::sum))),
          entry("Mean", one(Elementwise::mean)),
          entry("Max", one(call -> fold(call, Math::max, larger(call)))),
          entry("Min", one(call -> fold(call, Math::min, smaller(call)))),
          entry("Equal", one(Elementwise::equal)),
          entry("Greater", compare(order -> order > 0)),
          entry("GreaterOrEqual", compare(order -> order >= 0)),
          entry("Less", compare(order -> order < 0)),
          entry("LessOrEqual", compare(order -> order <= 0)),
          entry("And", logic((a, b) -> a & b)),
          entry("Or", logic((a, b) -> a | b)),
          entry("Xor", logic((a, b) -> a ^ b)),
          entry("Not", one(call -> integers(call, call.in(0), x -> x ^ 1))),
          entry("BitwiseAnd", arithmetic(Elementwise::noReal, (a, b) -> a & b)),
          entry("BitwiseOr", arithmetic(Elementwise::noReal, (a, b) -> a | b)),
          entry("BitwiseXor", arithmetic(Elementwise::noReal, (a, b) -> a ^ b)),
          entry("BitwiseNot", one(call -> integers(call, call.in(0), x -> ~x))),
          entry("BitShift", one(Elementwise::bitShift)),
          entry("Where", one(Elementwise::where)));

  /** How two numbers stand; unlike Integer, NaN stands in no order to anything. */
  private static final int UNORDERED = Integer.MIN_VALUE;

  private Elementwise() {}

  private static double acosh(double x) {
    return Math.log(x + Math.sqrt(x * x - 1));
  }

  static Kernel real(DoubleUnaryOperator function) {
    return one(call -> map(call.reals(0), function));
  }

  static Array map(Array.Reals input, DoubleUnaryOperator function) {
    double[] values = new double[input.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = function.applyAsDouble(input.values()[i]);
    }
    return new Array.Reals(input.type(), input.dims(), values);
  }

  static Kernel both(DoubleUnaryOperator reals, LongUnaryOperator integers) {
    return one(
        call ->
            call.in(0) instanceof Array.Reals input
                ? map(input, reals)
                : integers(call, call.in(0), integers));
  }

  private static Array integers(Call call, Array array, LongUnaryOperator function) {
    if (!(array instanceof Array.Integers input)) {
      throw call.bad(array.type() + " (expected: an integer type or BOOL)");
    }
    long[] values = new long[input.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Words.wrap(input.type(), function.applyAsLong(input.values()[i]));
    }
    return new Array.Integers(input.type(), input.dims(), values);
  }

  private interface RealTest {
    boolean holds(double value);
  }

  private static Kernel test(RealTest test) {
    return one(call -> test(call.reals(0), test));
  }

  private static Array test(Array.Reals input, RealTest test) {
    long[] values = new long[input.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = test.holds(input.values()[i]) ? 1 : 0;
    }
    return new Array.Integers(ElementType.BOOL, input.dims(), values);
  }

  private static Array isInf(Call call) {
    boolean positive = call.number("detect_positive", 1) != 0;
    boolean negative = call.number("detect_negative", 1) != 0;
    return test(call.reals(0), x -> Double.isInfinite(x) && (x > 0 ? positive : negative));
  }

  private static Kernel arithmetic(DoubleBinaryOperator reals, LongBinaryOperator integers) {
    return one(call -> combine(call, call.in(0), call.in(1), new Rule(reals, integers)));
  }

  /**
   * A rule for floating values and one for integers, whose result is wrapped.
   *
   * @param reals for floating values
   * @param integers for integers
   */
  private record Rule(DoubleBinaryOperator reals, LongBinaryOperator integers) {}

  private static Array combine(Call call, Array left, Array right, Rule rule) {
    if (left.type() != right.type()) {
      throw call.bad(left.type() + " and " + right.type() + " (expected: one type)");
    }
    int[] dims = Broadcast.shape(call, left, right);
    int[] a = Broadcast.places(left.dims(), dims);
    int[] b = Broadcast.places(right.dims(), dims);
    if (left instanceof Array.Reals x && right instanceof Array.Reals y) {
      double[] values = new double[a.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = rule.reals.applyAsDouble(x.values()[a[i]], y.values()[b[i]]);
      }
      return new Array.Reals(left.type(), dims, values);
    }
    if (left instanceof Array.Integers x && right instanceof Array.Integers y) {
      long[] values = new long[a.length];
      for (int i = 0; i < values.length; i++) {
        long value = rule.integers.applyAsLong(x.values()[a[i]], y.values()[b[i]]);
        values[i] = Words.wrap(left.type(), value);
      }
      return new Array.Integers(left.type(), dims, values);
    }
    throw call.bad(left.type() + " (expected: numbers)");
  }

  private static double noReal(double a, double b) {
    throw new LatheException(
        RuntimeError.WRONG_TYPE, a + " and " + b + " (expected: integers or BOOL)");
  }

  private static Array fold(Call call, DoubleBinaryOperator reals, LongBinaryOperator integers) {
    Array folded = call.in(0);
    for (int i = 1; i < call.inputs().size(); i++) {
      folded = combine(call, folded, call.in(i), new Rule(reals, integers));
    }
    return folded;
  }

  private static LongBinaryOperator larger(Call call) {
    ElementType type = call.in(0).type();
    return (a, b) -> Words.compare(type, a, b) >= 0 ? a : b;
  }

  private static LongBinaryOperator smaller(Call call) {
    ElementType type = call.in(0).type();
    return (a, b) -> Words.compare(type, a, b) <= 0 ? a : b;
  }

  private static Array mean(Call call) {
    Array sum = fold(call, Double::sum, Long::sum);
    int count = call.inputs().size();
    return sum instanceof Array.Reals reals ? map(reals, x -> x / count) : sum;
  }

  /** Integers are divided towards zero. */
  private static Array div(Call call) {
    boolean unsigned = call.in(0).type() == ElementType.UINT64;
    LongBinaryOperator integers =
        (a, b) -> {
          requireNotZero(call, b);
          return unsigned ? Long.divideUnsigned(a, b) : a / b;
        };
    return combine(call, call.in(0), call.in(1), new Rule((a, b) -> a / b, integers));
  }

  /** With fmod the sign is the dividend's, as in C; without, the divisor's, integers only. */
  private static Array mod(Call call) {
    boolean fmod = call.flag("fmod");
    if (!fmod && call.in(0) instanceof Array.Reals) {
      throw call.bad("fmod = 0 for " + call.in(0).type() + " (expected: 1 for floating types)");
    }
    boolean unsigned = call.in(0).type() == ElementType.UINT64;
    LongBinaryOperator integers =
        (a, b) -> {
          requireNotZero(call, b);
          return unsigned ? Long.remainderUnsigned(a, b) : fmod ? a % b : Math.floorMod(a, b);
        };
    return combine(call, call.in(0), call.in(1), new Rule((a, b) -> a % b, integers));
  }

  private static void requireNotZero(Call call, long divisor) {
    if (divisor == 0) {
      throw call.bad("division of an integer by zero");
    }
  }

  /** The result has the base's type; the exponent may have any. */
  private static Array pow(Call call) {
    Array base = call.in(0);
    Array exponent = call.in(1);
    if (base instanceof Array.Integers && exponent instanceof Array.Integers) {
      Array same = Converting.cast(call, exponent, base.type());
      return combine(call, base, same, new Rule(Math::pow, Elementwise::power));
    }
    int[] dims = Broadcast.shape(call, base, exponent);
    int[] a = Broadcast.places(base.dims(), dims);
    int[] b = Broadcast.places(exponent.dims(), dims);
    double[] values = new double[a.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.pow(base.real(a[i]), exponent.real(b[i]));
    }
    Array powers = new Array.Reals(ElementType.DOUBLE, dims, values);
    return Converting.cast(call, powers, base.type());
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      return (long) Math.pow(base, exponent);
    }
    long result = 1;
    long square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      result *= (rest & 1) == 1 ? square : 1;
      square *= square;
    }
    return result;
  }

  private static Array equal(Call call) {
    Array left = call.in(0);
    Array right = call.in(1);
    if (left instanceof Array.Texts x && right instanceof Array.Texts y) {
      int[] dims = Broadcast.shape(call, left, right);
      int[] a = Broadcast.places(left.dims(), dims);
      int[] b = Broadcast.places(right.dims(), dims);
      long[] values = new long[a.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = x.values()[a[i]].equals(y.values()[b[i]]) ? 1 : 0;
      }
      return new Array.Integers(ElementType.BOOL, dims, values);
    }
    return compare(call, order -> order == 0);
  }

  private static Kernel compare(IntPredicate test) {
    return one(call -> compare(call, test));
  }

  private static Array compare(Call call, IntPredicate test) {
    ElementType type = call.in(0).type();
    Rule order =
        new Rule(
            (a, b) -> a < b ? -1 : a > b ? 1 : a == b ? 0 : UNORDERED,
            (a, b) -> Words.compare(type, a, b));
    // Orders of unsigned integers are negative, too, so the rule runs on values seen as INT64.
    Array left = call.in(0);
    Array right = call.in(1);
    if (left instanceof Array.Integers x && right instanceof Array.Integers y && type == y.type()) {
      left = new Array.Integers(ElementType.INT64, x.dims(), x.values());
      right = new Array.Integers(ElementType.INT64, y.dims(), y.values());
    }
    Array orders = combine(call, left, right, order);
    long[] values = new long[orders.size()];
    for (int i = 0; i < values.length; i++) {
      int found = (int) orders.real(i);
      values[i] = found != UNORDERED && test.test(found) ? 1 : 0;
    }
    return new Array.Integers(ElementType.BOOL, orders.dims(), values);
  }

  private static Kernel logic(LongBinaryOperator rule) {
    return one(
        call -> {
          if (call.in(0).type() != ElementType.BOOL) {
            throw call.bad(call.in(0).type() + " (expected: BOOL)");
          }
          return combine(call, call.in(0), call.in(1), new Rule(Elementwise::noReal, rule));
        });
  }

  private static Array bitShift(Call call) {
    boolean left = call.node().stringAttribute("direction", "").equals("LEFT");
    int bits = call.in(0).type().bits();
    LongBinaryOperator shift = (a, b) -> b >= bits || b < 0 ? 0 : left ? a << b : a >>> b;
    return combine(call, call.in(0), call.in(1), new Rule(Elementwise::noReal, shift));
  }

  private static Array where(Call call) {
    Array yes = call.in(1);
    Array no = call.in(2);
    if (yes.type() != no.type()) {
      throw call.bad(yes.type() + " and " + no.type() + " (expected: one type)");
    }
    int[] dims = Broadcast.shape(call, call.in(0), yes, no);
    Array condition = Broadcast.stretch(call.in(0), dims);
    int[] a = Broadcast.places(yes.dims(), dims);
    int[] b = Broadcast.places(no.dims(), dims);
    int[] places = new int[a.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = condition.real(i) != 0 ? a[i] : yes.size() + b[i];
    }
    return Movement.append(call, yes, no).pick(dims, places);
  }
}

package dev.lathe.generate.constrain;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Numbers between bounds, as JSON writes them in decimals without an exponent. */
final class Numbers {
  /** The most digits after the point. */
  static final int FRACTION = 12;

  private static final Form DIGIT = Form.chars('0', '9');
  private static final Form ANY = Form.star(DIGIT);

  private Numbers() {}

  /**
   * A bound.
   *
   * @param open whether the bound itself is outside
   */
  record Bound(BigDecimal at, boolean open) {}

  /** Whole numbers from low to high. */
  static Form integers(BigInteger low, BigInteger high) {
    List<Form> forms = new ArrayList<>();
    if (low.signum() < 0) {
      BigInteger nearest = high.signum() < 0 ? high.negate() : BigInteger.ONE;
      forms.add(Form.seq(Form.text("-"), naturals(nearest, low.negate())));
    }
    if (high.signum() >= 0) {
      forms.add(naturals(low.max(BigInteger.ZERO), high));
    }
    return new Form.Alt(forms);
  }

  private static Form naturals(BigInteger low, BigInteger high) {
    List<Form> forms = new ArrayList<>();
    int last = high.toString().length();
    for (int digits = low.toString().length(); digits <= last; digits++) {
      BigInteger least = digits == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(digits - 1);
      BigInteger from = low.max(least);
      BigInteger to = high.min(BigInteger.TEN.pow(digits).subtract(BigInteger.ONE));
      if (from.compareTo(to) <= 0) {
        forms.add(between(from.toString(), to.toString()));
      }
    }
    return new Form.Alt(forms);
  }

  /** Strings of digits between two of the same length. */
  private static Form between(String low, String high) {
    int rest = low.length() - 1;
    if (rest < 0) {
      return Form.EMPTY;
    }
    if (low.chars().allMatch(c -> c == '0') && high.chars().allMatch(c -> c == '9')) {
      return new Form.Repeat(DIGIT, rest + 1, rest + 1);
    }
    char first = low.charAt(0);
    char last = high.charAt(0);
    if (first == last) {
      return Form.seq(digits(first, first), between(low.substring(1), high.substring(1)));
    }
    return Form.alt(
        Form.seq(digits(first, first), between(low.substring(1), "9".repeat(rest))),
        Form.seq(digits(first + 1, last - 1), new Form.Repeat(DIGIT, rest, rest)),
        Form.seq(digits(last, last), between("0".repeat(rest), high.substring(1))));
  }

  private static Form digits(int first, int last) {
    return first > last ? Form.NEVER : Form.chars(first, last);
  }

  /** Whole numbers in decimals that a number divides; leading zeros among them. */
  static CharDfa multiples(int of, Budget budget) {
    List<int[]> steps = new ArrayList<>();
    steps.add(remainders(0, of, 2, 1));
    steps.add(remainders(0, of, 2, -1));
    BitSet ends = new BitSet();
    ends.set(2);
    for (int remainder = 0; remainder < of; remainder++) {
      budget.work(10);
      steps.add(remainders(remainder, of, 2, -1));
    }
    return CharDfa.trimmed(steps, ends);
  }

  /** Steps from a remainder by each digit; and by a sign, if it leads anywhere. */
  private static int[] remainders(int from, int of, int first, int sign) {
    int signs = sign < 0 ? 0 : 3;
    int[] steps = new int[30 + signs];
    if (signs > 0) {
      steps[0] = '-';
      steps[1] = '-';
      steps[2] = sign;
    }
    for (int digit = 0; digit < 10; digit++) {
      steps[signs + digit * 3] = '0' + digit;
      steps[signs + digit * 3 + 1] = '0' + digit;
      steps[signs + digit * 3 + 2] = first + (int) (((long) from * 10 + digit) % of);
    }
    return steps;
  }

  /** Decimals between bounds, with at most some digits after the point. */
  static CharDfa decimals(Optional<Bound> low, Optional<Bound> high, int fraction, Budget budget) {
    List<Form> forms = new ArrayList<>();
    Bound zero = new Bound(BigDecimal.ZERO, false);
    if (high.isEmpty() || high.get().at().signum() >= 0) {
      Bound from = low.filter(bound -> bound.at().signum() >= 0).orElse(zero);
      forms.add(between(from, high, budget).form());
    }
    if (low.isEmpty() || low.get().at().signum() < 0) {
      Bound from =
          high.filter(bound -> bound.at().signum() < 0)
              .map(Numbers::negated)
              .orElse(new Bound(BigDecimal.ZERO, true));
      forms.add(Form.seq(Form.text("-"), between(from, low.map(Numbers::negated), budget).form()));
    }
    Form written =
        Form.seq(
            Form.maybe(Form.text("-")),
            Form.alt(
                Form.text("0"),
                Form.seq(Form.chars('1', '9'), new Form.Repeat(DIGIT, 0, JsonForms.DIGITS - 1))),
            fraction == 0
                ? Form.EMPTY
                : Form.maybe(Form.seq(Form.text("."), new Form.Repeat(DIGIT, 1, fraction))));
    return CharDfa.of(new Form.Alt(forms), CharDfa.Match.WHOLE, budget)
        .and(CharDfa.of(written, CharDfa.Match.WHOLE, budget), budget);
  }

  private static CharDfa between(Bound low, Optional<Bound> high, Budget budget) {
    CharDfa from = CharDfa.of(atLeast(low), CharDfa.Match.WHOLE, budget);
    return high.isEmpty()
        ? from
        : from.and(CharDfa.of(atMost(high.get()), CharDfa.Match.WHOLE, budget), budget);
  }

  private static Bound negated(Bound bound) {
    return new Bound(bound.at().negate(), bound.open());
  }

  private static Form point(Form digits) {
    return Form.seq(Form.text("."), digits);
  }

  private static Form atMost(Bound bound) {
    BigInteger whole = bound.at().toBigInteger();
    String fraction = fraction(bound.at());
    List<Form> forms = new ArrayList<>();
    if (whole.signum() > 0) {
      forms.add(
          Form.seq(
              naturals(BigInteger.ZERO, whole.subtract(BigInteger.ONE)), Form.maybe(point(ANY))));
    }
    if (!bound.open() || !fraction.isEmpty()) {
      Form digits = bound.open() ? below(fraction) : upTo(fraction);
      forms.add(Form.seq(Form.text(whole.toString()), Form.maybe(point(digits))));
    }
    return new Form.Alt(forms);
  }

  private static Form upTo(String fraction) {
    if (fraction.isEmpty()) {
      return Form.star(Form.text("0"));
    }
    return lower(fraction, upTo(fraction.substring(1)));
  }

  private static Form below(String fraction) {
    return fraction.isEmpty() ? Form.NEVER : lower(fraction, below(fraction.substring(1)));
  }

  private static Form lower(String fraction, Form rest) {
    int first = fraction.charAt(0);
    return Form.maybe(
        Form.alt(Form.seq(digits('0', first - 1), ANY), Form.seq(digits(first, first), rest)));
  }

  private static Form atLeast(Bound bound) {
    BigInteger whole = bound.at().toBigInteger();
    String fraction = fraction(bound.at());
    Form larger =
        Form.seq(
            naturals(whole.add(BigInteger.ONE), BigInteger.TEN.pow(JsonForms.DIGITS + 1)),
            Form.maybe(point(ANY)));
    Form same = Form.seq(Form.text(whole.toString()), point(from(fraction, bound.open())));
    if (fraction.isEmpty() && !bound.open()) {
      same = Form.seq(Form.text(whole.toString()), Form.maybe(point(ANY)));
    }
    return Form.alt(larger, same);
  }

  private static Form from(String fraction, boolean open) {
    if (fraction.isEmpty()) {
      return open ? Form.seq(Form.star(Form.text("0")), Form.chars('1', '9'), ANY) : ANY;
    }
    int first = fraction.charAt(0);
    return Form.alt(
        Form.seq(digits(first + 1, '9'), ANY),
        Form.seq(digits(first, first), from(fraction.substring(1), open)));
  }

  /** The digits after the point, without zeros at their end. */
  private static String fraction(BigDecimal number) {
    String plain = number.stripTrailingZeros().toPlainString();
    int point = plain.indexOf('.');
    return point < 0 ? "" : plain.substring(point + 1);
  }
}

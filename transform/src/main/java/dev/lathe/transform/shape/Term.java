package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An integer that may depend on symbolic sizes: a factor times symbols, {@code 4·N·T}; or unknown.
 * A sum of unlike terms becomes one symbol of its own that is named by the expression, so equal
 * expressions stay equal.
 *
 * @param known false if nothing is known
 * @param factor the integer factor; 0 has no symbols
 * @param symbols symbol names, sorted, with repetition
 */
public record Term(boolean known, long factor, List<String> symbols) {
  /** Nothing known. */
  public static final Term UNKNOWN = new Term(false, 0, List.of());

  /** Sorts and copies the symbols. */
  public Term {
    symbols = factor == 0 ? List.of() : symbols.stream().sorted().toList();
  }

  /**
   * A constant.
   *
   * @param value its value
   * @return the term
   */
  public static Term of(long value) {
    return new Term(true, value, List.of());
  }

  /**
   * A dimension as a term.
   *
   * @param dim the dimension
   * @return the term; a symbol like {@code 2*N} is taken apart
   */
  public static Term of(Dim dim) {
    return switch (dim) {
      case Dim.Fixed(long size) -> of(size);
      case Dim.Symbol(String name) -> parse(name);
      case Dim.Unknown _ -> UNKNOWN;
    };
  }

  private static Term parse(String name) {
    if (name.indexOf('*') < 0 || name.indexOf('(') >= 0) {
      return new Term(true, 1, List.of(name));
    }
    long factor = 1;
    List<String> symbols = new ArrayList<>();
    for (String part : name.split("\\*")) {
      String text = part.strip();
      if (text.matches("[0-9]{1,9}")) {
        factor *= Long.parseLong(text);
      } else {
        symbols.add(text);
      }
    }
    return new Term(true, factor, symbols);
  }

  /**
   * Whether this is a plain integer.
   *
   * @return true without symbols
   */
  public boolean isConstant() {
    return known && symbols.isEmpty();
  }

  /**
   * Whether this is one given integer.
   *
   * @param value the integer
   * @return true if equal
   */
  public boolean is(long value) {
    return isConstant() && factor == value;
  }

  /**
   * The product.
   *
   * @param other the other factor
   * @return unknown if either is, unless one is 0; unknown if it overflows
   */
  public Term times(Term other) {
    if (is(0) || other.is(0)) {
      return of(0);
    }
    if (!known || !other.known || Math.multiplyHigh(factor, other.factor) != sign(other)) {
      return UNKNOWN;
    }
    List<String> all = new ArrayList<>(symbols);
    all.addAll(other.symbols);
    return new Term(true, factor * other.factor, all);
  }

  private long sign(Term other) {
    return factor * other.factor < 0 ? -1 : 0;
  }

  /**
   * The sum.
   *
   * @param other the other summand
   * @return unknown if either is
   */
  public Term plus(Term other) {
    if (!known || !other.known) {
      return UNKNOWN;
    }
    if (symbols.equals(other.symbols) || is(0) || other.is(0)) {
      return new Term(true, factor + other.factor, is(0) ? other.symbols : symbols);
    }
    String[] parts = {toString(), other.toString()};
    Arrays.sort(parts);
    return new Term(true, 1, List.of("(" + parts[0] + " + " + parts[1] + ")"));
  }

  /**
   * The difference.
   *
   * @param other what is taken away
   * @return unknown if either is
   */
  public Term minus(Term other) {
    return plus(other.times(of(-1)));
  }

  /**
   * The quotient, rounded down; exact where symbols cancel.
   *
   * @param divisor the divisor
   * @return unknown if either is, or if the divisor is 0
   */
  public Term dividedBy(Term divisor) {
    if (!known || !divisor.known || divisor.factor == 0) {
      return UNKNOWN;
    }
    if (isConstant() && divisor.isConstant()) {
      return of(Math.floorDiv(factor, divisor.factor));
    }
    List<String> rest = new ArrayList<>(symbols);
    boolean cancels = factor % divisor.factor == 0;
    for (String symbol : divisor.symbols) {
      cancels &= rest.remove(symbol);
    }
    return cancels
        ? new Term(true, factor / divisor.factor, rest)
        : new Term(true, 1, List.of("floor(" + this + " / " + divisor + ")"));
  }

  /**
   * This term as a dimension.
   *
   * @return unknown for negative constants too
   */
  public Dim toDim() {
    if (!known || factor < 0) {
      return Dim.UNKNOWN;
    }
    return symbols.isEmpty() ? Dim.of(factor) : Dim.of(toString());
  }

  @Override
  public String toString() {
    if (!known) {
      return "?";
    }
    String product = String.join("*", symbols);
    return symbols.isEmpty()
        ? Long.toString(factor)
        : factor == 1 ? product : factor + "*" + product;
  }
}

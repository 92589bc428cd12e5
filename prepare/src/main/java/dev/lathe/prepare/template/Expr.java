package dev.lathe.prepare.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression. */
sealed interface Expr {
  record Constant(@Nullable Object value) implements Expr {}

  record Name(String name) implements Expr {}

  record ListOf(List<Expr> items) implements Expr {}

  record TupleOf(List<Expr> items) implements Expr {}

  record DictOf(List<Expr> keys, List<Expr> values) implements Expr {}

  record Attribute(Expr of, String name) implements Expr {}

  record Item(Expr of, Expr key) implements Expr {}

  record Slice(@Nullable Expr start, @Nullable Expr stop, @Nullable Expr step) implements Expr {}

  record CallOf(Expr function, Passed passed) implements Expr {}

  /** A filter; without a value it takes what its block writes. */
  record Filter(@Nullable Expr value, String name, Passed passed) implements Expr {}

  record Test(Expr value, String name, Passed passed) implements Expr {}

  record Unary(String sign, Expr value) implements Expr {}

  record Binary(String sign, Expr left, Expr right) implements Expr {}

  record Both(Expr left, Expr right) implements Expr {}

  record Either(Expr left, Expr right) implements Expr {}

  record Joined(List<Expr> parts) implements Expr {}

  /** Comparisons in a row: {@code signs[i]} stands before {@code others[i]}. */
  record Compared(Expr first, List<String> signs, List<Expr> others) implements Expr {}

  record Choice(Expr test, Expr then, @Nullable Expr otherwise) implements Expr {}

  /**
   * What a call is given.
   *
   * @param values by place
   * @param names of those given by name
   * @param named the values of those
   * @param spread a list of more by place
   * @param spreadNamed a dict of more by name
   */
  record Passed(
      List<Expr> values,
      List<String> names,
      List<Expr> named,
      @Nullable Expr spread,
      @Nullable Expr spreadNamed) {
    static final Passed NOTHING = new Passed(List.of(), List.of(), List.of(), null, null);
  }
}

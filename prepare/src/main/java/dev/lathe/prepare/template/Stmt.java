package dev.lathe.prepare.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement, which writes or changes names. */
sealed interface Stmt {
  record Text(String text) implements Stmt {}

  record Output(Expr value, int line) implements Stmt {}

  record If(List<Branch> branches, List<Stmt> otherwise) implements Stmt {}

  record Branch(Expr test, List<Stmt> body, int line) {}

  record For(Target target, Expr items, @Nullable Expr test, Body body, int line) implements Stmt {}

  /** What a loop does, and what if there is nothing to do it with. */
  record Body(List<Stmt> body, List<Stmt> otherwise, boolean recursive) {}

  record Set(Target target, Expr value, int line) implements Stmt {}

  record SetBlock(Target target, List<Expr.Filter> filters, List<Stmt> body, int line)
      implements Stmt {}

  record Macro(String name, Signature signature, List<Stmt> body) implements Stmt {}

  record Call(Signature signature, Expr.CallOf call, List<Stmt> body, int line) implements Stmt {}

  record FilterBlock(List<Expr.Filter> filters, List<Stmt> body, int line) implements Stmt {}

  record With(List<Target> targets, List<Expr> values, List<Stmt> body, int line) implements Stmt {}

  record Scoped(List<Stmt> body) implements Stmt {}

  record Break() implements Stmt {}

  record Continue() implements Stmt {}

  /** Names of what a macro takes; the last of them have defaults. */
  record Signature(List<String> names, List<Expr> defaults) {
    static final Signature NONE = new Signature(List.of(), List.of());
  }

  /** What a value is given to. */
  sealed interface Target {}

  record ToName(String name) implements Target {}

  record ToAttribute(String namespace, String attribute) implements Target {}

  record ToAll(List<Target> targets) implements Target {}
}

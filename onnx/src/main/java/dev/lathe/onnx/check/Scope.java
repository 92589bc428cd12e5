package dev.lathe.onnx.check;

import dev.lathe.ir.Function;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that a place in a graph can see: its own graph's so far, then those around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, String> makers = new HashMap<>();

  private Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  /** What holds for all graphs of a model, or of one function. */
  record Rules(
      long irVersion, Opsets opsets, Map<FunctionId, Function> functions, Problems problems) {
    Rules with(Opsets others) {
      return new Rules(irVersion, others, functions, problems);
    }
  }

  static Scope outermost() {
    return new Scope(null);
  }

  Scope inner() {
    return new Scope(this);
  }

  /** Takes a name for what makes it; an earlier maker stays. */
  void define(String name, String maker) {
    makers.putIfAbsent(name, maker);
  }

  /** What in this graph makes a value, or empty. */
  String makerHere(String name) {
    return makers.getOrDefault(name, "");
  }

  /** What in this graph or around it makes a value, or empty. */
  String maker(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      String maker = scope.makerHere(name);
      if (!maker.isEmpty()) {
        return maker;
      }
    }
    return "";
  }

  boolean isOutermost() {
    return outer == null;
  }
}

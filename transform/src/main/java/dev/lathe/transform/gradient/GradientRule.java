package dev.lathe.transform.gradient;

/** The gradient of one operator: gives each wanted input its cotangent. */
@FunctionalInterface
interface GradientRule {
  /**
   * Applies the rule to one node.
   *
   * @param g formulas
   * @param r the node and the cotangents of its outputs; takes those of its inputs
   */
  void apply(Algebra g, Reverse r);

  /** A formula for the cotangent of one input. */
  @FunctionalInterface
  interface Formula {
    String of(Algebra g, Reverse r);
  }

  /** One input. */
  static GradientRule unary(Formula formula) {
    return (g, r) -> r.give(0, () -> formula.of(g, r));
  }

  /** Two inputs that broadcast against each other. */
  static GradientRule binary(Formula left, Formula right) {
    return (g, r) -> {
      r.give(0, () -> g.reduceTo(left.of(g, r), r.in(0)));
      r.give(1, () -> g.reduceTo(right.of(g, r), r.in(1)));
    };
  }
}

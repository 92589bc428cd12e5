package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import java.util.List;
import java.util.Map;

/** Gradients, element by element, that take more than a line. */
final class ElementwiseGradients {
  private static final double ROOT_HALF = Math.sqrt(0.5);
  private static final double ONE_BY_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);
  private static final float SELU_ALPHA = 1.67326319217681884765625f;
  private static final float SELU_GAMMA = 1.05070102214813232421875f;

  private ElementwiseGradients() {}

  /** Pow by its base: {@code p·x^(p-1)}; 0 where p is 0, even if x is 0 too. */
  static String base(Algebra g, Reverse r) {
    var constant = g.draft().data(r.in(1)).filter(tensor -> tensor.size() == 1);
    if (constant.isPresent()) {
      double p = constant.get().doubleAt(0);
      if (p == 0) {
        return g.zerosLike(r.dy());
      }
      String power = p == 2 ? r.x() : g.node("Pow", r.x(), g.draft().number(p - 1, r.x()));
      return g.mul(r.dy(), g.mul(power, p));
    }
    String p = g.castLike(r.in(1), r.x());
    String slope = g.mul(p, g.node("Pow", r.x(), g.add(p, -1)));
    return g.mask(g.node("Not", ScatterGradients.isZero(g, p)), g.mul(r.dy(), slope));
  }

  /** Pow by its exponent: {@code y·ln x}; 0 where the base is not positive. */
  static String exponent(Algebra g, Reverse r) {
    String positive = g.greater(r.x(), 0);
    String log = g.node("Log", g.where(positive, r.x(), g.draft().number(1, r.x())));
    return g.castLike(g.mul(r.dy(), g.mul(r.y(), log)), r.in(1));
  }

  /** The same formula for every input. */
  static GradientRule each(GradientRule.Formula formula) {
    return (g, r) -> {
      for (int i = 0; i < r.node().inputs().size(); i++) {
        int input = i;
        r.give(i, () -> g.reduceTo(formula.of(g, r), r.in(input)));
      }
    };
  }

  /** Max, Min: to the inputs that are extreme; equal ones share. */
  static void extreme(Algebra g, Reverse r) {
    int count = r.node().inputs().size();
    String[] chosen = new String[count];
    for (int i = 0; i < count; i++) {
      chosen[i] = g.castLike(g.node("Equal", r.in(i), r.y()), r.y());
    }
    String ties = count == 1 ? chosen[0] : g.node("Sum", chosen);
    for (int i = 0; i < count; i++) {
      int input = i;
      r.give(i, () -> g.reduceTo(g.mul(r.dy(), g.div(chosen[input], ties)), r.in(input)));
    }
  }

  static void where(Algebra g, Reverse r) {
    String zero = g.draft().number(0, r.dy());
    r.give(1, () -> g.reduceTo(g.where(r.in(0), r.dy(), zero), r.in(1)));
    r.give(2, () -> g.reduceTo(g.where(r.in(0), zero, r.dy()), r.in(2)));
  }

  /** Clip: to the input inside the bounds, ends included; to a bound where it holds. */
  static void clip(Algebra g, Reverse r) {
    String low = bound(g, r, 1, "min");
    String high = bound(g, r, 2, "max");
    r.give(
        0,
        () -> {
          String dx = r.dy();
          if (!low.isEmpty()) {
            dx = g.mask(g.node("GreaterOrEqual", r.x(), low), dx);
          }
          return high.isEmpty() ? dx : g.mask(g.node("LessOrEqual", r.x(), high), dx);
        });
    r.give(1, () -> g.reduceTo(g.mask(g.node("Less", r.x(), low), r.dy()), low));
    r.give(2, () -> g.reduceTo(g.mask(g.node("Greater", r.x(), high), r.dy()), high));
  }

  private static String bound(Algebra g, Reverse r, int input, String attribute) {
    return r.node().attribute(attribute).isPresent()
        ? g.draft().number(r.node().floatAttribute(attribute, 0), r.x())
        : r.in(input);
  }

  /**
   * What is never negative is positive where it is true as a truth value. In FLOAT the step from 0
   * to 1 is a HardSigmoid so steep that every normal number is beyond it: one kernel, on all
   * threads, where casts are two, on one.
   */
  static String relu(Algebra g, Reverse r) {
    if (g.draft().fact(r.y()).element() == ElementType.FLOAT) {
      var steep = Map.of("alpha", Attribute.of(Float.MAX_VALUE), "beta", Attribute.of(0f));
      return g.mul(g.draft().node("HardSigmoid", steep, r.y()), r.dy());
    }
    var toBool = Map.of("to", Attribute.of((long) ElementType.BOOL.code()));
    return g.gate(g.draft().node("Cast", toBool, r.y()), r.dy());
  }

  static String leakyRelu(Algebra g, Reverse r) {
    float alpha = r.node().floatAttribute("alpha", 0.01f);
    return g.where(g.greater(r.x(), 0), r.dy(), g.mul(r.dy(), alpha));
  }

  static String preluInput(Algebra g, Reverse r) {
    return g.where(g.greater(r.x(), 0), r.dy(), g.mul(r.dy(), r.in(1)));
  }

  static String preluSlope(Algebra g, Reverse r) {
    return g.mul(r.dy(), g.node("Min", r.x(), g.draft().number(0, r.x())));
  }

  static String thresholdedRelu(Algebra g, Reverse r) {
    return g.mask(g.greater(r.x(), r.node().floatAttribute("alpha", 1)), r.dy());
  }

  /** Below 0, {@code y = α(eˣ - 1)}, so its slope is {@code y + α}. */
  static String elu(Algebra g, Reverse r) {
    float alpha = r.node().floatAttribute("alpha", 1);
    return g.where(g.greater(r.x(), 0), r.dy(), g.mul(r.dy(), g.add(r.y(), alpha)));
  }

  /** Below 0, {@code y = γ(α·eˣ - α)}, so its slope is {@code y + γα}. */
  static String selu(Algebra g, Reverse r) {
    double alpha = r.node().floatAttribute("alpha", SELU_ALPHA);
    double gamma = r.node().floatAttribute("gamma", SELU_GAMMA);
    return g.where(
        g.greater(r.x(), 0), g.mul(r.dy(), gamma), g.mul(r.dy(), g.add(r.y(), gamma * alpha)));
  }

  /** Below 0, {@code y = α(e^(x/α) - 1)}, so its slope is {@code y/α + 1}. */
  static String celu(Algebra g, Reverse r) {
    double alpha = r.node().floatAttribute("alpha", 1);
    return g.where(g.greater(r.x(), 0), r.dy(), g.mul(r.dy(), g.add(g.mul(r.y(), 1 / alpha), 1)));
  }

  static String hardSigmoid(Algebra g, Reverse r) {
    double alpha = r.node().floatAttribute("alpha", 0.2f);
    String inside = g.node("And", g.greater(r.y(), 0), less(g, r.y(), 1));
    return g.mask(inside, g.mul(r.dy(), alpha));
  }

  /** x·max(0, min(1, x/6 + 1/2)): slope 0 below -3, 1 above 3, x/3 + 1/2 between. */
  static String hardSwish(Algebra g, Reverse r) {
    String between = g.mul(r.dy(), g.add(g.mul(r.x(), 1.0 / 3), 0.5));
    String low = g.mask(g.greater(r.x(), -3), between);
    return g.where(g.greater(r.x(), 3), r.dy(), low);
  }

  private static String less(Algebra g, String a, double b) {
    return g.node("Less", a, g.draft().number(b, a));
  }

  /** Gelu as x·Φ(x) with the normal distribution's Φ saved, or left alone if it is by tanh. */
  static Node geluForm(Algebra g, Node node) {
    String x = node.input(0);
    if (node.stringAttribute("approximate", "none").equals("tanh")) {
      g.draft().append(node);
      return node;
    }
    String phi = g.mul(g.add(g.node("Erf", g.mul(x, ROOT_HALF)), 1), 0.5);
    TrainingForms.name(g, node, 0, g.mul(x, phi));
    return TrainingForms.saving(node, List.of(phi));
  }

  /** Φ(x) + x·φ(x) with the normal distribution's Φ and its density φ, or by tanh. */
  static String gelu(Algebra g, Reverse r) {
    String x = r.x();
    if (r.node().outputs().size() == 1) {
      return g.mul(r.dy(), geluTanh(g, x));
    }
    String density = g.mul(g.node("Exp", g.mul(g.square(x), -0.5)), ONE_BY_ROOT_TWO_PI);
    return g.mul(r.dy(), g.add(r.out(1), g.mul(x, density)));
  }

  /** With {@code u = √(2/π)(x + 0.044715x³)}: {@code (1 + tanh u)/2 + x·u'·(1 - tanh² u)/2}. */
  private static String geluTanh(Algebra g, String x) {
    double scale = Math.sqrt(2 / Math.PI);
    String square = g.square(x);
    String u = g.mul(g.mul(x, g.add(g.mul(square, 0.044715), 1)), scale);
    String tanh = g.node("Tanh", u);
    String slope = g.mul(g.add(g.mul(square, 3 * 0.044715), 1), scale);
    String bend = g.mul(g.mul(x, slope), g.sub(1, g.square(tanh)));
    return g.mul(g.add(g.add(tanh, 1), bend), 0.5);
  }

  /** x·tanh(softplus(x)). */
  static String mish(Algebra g, Reverse r) {
    String tanh = g.node("Tanh", g.node("Softplus", r.x()));
    String bend = g.mul(g.mul(r.x(), g.node("Sigmoid", r.x())), g.sub(1, g.square(tanh)));
    return g.mul(r.dy(), g.add(tanh, bend));
  }

  /** With {@code s = σ(αx)} and {@code y = x·s}: {@code s + αy·(1 - s)}. */
  static String swish(Algebra g, Reverse r) {
    double alpha = r.node().floatAttribute("alpha", 1);
    String sigmoid = g.node("Sigmoid", g.mul(r.x(), alpha));
    String bend = g.mul(g.mul(r.y(), alpha), g.sub(1, sigmoid));
    return g.mul(r.dy(), g.add(sigmoid, bend));
  }

  /** Shrink: 0 within the threshold, shifted outside. */
  static String shrink(Algebra g, Reverse r) {
    return g.mask(g.greater(g.node("Abs", r.x()), r.node().floatAttribute("lambd", 0.5f)), r.dy());
  }

  /** Mod by its divisor: the whole number of times that it was taken away, negated. */
  static String modulus(Algebra g, Reverse r) {
    String times = g.node("Round", g.div(g.sub(r.x(), r.y()), r.in(1)));
    return g.neg(g.mul(r.dy(), times));
  }
}

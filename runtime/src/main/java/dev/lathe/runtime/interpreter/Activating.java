package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** Activation functions. */
final class Activating {
  private static final double SELU_ALPHA = 1.67326319217681884765625;
  private static final double SELU_GAMMA = 1.05070102214813232421875;

  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Relu", Elementwise.both(x -> Math.max(x, 0), x -> Math.max(x, 0))),
          entry("LeakyRelu", with("alpha", 0.01f, a -> x -> x < 0 ? a * x : x)),
          entry("ThresholdedRelu", with("alpha", 1, a -> x -> x > a ? x : 0)),
          entry("Elu", with("alpha", 1, a -> x -> x < 0 ? a * Math.expm1(x) : x)),
          entry("Celu", with("alpha", 1, a -> x -> celu(a, x))),
          entry("Selu", one(Activating::selu)),
          entry("PRelu", one(Activating::pRelu)),
          entry("Sigmoid", Elementwise.real(Activating::sigmoid)),
          entry("Softplus", Elementwise.real(Activating::softplus)),
          entry("Softsign", Elementwise.real(x -> x / (1 + Math.abs(x)))),
          entry("Shrink", one(Activating::shrink)),
          entry("Swish", with("alpha", 1, a -> x -> x * sigmoid(a * x))),
          entry("Mish", Elementwise.real(x -> x * Math.tanh(softplus(x)))),
          entry("Gelu", one(Activating::gelu)),
          entry("HardSigmoid", one(Activating::hardSigmoid)),
          entry("HardSwish", Elementwise.real(x -> x * Math.clamp(x / 6 + 0.5, 0.0, 1.0))),
          entry("Clip", one(Activating::clip)),
          entry("Dropout", Activating::dropout));

  private Activating() {}

  private interface Parametric {
    DoubleUnaryOperator of(double parameter);
  }

  private static Kernel with(String attribute, float otherwise, Parametric function) {
    return one(
        call -> Elementwise.map(call.reals(0), function.of(call.real(attribute, otherwise))));
  }

  static double sigmoid(double x) {
    double small = Math.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + small) : small / (1 + small);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double celu(double alpha, double x) {
    return Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }

  private static Array selu(Call call) {
    double alpha = call.real("alpha", (float) SELU_ALPHA);
    double gamma = call.real("gamma", (float) SELU_GAMMA);
    return Elementwise.map(call.reals(0), x -> gamma * (x > 0 ? x : alpha * Math.expm1(x)));
  }

  /** The slope broadcasts to the input, not the other way round. */
  private static Array pRelu(Call call) {
    Array.Reals input = call.reals(0);
    Array slopes = Broadcast.stretch(call.in(1), input.dims());
    double[] values = new double[input.size()];
    for (int i = 0; i < values.length; i++) {
      double x = input.values()[i];
      values[i] = x < 0 ? slopes.real(i) * x : x;
    }
    return new Array.Reals(input.type(), input.dims(), values);
  }

  private static Array gelu(Call call) {
    String form = call.node().stringAttribute("approximate", "none");
    return switch (form) {
      case "none" ->
          Elementwise.map(call.reals(0), x -> 0.5 * x * (1 + ErrorFunction.erf(x / Math.sqrt(2))));
      case "tanh" -> Elementwise.map(call.reals(0), Activating::geluByTanh);
      default -> throw call.bad("approximate \"" + form + "\" (expected: none, tanh)");
    };
  }

  private static double geluByTanh(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private static Array hardSigmoid(Call call) {
    double alpha = call.real("alpha", 0.2f);
    double beta = call.real("beta", 0.5f);
    return Elementwise.map(call.reals(0), x -> Math.clamp(alpha * x + beta, 0.0, 1.0));
  }

  /**
   * The upper bound wins where it lies below the lower one. Bounds are attributes before opset 11.
   */
  private static Array clip(Call call) {
    if (call.in(0) instanceof Array.Integers input) {
      return clip(call, input);
    }
    double low = call.has(1) ? call.in(1).real(0) : attribute(call, "min", -Float.MAX_VALUE);
    double high = call.has(2) ? call.in(2).real(0) : attribute(call, "max", Float.MAX_VALUE);
    return Elementwise.map(call.reals(0), x -> Math.min(Math.max(x, low), high));
  }

  private static double attribute(Call call, String name, float otherwise) {
    boolean unbounded = call.node().attribute(name).isEmpty();
    return unbounded ? Math.copySign(Double.POSITIVE_INFINITY, otherwise) : call.real(name, 0);
  }

  private static Array clip(Call call, Array.Integers input) {
    ElementType type = input.type();
    long[] values = input.values().clone();
    for (int i = 0; i < values.length; i++) {
      if (call.has(1) && Words.compare(type, values[i], call.longs(1)[0]) < 0) {
        values[i] = call.longs(1)[0];
      }
      if (call.has(2) && Words.compare(type, values[i], call.longs(2)[0]) > 0) {
        values[i] = call.longs(2)[0];
      }
    }
    return new Array.Integers(type, input.dims(), values);
  }

  /** Inference only: the input as it is, and a mask of ones. */
  private static List<Array> dropout(Call call) {
    boolean training = call.has(2) && call.longs(2)[0] != 0;
    boolean drops = !call.has(1) || call.in(1).real(0) != 0;
    if (training && drops) {
      throw call.unsupported("training_mode = true draws random numbers (expected: false)");
    }
    long[] ones = new long[call.in(0).size()];
    Arrays.fill(ones, 1);
    Array mask = new Array.Integers(ElementType.BOOL, call.in(0).dims(), ones);
    return List.of(call.in(0), mask);
  }

  private static Array shrink(Call call) {
    double bias = call.real("bias", 0);
    double threshold = call.real("lambd", 0.5f);
    return Elementwise.map(
        call.reals(0), x -> x < -threshold ? x + bias : x > threshold ? x - bias : 0);
  }
}

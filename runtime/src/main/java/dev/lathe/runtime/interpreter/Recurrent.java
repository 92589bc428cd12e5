package dev.lathe.runtime.interpreter;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Recurrent layers: LSTM, GRU and RNN, one sequence after the other.
 *
 * <p>Letters: T steps, B sequences, I inputs, H hidden units, D directions, G gates. X is [T, B,
 * I], W [D, G·H, I], R [D, G·H, H], the bias [D, 2·G·H], Y [T, D, B, H].
 */
final class Recurrent {
  static final Map<String, Kernel> TABLE =
      Map.of(
          "LSTM",
          call -> new Recurrent(call, 4, "Sigmoid", "Tanh", "Tanh").run(true),
          "GRU",
          call -> new Recurrent(call, 3, "Sigmoid", "Tanh").run(false),
          "RNN",
          call -> new Recurrent(call, 1, "Tanh").run(false));

  private final Call call;
  private final int gates;
  private final int perDirection;
  private final List<DoubleUnaryOperator> functions;
  private final boolean linearBeforeReset;
  private final String direction;
  private final int directions;
  private final int hidden;
  private final int steps;
  private final int batch;
  private final int inputs;
  private final Array x;
  private final Array w;
  private final Array r;
  private final Array.Reals y;
  private final Array.Reals lastH;
  private final Array.Reals lastC;

  private Recurrent(Call call, int gates, String... activations) {
    this.call = call;
    this.gates = gates;
    this.perDirection = activations.length;
    refuse("layout", 0);
    refuse("input_forget", 0);
    if (call.node().attribute("clip").isPresent()) {
      throw call.unsupported("clip (expected: none)");
    }
    direction = call.node().stringAttribute("direction", "forward");
    directions = direction.equals("bidirectional") ? 2 : 1;
    functions = functions(activations);
    linearBeforeReset = call.flag("linear_before_reset");
    x = call.reals(0);
    w = require(1, directions, -1, x.dims()[2]);
    hidden = w.dims()[1] / gates;
    steps = x.dims()[0];
    batch = x.dims()[1];
    inputs = x.dims()[2];
    r = require(2, directions, gates * hidden, hidden);
    ElementType type = x.type();
    y = zeros(type, steps, directions, batch, hidden);
    lastH = zeros(type, directions, batch, hidden);
    lastC = zeros(type, directions, batch, hidden);
  }

  private void refuse(String attribute, long expected) {
    if (call.number(attribute, expected) != expected) {
      throw call.unsupported(
          attribute + " " + call.number(attribute, expected) + " (expected: " + expected + ")");
    }
  }

  private Array require(int index, int... dims) {
    Array array = call.reals(index);
    boolean fits = array.rank() == dims.length;
    for (int i = 0; fits && i < dims.length; i++) {
      fits = dims[i] < 0 || array.dims()[i] == dims[i];
    }
    if (!fits) {
      throw call.bad(
          "input "
              + index
              + " "
              + array.describe()
              + " (expected: "
              + java.util.Arrays.toString(dims)
              + ")");
    }
    return array;
  }

  private static Array.Reals zeros(ElementType type, int... dims) {
    int[] checked = Sizes.require(dims);
    return new Array.Reals(type, checked, new double[Sizes.count(checked)]);
  }

  private List<DoubleUnaryOperator> functions(String[] defaults) {
    List<String> names = new ArrayList<>();
    if (call.node().attributes().get("activations") instanceof Attribute.OfStrings(var given)) {
      names.addAll(given.stream().map(Bytes::utf8).toList());
    } else {
      for (int d = 0; d < directions; d++) {
        names.addAll(List.of(defaults));
      }
    }
    return names.stream().map(this::function).toList();
  }

  private DoubleUnaryOperator function(String name) {
    return switch (name) {
      case "Sigmoid" -> Recurrent::sigmoid;
      case "Tanh" -> Math::tanh;
      case "Relu" -> v -> Math.max(0, v);
      case "Softsign" -> v -> v / (1 + Math.abs(v));
      default ->
          throw call.unsupported(
              "activation " + name + " (expected: Sigmoid, Tanh, Relu, Softsign)");
    };
  }

  private static double sigmoid(double value) {
    return 1 / (1 + Math.exp(-value));
  }

  private List<Array> run(boolean cells) {
    for (int d = 0; d < directions; d++) {
      boolean back = direction.equals("reverse") || d == 1;
      for (int b = 0; b < batch; b++) {
        int length = call.has(4) ? call.size(call.longs(4)[b]) : steps;
        if (length < 0 || length > steps) {
          throw call.bad("sequence length " + length + " (expected: 0 to " + steps + ")");
        }
        sequence(d, b, length, back);
      }
    }
    return cells ? List.of(y, lastH, lastC) : List.of(y, lastH);
  }

  /** Steps beyond a sequence's length give 0, an empty sequence as the engine does all zeros. */
  private void sequence(int d, int b, int length, boolean back) {
    double[] h = initial(5, d, b);
    double[] c = gates == 4 ? initial(6, d, b) : new double[0];
    for (int i = 0; i < length; i++) {
      int t = back ? length - 1 - i : i;
      h =
          switch (gates) {
            case 4 -> lstm(d, t * batch + b, h, c);
            case 3 -> gru(d, t * batch + b, h);
            default -> rnn(d, t * batch + b, h);
          };
      System.arraycopy(h, 0, y.values(), ((t * directions + d) * batch + b) * hidden, hidden);
    }
    if (length > 0) {
      System.arraycopy(h, 0, lastH.values(), (d * batch + b) * hidden, hidden);
      System.arraycopy(c, 0, lastC.values(), (d * batch + b) * hidden, c.length);
    }
  }

  private double[] initial(int index, int d, int b) {
    double[] state = new double[hidden];
    if (call.has(index)) {
      Array given = require(index, directions, batch, hidden);
      for (int k = 0; k < hidden; k++) {
        state[k] = given.real((d * batch + b) * hidden + k);
      }
    }
    return state;
  }

  private DoubleUnaryOperator function(int d, int index) {
    return functions.get(d * perDirection + index);
  }

  /** Row q of W times the input, with the input's bias. */
  private double fromInput(int d, int place, int q) {
    double sum = bias(d, q);
    for (int k = 0; k < inputs; k++) {
      sum += w.real((d * gates * hidden + q) * inputs + k) * x.real(place * inputs + k);
    }
    return sum;
  }

  /** Row q of R times the state, with the recurrence's bias. */
  private double fromState(int d, int q, double[] h) {
    double sum = bias(d, gates * hidden + q);
    for (int k = 0; k < hidden; k++) {
      sum += r.real((d * gates * hidden + q) * hidden + k) * h[k];
    }
    return sum;
  }

  private double bias(int d, int index) {
    return call.has(3)
        ? require(3, directions, 2 * gates * hidden).real(d * 2 * gates * hidden + index)
        : 0;
  }

  private double peephole(int d, int index) {
    return call.has(7) ? require(7, directions, 3 * hidden).real(d * 3 * hidden + index) : 0;
  }

  /** Gates in the order i, o, f, c; changes the cells. */
  private double[] lstm(int d, int place, double[] h, double[] c) {
    double[] next = new double[hidden];
    for (int k = 0; k < hidden; k++) {
      double[] z = new double[4];
      for (int gate = 0; gate < 4; gate++) {
        int q = gate * hidden + k;
        z[gate] = fromInput(d, place, q) + fromState(d, q, h);
      }
      double in = function(d, 0).applyAsDouble(z[0] + peephole(d, k) * c[k]);
      double forget = function(d, 0).applyAsDouble(z[2] + peephole(d, 2 * hidden + k) * c[k]);
      c[k] = forget * c[k] + in * function(d, 1).applyAsDouble(z[3]);
      double out = function(d, 0).applyAsDouble(z[1] + peephole(d, hidden + k) * c[k]);
      next[k] = out * function(d, 2).applyAsDouble(c[k]);
    }
    return next;
  }

  /** Gates in the order z, r, h. */
  private double[] gru(int d, int place, double[] h) {
    double[] reset = new double[hidden];
    double[] gated = new double[hidden];
    for (int k = 0; k < hidden; k++) {
      int q = hidden + k;
      reset[k] = function(d, 0).applyAsDouble(fromInput(d, place, q) + fromState(d, q, h));
      gated[k] = reset[k] * h[k];
    }
    double[] next = new double[hidden];
    for (int k = 0; k < hidden; k++) {
      double update = function(d, 0).applyAsDouble(fromInput(d, place, k) + fromState(d, k, h));
      int q = 2 * hidden + k;
      double before = linearBeforeReset ? reset[k] * fromState(d, q, h) : fromState(d, q, gated);
      double candidate = function(d, 1).applyAsDouble(fromInput(d, place, q) + before);
      next[k] = (1 - update) * candidate + update * h[k];
    }
    return next;
  }

  private double[] rnn(int d, int place, double[] h) {
    double[] next = new double[hidden];
    for (int k = 0; k < hidden; k++) {
      next[k] = function(d, 0).applyAsDouble(fromInput(d, place, k) + fromState(d, k, h));
    }
    return next;
  }
}

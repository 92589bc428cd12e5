package dev.lathe.transform;

import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.Algebra;
import dev.lathe.transform.gradient.Descent;
import java.util.Arrays;

/**
 * The table of optimizers: what each makes of a parameter and its gradient. Sums that decay are
 * kept without the factor {@code 1 - β}, which goes into a scalar instead: a pass over the
 * parameter less.
 */
final class UpdateRules {
  private UpdateRules() {}

  /** The parameter's next value. */
  static String next(Optimizer optimizer, Update u) {
    Algebra g = u.algebra();
    return switch (optimizer) {
      case Sgd sgd -> sgd(sgd, u);
      case Adam adam -> {
        String gradient = decayed(u, adam.weightDecay());
        String direction = direction(u, gradient, adam.beta1(), adam.beta2());
        yield g.sub(u.parameter(), g.mul(direction, u.rate(Settings.STEP_SIZE)));
      }
      case AdamW adam -> {
        String direction = direction(u, u.gradient(), adam.beta1(), adam.beta2());
        yield g.sub(kept(u, adam.weightDecay()), g.mul(direction, u.rate(Settings.STEP_SIZE)));
      }
      case Adagrad adagrad -> adagrad(adagrad, u);
      case RmsProp rmsProp -> rmsProp(rmsProp, u);
      case Lamb lamb -> lamb(lamb, u);
      case Adafactor adafactor -> adafactor(adafactor, u);
      case Lion lion -> lion(lion, u);
    };
  }

  /** The gradient with the pull of weights to zero. */
  private static String decayed(Update u, double common) {
    Algebra g = u.algebra();
    double decay = u.decay(common);
    return decay == 0 ? u.gradient() : g.add(u.gradient(), g.mul(u.parameter(), decay));
  }

  /** {@code (1 - η·λ)·p}. */
  private static String kept(Update u, double decay) {
    return u.decay(decay) == 0 ? u.parameter() : u.algebra().node("Mul", u.parameter(), u.kept());
  }

  private static String sgd(Sgd sgd, Update u) {
    Algebra g = u.algebra();
    String direction = decayed(u, sgd.weightDecay());
    if (sgd.momentum() > 0) {
      String buffer = u.state("momentum");
      String moved = u.replace(buffer, g.add(g.mul(buffer, sgd.momentum()), direction));
      direction = sgd.nesterov() ? g.add(direction, g.mul(moved, sgd.momentum())) : moved;
    }
    return Descent.step(g, u.parameter(), direction, u.rate(Settings.LEARNING_RATE));
  }

  /** {@code m/(√v + ε)} of decaying sums; scalars make it {@code m̂/(√v̂ + ε)}. */
  private static String direction(Update u, String gradient, double beta1, double beta2) {
    Algebra g = u.algebra();
    String m = u.state("adam_m");
    String v = u.state("adam_v");
    String first = u.replace(m, g.add(g.mul(m, beta1), gradient));
    String second = u.replace(v, g.add(g.mul(v, beta2), g.square(gradient)));
    return g.div(first, g.node("Add", g.node("Sqrt", second), Settings.STEP_EPSILON));
  }

  private static String adagrad(Adagrad adagrad, Update u) {
    Algebra g = u.algebra();
    String gradient = decayed(u, adagrad.weightDecay());
    double[] begin = new double[Math.toIntExact(Tensor.sizeOf(u.sizes()))];
    Arrays.fill(begin, adagrad.initialSum());
    String sum =
        u.state(
            "adagrad_sum",
            Tensor.ofValues(g.draft().fact(u.parameter()).element(), begin, u.sizes()));
    String next = u.replace(sum, g.add(sum, g.square(gradient)));
    String direction = g.div(gradient, g.add(g.node("Sqrt", next), adagrad.epsilon()));
    return g.sub(u.parameter(), g.mul(direction, u.rate(Settings.LEARNING_RATE)));
  }

  private static String rmsProp(RmsProp rmsProp, Update u) {
    Algebra g = u.algebra();
    double alpha = rmsProp.alpha();
    String gradient = decayed(u, rmsProp.weightDecay());
    String square = u.state("rmsprop_square");
    String news = g.mul(g.square(gradient), 1 - alpha);
    String spread = u.replace(square, g.add(g.mul(square, alpha), news));
    if (rmsProp.centered()) {
      String mean = u.state("rmsprop_mean");
      String moved = u.replace(mean, g.add(g.mul(mean, alpha), g.mul(gradient, 1 - alpha)));
      // Rounding must not make a variance negative.
      spread = g.node("Relu", g.sub(spread, g.square(moved)));
    }
    String direction = g.div(gradient, g.add(g.node("Sqrt", spread), rmsProp.epsilon()));
    if (rmsProp.momentum() > 0) {
      String buffer = u.state("momentum");
      direction = u.replace(buffer, g.add(g.mul(buffer, rmsProp.momentum()), direction));
    }
    return g.sub(u.parameter(), g.mul(direction, u.rate(Settings.LEARNING_RATE)));
  }

  private static String lamb(Lamb lamb, Update u) {
    Algebra g = u.algebra();
    String adam = direction(u, u.gradient(), lamb.beta1(), lamb.beta2());
    String direction = g.node("Mul", adam, Settings.STEP_SIZE);
    double decay = u.decay(lamb.weightDecay());
    if (decay > 0) {
      direction = g.add(direction, g.mul(u.parameter(), decay));
    }
    String size = norm(g, u.parameter());
    String length = norm(g, direction);
    String both = g.greater(g.mul(size, length), 0);
    String ratio = g.where(both, g.div(size, length), g.draft().number(1, size));
    String step = g.mul(ratio, u.rate(Settings.LEARNING_RATE));
    return g.sub(u.parameter(), g.mul(direction, step));
  }

  private static String norm(Algebra g, String a) {
    return g.node("Sqrt", g.sumSquare(a));
  }

  private static String adafactor(Adafactor adafactor, Update u) {
    Algebra g = u.algebra();
    String square = g.square(u.gradient());
    String spread =
        u.sizes().length > 1 ? factored(adafactor, u, square) : moved(u, "adafactor", square);
    double least = adafactor.epsilon1() * adafactor.epsilon1();
    String bounded = g.node("Max", spread, g.draft().number(least, spread));
    String direction = g.div(u.gradient(), g.node("Sqrt", bounded));
    String excess = g.mul(rms(u, direction), 1 / adafactor.clipping());
    String clip = g.node("Max", excess, g.draft().number(1, excess));
    String own = rms(u, u.parameter());
    String size = g.node("Max", own, g.draft().number(adafactor.epsilon2(), own));
    String step = g.div(g.mul(size, u.rate(Settings.STEP_SIZE)), clip);
    return g.sub(kept(u, adafactor.weightDecay()), g.mul(direction, step));
  }

  /** The mean square as the product of its row and column means, over the last two axes. */
  private static String factored(Adafactor adafactor, Update u, String square) {
    Algebra g = u.algebra();
    int rank = u.sizes().length;
    String rows = moved(u, "adafactor_rows", mean(g, square, rank - 1));
    String columns = moved(u, "adafactor_columns", mean(g, square, rank - 2));
    String all = mean(g, rows, rank - 2);
    String scale = g.node("Max", all, g.draft().number(adafactor.epsilon1(), all));
    return g.mul(g.div(rows, scale), columns);
  }

  private static String mean(Algebra g, String a, int axis) {
    return g.mul(g.sum(a, 1, axis), 1.0 / g.draft().shape(a).dim(axis).sizeOrMinusOne());
  }

  /** A state that goes part of the way to something new: {@code s + w·(x - s)}. */
  private static String moved(Update u, String kind, String towards) {
    Algebra g = u.algebra();
    long[] sizes = g.draft().shape(towards).sizes();
    String state = u.state(kind, Tensor.zeros(g.draft().fact(towards).element(), sizes));
    String way = g.node("Mul", g.sub(towards, state), Settings.NEWS);
    return u.replace(state, g.add(state, way));
  }

  /** The root of the mean square over the whole parameter. */
  private static String rms(Update u, String a) {
    Algebra g = u.algebra();
    return g.node("Sqrt", g.mul(g.sumSquare(a), 1.0 / Tensor.sizeOf(u.sizes())));
  }

  private static String lion(Lion lion, Update u) {
    Algebra g = u.algebra();
    String m = u.state("lion_m");
    String direction = g.add(g.mul(m, lion.beta1()), g.mul(u.gradient(), 1 - lion.beta1()));
    u.replace(m, g.add(g.mul(m, lion.beta2()), g.mul(u.gradient(), 1 - lion.beta2())));
    String step = g.mul(g.node("Sign", direction), u.rate(Settings.LEARNING_RATE));
    return g.sub(kept(u, lion.weightDecay()), step);
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.KernelGradient.Ends;
import dev.lathe.transform.gradient.KernelGradient.Form;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Gradients of operators that slide a window over space. Sizes of space must be known, because they
 * become attributes; the batch may be symbolic.
 */
final class WindowGradients {
  private WindowGradients() {}

  /** Conv: X [N, C, ...], W [M, C/g, k...], Y [N, M, ...]. */
  static void conv(Algebra g, Reverse r) {
    if (r.wants(1)) {
      Ends ends = new Ends(r.in(0), r.dy());
      KernelGradient gradient = new KernelGradient(g, Window.of(g, r, 0, 1), ends, maps(r));
      Form form = r.wants(0) ? gradient.cheapestWithInput() : gradient.cheapest();
      r.give(1, () -> gradient.write(form));
      r.give(
          0,
          () ->
              gradient.givesInput(form)
                  ? gradient.inputByRows(r.in(1))
                  : spread(g, r, r.dy(), r.in(1)));
    } else {
      r.give(0, () -> spread(g, r, r.dy(), r.in(1)));
    }
    r.give(2, () -> g.sum(r.dy(), 0, allBut1(r.rank(0))));
  }

  private static long maps(Reverse r) {
    return r.shape(1).dim(0).sizeOrMinusOne();
  }

  private static long[] allBut1(int rank) {
    return IntStream.range(0, rank).filter(i -> i != 1).mapToLong(i -> i).toArray();
  }

  /** The cotangent of a window's input, in the form that is expected to take less time. */
  private static String spread(Algebra g, Reverse r, String dy, String kernel) {
    Window window = Window.of(g, r, 0, 1);
    return window.isQuickerTurned(r.shape(0).dim(1).sizeOrMinusOne(), maps(r))
        ? window.turned(g, dy, kernel)
        : window.transposed(g, dy, kernel, window.group());
  }

  /** ConvTranspose is Conv with input and output changing places. */
  static void convTranspose(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          Window window = Window.ofTransposed(g, r);
          return window.slid(g, r.dy(), r.in(1), window.group());
        });
    r.give(
        1,
        () -> {
          Ends ends = new Ends(r.dy(), r.in(0));
          KernelGradient gradient = new KernelGradient(g, Window.ofTransposed(g, r), ends, maps(r));
          return gradient.write(gradient.cheapest());
        });
    r.give(2, () -> g.sum(r.dy(), 0, allBut1(r.rank(0))));
  }

  /** MaxPool: each cotangent is added where its maximum was; Indices count through all of X. */
  static void maxPool(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          if (r.node().outputs().size() == 1) {
            return TiledPool.cotangent(g, r);
          }
          String count = g.node("Reshape", g.node("Size", r.x()), g.draft().longs(1));
          String size =
              r.shape(0).isStatic() ? g.draft().longs(Tensor.sizeOf(r.shape(0).sizes())) : count;
          String flat =
              g.draft()
                  .node(
                      "ScatterElements",
                      Map.of("reduction", Attribute.of("add")),
                      g.zeros(size, r.x()),
                      g.reshape(r.out(1), -1),
                      g.reshape(r.dy(), -1));
          return g.reshapeLike(flat, r.x());
        });
  }

  /** AveragePool: each cotangent, divided by the number of taps, spread over its window. */
  static void averagePool(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          r.size(0, 1);
          Window window = Window.of(g, r, 0, -1);
          boolean padCounts = r.node().intAttribute("count_include_pad", 0) != 0;
          double[] shares = window.shares(padCounts);
          double first = shares[0];
          boolean even = Arrays.stream(shares).allMatch(share -> share == first);
          String dy = r.dy();
          ElementType type = g.draft().fact(dy).element();
          if (!even) {
            Tensor map = Tensor.ofValues(type, shares, window.outputs());
            dy = g.mul(dy, g.draft().constant("shares/" + g.draft().scope(), map));
          }
          return spread(g, window, dy, even ? first : 1);
        });
  }

  /** Each element of a pool's output given to every tap of its window, times a number. */
  private static String spread(Algebra g, Window window, String value, double tap) {
    long channels = g.draft().shape(value).dim(1).sizeOrMinusOne();
    long[] sizes = new long[window.space() + 2];
    sizes[0] = channels;
    sizes[1] = 1;
    System.arraycopy(window.kernel(), 0, sizes, 2, window.space());
    double[] taps = new double[Math.toIntExact(Tensor.sizeOf(sizes))];
    Arrays.fill(taps, tap);
    Tensor kernel = Tensor.ofValues(g.draft().fact(value).element(), taps, sizes);
    String weights = g.draft().constant("window/" + g.draft().scope(), kernel);
    return window.transposed(g, value, weights, channels);
  }

  /** LpPool, {@code y = (Σ|x|^p)^(1/p)}: {@code dX = |x|^(p-1)·sign(x)·(dY·y^(1-p) spread)}. */
  static void lpPool(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          r.size(0, 1);
          Window window = Window.of(g, r, 0, -1);
          return lp(g, r, spread(g, window, lengths(g, r), 1));
        });
  }

  /** GlobalLpPool: as LpPool with one window. */
  static void globalLpPool(Algebra g, Reverse r) {
    r.give(0, () -> lp(g, r, lengths(g, r)));
  }

  /** {@code dY·y^(1-p)}; 0 where the whole window is 0. */
  private static String lengths(Algebra g, Reverse r) {
    long p = r.node().intAttribute("p", 2);
    String alive = g.greater(r.y(), 0);
    String safe = g.where(alive, r.y(), g.draft().number(1, r.y()));
    return g.mask(alive, g.mul(r.dy(), power(g, safe, 1 - p)));
  }

  private static String lp(Algebra g, Reverse r, String spread) {
    long p = r.node().intAttribute("p", 2);
    String slope = g.mul(power(g, g.node("Abs", r.x()), p - 1), g.node("Sign", r.x()));
    return g.mul(p == 2 ? r.x() : slope, spread);
  }

  private static String power(Algebra g, String value, long exponent) {
    return exponent == 0
        ? g.draft().number(1, value)
        : exponent == 1
            ? value
            : exponent == -1
                ? g.node("Reciprocal", value)
                : g.node("Pow", value, g.draft().number(exponent, value));
  }
}

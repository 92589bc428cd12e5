package dev.lathe.transform.gradient;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.Arrays;

/**
 * The gradient of a MaxPool whose windows tile its input: found by comparing the input with its
 * maximum, spread over the window, rather than by Indices, whose kernel and whose scattering cost
 * several times as much. Of several maxima in a window the first has the cotangent.
 */
final class TiledPool {
  /** Spreading is a product with a matrix of this many rows at most. */
  private static final long MOST_PLACES = 96;

  private TiledPool() {}

  /** Whether the windows of a MaxPool neither overlap nor leave anything out. */
  static boolean fits(Algebra g, Node node) {
    long[] kernel = node.intsAttribute("kernel_shape");
    int space = kernel.length;
    long[] ones = new long[space];
    Arrays.fill(ones, 1);
    Shape shape = g.draft().shape(node.input(0));
    boolean plain =
        space <= 2
            && Arrays.equals(node.intsAttribute("strides", ones), kernel)
            && Arrays.equals(node.intsAttribute("dilations", ones), ones)
            && Arrays.stream(node.intsAttribute("pads", new long[0])).sum() == 0
            && shape.ranked()
            && node.output(1).isEmpty();
    for (int i = 0; plain && i < space; i++) {
      plain = shape.dim(i + 2) instanceof Dim.Fixed(long size) && size % kernel[i] == 0;
    }
    return plain && shape.dim(-1).sizeOrMinusOne() / kernel[space - 1] <= MOST_PLACES;
  }

  /** The cotangent of the input. */
  static String cotangent(Algebra g, Reverse r) {
    long[] kernel = r.node().intsAttribute("kernel_shape");
    String top = g.castLike(g.node("Equal", r.x(), spread(g, r, r.y())), r.x());
    String ranked = g.mul(top, ranks(g, r, kernel));
    String first = g.draft().node("MaxPool", r.node().attributes(), ranked);
    String chosen = g.node("Equal", ranked, spread(g, r, first));
    return g.gate(chosen, spread(g, r, r.dy()));
  }

  /** Each place's value at every tap of its window, as a product with zeros and ones. */
  private static String spread(Algebra g, Reverse r, String value) {
    long[] kernel = r.node().intsAttribute("kernel_shape");
    int width = Math.toIntExact(r.size(0, r.rank(0) - 1));
    int across = Math.toIntExact(kernel[kernel.length - 1]);
    int down = kernel.length == 1 ? 1 : Math.toIntExact(kernel[0]);
    int places = width / across;
    double[] ones = new double[places * down * width];
    for (int i = 0; i < down * width; i++) {
      ones[i % width / across * down * width + i] = 1;
    }
    ElementType type = g.draft().fact(value).element();
    Tensor matrix = Tensor.ofValues(type, ones, places, (long) down * width);
    String rows = g.reshape(value, -1, places);
    return g.reshapeLike(g.node("MatMul", rows, g.draft().constant("spread", matrix)), r.x());
  }

  /** A number for each element of space, greatest at the first tap of its window. */
  private static String ranks(Algebra g, Reverse r, long[] kernel) {
    int width = Math.toIntExact(r.size(0, r.rank(0) - 1));
    int height = kernel.length == 1 ? 1 : Math.toIntExact(r.size(0, 2));
    int across = Math.toIntExact(kernel[kernel.length - 1]);
    int down = kernel.length == 1 ? 1 : Math.toIntExact(kernel[0]);
    double[] ranks = new double[height * width];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = across * down - i / width % down * across - i % width % across;
    }
    long[] sizes = kernel.length == 1 ? new long[] {width} : new long[] {height, width};
    Tensor map = Tensor.ofValues(g.draft().fact(r.x()).element(), ranks, sizes);
    return g.draft().constant("ranks", map);
  }
}

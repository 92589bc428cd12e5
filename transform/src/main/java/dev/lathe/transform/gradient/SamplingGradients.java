package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.shape.Term;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Operators that read images at places between their elements, spelled out. Letters: N batch, C
 * channels, r axes of space, P places.
 */
final class SamplingGradients {
  private static final List<String> MODES = List.of("nearest", "linear", "cubic");
  private static final List<String> PADDINGS = List.of("zeros", "border", "reflection");

  private SamplingGradients() {}

  /** GridSample: X [N, C, spatial...], grid [N, out..., r] to [N, C, out...]. */
  static List<String> gridSample(Algebra g, Node node) {
    String x = node.input(0);
    String grid = node.input(1);
    long[] spatial = spatial(g, node, x);
    int space = spatial.length;
    boolean corners = node.intAttribute("align_corners", 0) != 0;
    String mode = node.stringAttribute("mode", "linear");
    String padding = node.stringAttribute("padding_mode", "zeros");
    if (!MODES.contains(mode) || !PADDINGS.contains(padding)) {
      throw refuse(node, "mode \"" + mode + "\", padding_mode \"" + padding + "\"");
    }
    String points = new Extents(g).of(grid, 0).sizes(-1, space).reshape(grid);
    List<String> places = new ArrayList<>();
    for (int axis = 0; axis < space; axis++) {
      places.add(place(g, part(g, points, space - 1 - axis), spatial[axis], corners));
    }
    String images = images(g, x, spatial);
    String y = new Sampler(g, mode, padding, corners).read(images, spatial, places);
    return List.of(new Extents(g).of(x, 0, 2).of(grid, 1, space + 1).reshape(y));
  }

  /** The places [N, P] of one axis of [N, P, r]. */
  private static String part(Algebra g, String points, int index) {
    String at = g.draft().constant(Integer.toString(index), Tensor.scalar((long) index));
    return g.draft().node("Gather", Map.of("axis", Attribute.of(2L)), points, at);
  }

  /** From -1 to 1 across an axis, to elements from the first. */
  private static String place(Algebra g, String normal, long size, boolean corners) {
    double stretch = corners ? (size - 1) / 2.0 : size / 2.0;
    return g.add(g.mul(normal, stretch), (size - 1) / 2.0);
  }

  private static long[] spatial(Algebra g, Node node, String x) {
    Shape shape = g.draft().shape(x);
    if (!shape.ranked() || shape.rank() < 3) {
      throw refuse(node, "input \"" + x + "\" " + shape + " (expected: [N, C, ...])");
    }
    long[] sizes = Arrays.copyOfRange(shape.sizes(), 2, shape.rank());
    if (Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw refuse(node, "input \"" + x + "\" " + shape + " (expected: fixed sizes of space)");
    }
    return sizes;
  }

  private static String images(Algebra g, String x, long[] spatial) {
    long area = Arrays.stream(spatial).reduce(1, Math::multiplyExact);
    return new Extents(g).of(x, 0, 2).sizes(area).reshape(x);
  }

  /** AffineGrid: theta [N, r, r + 1] times each place of the grid, a constant, and 1. */
  static List<String> affineGrid(Algebra g, Node node) {
    List<Term> size =
        g.draft()
            .fact(node.input(1))
            .content()
            .orElseThrow(() -> refuse(node, "size (expected: known when the graph is made)"));
    int space = size.size() - 2;
    long[] out = new long[space];
    for (int axis = 0; axis < space; axis++) {
      if (!(size.get(axis + 2).toDim() instanceof Dim.Fixed(long fixed))) {
        throw refuse(node, "size " + size + " (expected: fixed sizes of space)");
      }
      out[axis] = fixed;
    }
    String theta = node.input(0);
    String base = base(g, theta, out, node.intAttribute("align_corners", 0) != 0);
    String points = g.node("MatMul", base, g.transpose(theta, 0, 2, 1));
    return List.of(new Extents(g).of(theta, 0).sizes(out).sizes(space).reshape(points));
  }

  /** [P, r + 1]: places from -1 to 1, the last axis of space first, and 1. */
  private static String base(Algebra g, String theta, long[] out, boolean corners) {
    int space = out.length;
    int count = Math.toIntExact(Arrays.stream(out).reduce(1, Math::multiplyExact));
    double[] values = new double[Math.multiplyExact(count, space + 1)];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int axis = space - 1; axis >= 0; axis--) {
        double at = rest % out[axis];
        rest /= (int) out[axis];
        double normal = corners ? 2 * at / (out[axis] - 1) - 1 : (2 * at + 1) / out[axis] - 1;
        values[i * (space + 1) + space - 1 - axis] = normal;
      }
      values[i * (space + 1) + space] = 1;
    }
    Tensor tensor = Tensor.ofValues(g.draft().fact(theta).element(), values, count, space + 1);
    return g.draft().constant("grid" + Arrays.toString(out).replace(" ", ""), tensor);
  }

  private static LatheException refuse(Node node, String why) {
    return TrainingForms.refuse(node, why);
  }
}

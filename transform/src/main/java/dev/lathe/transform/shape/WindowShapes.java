package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Shapes of operators that slide a window over space: [N, C, spatial...]. */
final class WindowShapes {
  private WindowShapes() {}

  /** Conv: X [N, C, ...], W [M, C/group, k...] to [N, M, ...]. */
  static Shape conv(ShapeCall call) {
    Shape x = call.shape(0);
    Shape w = call.shape(1);
    requireSpatial(call, w.rank());
    long group = call.node().intAttribute("group", 1);
    if (x.dim(1) instanceof Dim.Fixed(long channels)
        && w.dim(1) instanceof Dim.Fixed(long perGroup)
        && channels != perGroup * group) {
      throw call.mismatch(
          call.describe(0) + " with " + call.describe(1) + " and group " + group,
          perGroup * group + " channels");
    }
    return slide(call, kernelOf(call, w), w.dim(0));
  }

  /** MaxPool, AveragePool, LpPool: channels stay. */
  static Shape pool(ShapeCall call) {
    if (call.shape(0).rank() < 3) {
      throw call.mismatch(call.describe(0), "rank of at least 3");
    }
    long[] kernel = call.node().intsAttribute("kernel_shape");
    requireSpatial(call, kernel.length + 2);
    return slide(call, kernel, call.shape(0).dim(1));
  }

  /** GlobalAveragePool and its kin: space becomes 1. */
  static Shape global(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    for (int i = 2; i < dims.size(); i++) {
      dims.set(i, Dim.of(1));
    }
    return Shape.of(dims);
  }

  /** MaxUnpool: the shape that its third input names, or what its window was slid over at least. */
  static Shape unpool(ShapeCall call) {
    if (call.has(2)) {
      return LayoutShapes.sizes(call, 2);
    }
    long[] kernel = call.node().intsAttribute("kernel_shape");
    requireSpatial(call, kernel.length + 2);
    Window window = Window.of(call.node(), kernel);
    List<Dim> dims = call.dims(0);
    for (int i = 0; i < kernel.length; i++) {
      dims.set(i + 2, window.transposed(i, Term.of(dims.get(i + 2)), call.node()).toDim());
    }
    return Shape.of(dims);
  }

  /** ConvTranspose: X [N, C, ...], W [C, M/group, k...] to [N, M, ...]. */
  static Shape convTranspose(ShapeCall call) {
    Shape x = call.shape(0);
    Shape w = call.shape(1);
    requireSpatial(call, w.rank());
    call.same(x.dim(1), w.dim(0));
    long[] kernel = kernelOf(call, w);
    Window window = Window.of(call.node(), kernel);
    List<Dim> dims = new ArrayList<>();
    dims.add(x.dim(0));
    dims.add(Term.of(w.dim(1)).times(Term.of(call.node().intAttribute("group", 1))).toDim());
    long[] fixed = call.node().intsAttribute("output_shape");
    for (int i = 0; i < kernel.length; i++) {
      dims.add(
          fixed.length == 0
              ? window.transposed(i, Term.of(x.dim(i + 2)), call.node()).toDim()
              : Dim.of(fixed[fixed.length - kernel.length + i]));
    }
    return Shape.of(dims);
  }

  private static void requireSpatial(ShapeCall call, int rank) {
    if (rank < 3 || call.shape(0).rank() != rank) {
      throw call.mismatch(call.describe(0), "rank " + rank + " as its window asks");
    }
  }

  private static long[] kernelOf(ShapeCall call, Shape w) {
    long[] sizes = Arrays.copyOfRange(w.sizes(), 2, w.rank());
    return call.node().intsAttribute("kernel_shape", sizes);
  }

  private static Shape slide(ShapeCall call, long[] kernel, Dim channels) {
    Shape x = call.shape(0);
    Window window = Window.of(call.node(), kernel);
    List<Dim> dims = new ArrayList<>();
    dims.add(x.dim(0));
    dims.add(channels);
    for (int i = 0; i < kernel.length; i++) {
      Term size = window.slid(i, Term.of(x.dim(i + 2)));
      if (size.isConstant() && size.factor() < 1) {
        throw call.mismatch(
            call.describe(0) + ": the window does not fit axis " + (i + 2), "a fit");
      }
      dims.add(size.toDim());
    }
    return Shape.of(dims);
  }

  /**
   * A sliding window.
   *
   * @param kernel sizes
   * @param strides steps
   * @param dilations distances between taps
   * @param pads begins, then ends; as the attribute gives them
   * @param auto {@code NOTSET}, {@code VALID}, {@code SAME_UPPER} or {@code SAME_LOWER}
   * @param ceil whether the last partial window counts
   */
  record Window(
      long[] kernel, long[] strides, long[] dilations, long[] pads, String auto, boolean ceil) {
    static Window of(Node node, long[] kernel) {
      long[] ones = new long[kernel.length];
      Arrays.fill(ones, 1);
      Window window =
          new Window(
              kernel,
              node.intsAttribute("strides", ones),
              node.intsAttribute("dilations", ones),
              node.intsAttribute("pads", new long[2 * kernel.length]),
              node.stringAttribute("auto_pad", "NOTSET"),
              node.intAttribute("ceil_mode", 0) != 0);
      window.require(node);
      return window;
    }

    private void require(Node node) {
      boolean fits =
          strides.length == kernel.length
              && dilations.length == kernel.length
              && pads.length == 2 * kernel.length
              && Arrays.stream(strides).allMatch(s -> s > 0)
              && Arrays.stream(dilations).allMatch(d -> d > 0);
      if (!fits) {
        throw new LatheException(
            TransformError.SHAPE_MISMATCH,
            node.describe()
                + ": strides, dilations, pads "
                + Arrays.toString(strides)
                + Arrays.toString(dilations)
                + Arrays.toString(pads)
                + " (expected: positive, for "
                + kernel.length
                + " axes)");
      }
    }

    Term slid(int axis, Term size) {
      if (kernel[axis] < 0 || !size.known()) {
        return Term.UNKNOWN;
      }
      Term stride = Term.of(strides[axis]);
      if (auto.startsWith("SAME")) {
        return size.plus(Term.of(strides[axis] - 1)).dividedBy(stride);
      }
      long padding = auto.equals("VALID") ? 0 : pads[axis] + pads[axis + kernel.length];
      long reach = (kernel[axis] - 1) * dilations[axis] + 1;
      Term last = size.plus(Term.of(padding - reach));
      if (!ceil) {
        return last.dividedBy(stride).plus(Term.of(1));
      }
      Term count = last.plus(Term.of(strides[axis] - 1)).dividedBy(stride).plus(Term.of(1));
      // A window that would start in the padding at the end does not count.
      boolean beyond =
          count.isConstant()
              && size.isConstant()
              && (count.factor() - 1) * strides[axis] >= size.factor() + pads[axis];
      return beyond ? count.minus(Term.of(1)) : count;
    }

    Term transposed(int axis, Term size, Node node) {
      if (kernel[axis] < 0) {
        return Term.UNKNOWN;
      }
      Term stride = Term.of(strides[axis]);
      if (auto.startsWith("SAME")) {
        return size.times(stride);
      }
      long extra = node.intsAttribute("output_padding", new long[kernel.length])[axis];
      long padding = auto.equals("VALID") ? 0 : pads[axis] + pads[axis + kernel.length];
      long reach = (kernel[axis] - 1) * dilations[axis] + 1;
      return size.minus(Term.of(1)).times(stride).plus(Term.of(extra + reach - padding));
    }
  }
}

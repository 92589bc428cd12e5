package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** The shape of Resize: by scales, or by sizes that may have to keep the aspect ratio. */
final class ResizeShapes {
  private ResizeShapes() {}

  static Shape resize(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int rank = dims.size();
    long[] every = LongStream.range(0, rank).toArray();
    long[] axes = call.node().intsAttribute("axes", every);
    int input = call.opset() < 11 ? 1 : 2;
    boolean scaled = call.has(input) && !call.shape(input).equals(Shape.of(0));
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], rank);
      dims.set(axis, scaled ? scaled(call, input, i, dims.get(axis)) : asked(call, axes, i));
    }
    return Shape.of(dims);
  }

  private static Dim scaled(ShapeCall call, int input, int index, Dim size) {
    Optional<Double> scale = call.in(input).numbers().map(scales -> scales.get(index));
    if (scale.isEmpty()) {
      return Dim.UNKNOWN;
    }
    if (scale.get() == Math.rint(scale.get())) {
      return Term.of(size).times(Term.of(Math.round(scale.get()))).toDim();
    }
    return size instanceof Dim.Fixed(long fixed)
        ? Dim.of((long) Math.floor(fixed * scale.get()))
        : Dim.UNKNOWN;
  }

  private static Dim asked(ShapeCall call, long[] axes, int index) {
    Optional<List<Term>> sizes = call.in(3).content();
    if (sizes.isEmpty()) {
      return Dim.UNKNOWN;
    }
    String policy = call.node().stringAttribute("keep_aspect_ratio_policy", "stretch");
    if (policy.equals("stretch")) {
      return sizes.get().get(index).toDim();
    }
    double ratio = policy.equals("not_larger") ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < axes.length; i++) {
      Dim dim = call.shape(0).dim(call.axis(axes[i], call.shape(0).rank()));
      if (!(dim instanceof Dim.Fixed(long size)) || !sizes.get().get(i).isConstant()) {
        return Dim.UNKNOWN;
      }
      double own = (double) sizes.get().get(i).factor() / size;
      ratio = policy.equals("not_larger") ? Math.min(ratio, own) : Math.max(ratio, own);
    }
    long size = call.shape(0).dim(call.axis(axes[index], call.shape(0).rank())).sizeOrMinusOne();
    return Dim.of((long) Math.floor(size * ratio + 0.5));
  }
}

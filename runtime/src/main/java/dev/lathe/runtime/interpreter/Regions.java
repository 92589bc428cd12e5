package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Map;

/** Windows that are not on the grid of an image: deformed ones, and regions that are pooled. */
final class Regions {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("DeformConv", one(Regions::deformed)), entry("RoiAlign", one(Regions::aligned)));

  private Regions() {}

  /**
   * One channel of an image.
   *
   * @param values all images
   * @param from where the channel begins
   */
  private record Plane(double[] values, int from, int height, int width) {
    /** Between four elements; 0 beyond the outer ones. */
    double at(double y, double x) {
      double sum = 0;
      for (int corner = 0; corner < 4; corner++) {
        int row = (int) Math.floor(y) + corner / 2;
        int column = (int) Math.floor(x) + corner % 2;
        if (row >= 0 && row < height && column >= 0 && column < width) {
          double weight = (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
          sum += weight * values[from + row * width + column];
        }
      }
      return sum;
    }

    /** As {@link #at}, but up to an element beyond the image its outer elements go on. */
    double extended(double y, double x) {
      boolean outside = y < -1 || y > height || x < -1 || x > width;
      return outside ? 0 : at(Math.clamp(y, 0, height - 1.0), Math.clamp(x, 0, width - 1.0));
    }
  }

  /** X [N, C, H, W], W [M, C/G, h, w], offsets [N, D·h·w·2, oH, oW], bias [M], mask. */
  private static Array deformed(Call call) {
    Array.Reals x = call.reals(0);
    Array.Reals w = call.reals(1);
    Array.Reals offset = call.reals(2);
    if (x.rank() != 4 || w.rank() != 4 || offset.rank() != 4) {
      throw call.unsupported("input " + x.describe() + " (expected: [N, C, H, W])");
    }
    int[] d = x.dims();
    int[] k = w.dims();
    int[] dims = {d[0], k[0], offset.dims()[2], offset.dims()[3]};
    int[] strides = call.sizes("strides", 1, 1);
    int[] dilations = call.sizes("dilations", 1, 1);
    int[] pads = call.sizes("pads", 0, 0, 0, 0);
    int perGroup = k[0] / call.size(call.number("group", 1));
    int shared = d[1] / call.size(call.number("offset_group", 1));
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    for (int i = 0; i < values.length; i++) {
      int[] at = Sizes.index(dims, i);
      double sum = call.has(3) ? call.in(3).real(at[1]) : 0;
      for (int tap = 0; tap < k[1] * k[2] * k[3]; tap++) {
        int channel = at[1] / perGroup * k[1] + tap / (k[2] * k[3]);
        int place = tap % (k[2] * k[3]);
        int moved = channel / shared * k[2] * k[3] + place;
        double y = at[2] * strides[0] - pads[0] + place / k[3] * dilations[0];
        double column = at[3] * strides[1] - pads[1] + place % k[3] * dilations[1];
        y += offset.values()[Sizes.place(offset.dims(), at[0], 2 * moved, at[2], at[3])];
        column += offset.values()[Sizes.place(offset.dims(), at[0], 2 * moved + 1, at[2], at[3])];
        Plane plane = new Plane(x.values(), (at[0] * d[1] + channel) * d[2] * d[3], d[2], d[3]);
        double shown =
            call.has(4)
                ? call.in(4).real(Sizes.place(call.in(4).dims(), at[0], moved, at[2], at[3]))
                : 1;
        sum += w.values()[at[1] * k[1] * k[2] * k[3] + tap] * shown * plane.at(y, column);
      }
      values[i] = sum;
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /** X [N, C, H, W], regions [R, 4], their images [R], to [R, C, output height, output width]. */
  private static Array aligned(Call call) {
    if (!call.node().stringAttribute("mode", "avg").equals("avg")) {
      throw call.unsupported("mode (expected: avg)");
    }
    Array.Reals x = call.reals(0);
    int[] d = x.dims();
    boolean older = call.opset() < 16;
    String mode =
        call.node()
            .stringAttribute(
                "coordinate_transformation_mode", older ? "output_half_pixel" : "half_pixel");
    double shift = mode.equals("half_pixel") ? 0.5 : 0;
    int[] dims = {
      call.in(1).dims()[0],
      d[1],
      call.size(call.number("output_height", 1)),
      call.size(call.number("output_width", 1))
    };
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    for (int i = 0; i < values.length; i++) {
      int[] at = Sizes.index(dims, i);
      double[] region = new double[4];
      for (int side = 0; side < 4; side++) {
        double scaled = call.in(1).real(at[0] * 4 + side) * call.real("spatial_scale", 1);
        region[side] = scaled - shift;
      }
      double least = shift == 0 ? 1 : Double.NEGATIVE_INFINITY;
      double height = Math.max(region[3] - region[1], least) / dims[2];
      double width = Math.max(region[2] - region[0], least) / dims[3];
      int asked = call.size(call.number("sampling_ratio", 0));
      int rows = asked > 0 ? asked : (int) Math.ceil(height);
      int columns = asked > 0 ? asked : (int) Math.ceil(width);
      int image = (int) call.longs(2)[at[0]];
      Plane plane = new Plane(x.values(), (image * d[1] + at[1]) * d[2] * d[3], d[2], d[3]);
      double sum = 0;
      for (int s = 0; s < rows * columns; s++) {
        double y = region[1] + height * (at[2] + (s / columns + 0.5) / rows);
        double column = region[0] + width * (at[3] + (s % columns + 0.5) / columns);
        sum += plane.extended(y, column);
      }
      values[i] = sum / Math.max(1, rows * columns);
    }
    return new Array.Reals(x.type(), dims, values);
  }
}

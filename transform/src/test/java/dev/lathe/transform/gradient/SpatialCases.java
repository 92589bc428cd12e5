package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** Random uses of operators on places, blocks, waves and sequences, and of determinants. */
final class SpatialCases {
  private static final List<String> PADDINGS = List.of("zeros", "border", "reflection");

  private SpatialCases() {}

  static void add(Map<String, Function<Random, Case>> table) {
    table.put("GridSample", SpatialCases::gridSample);
    table.put("AffineGrid", SpatialCases::affineGrid);
    table.put("Col2Im", SpatialCases::blocks);
    table.put("DFT", SpatialCases::fourier);
    table.put("STFT", SpatialCases::shortTime);
    table.put("DeformConv", SpatialCases::deformed);
    table.put("RoiAlign", SpatialCases::regions);
    table.put("Det", SpatialCases::determinant);
    table.put("CumProd", SpatialCases::product);
    table.put("TensorScatter", SpatialCases::cache);
  }

  private static Case gridSample(Random r) {
    boolean volume = r.nextInt(4) == 0;
    String mode = List.of("nearest", "linear", "cubic").get(r.nextInt(volume ? 2 : 3));
    Case c = new Case("GridSample", r);
    long[] grid = volume ? new long[] {2, 2, 1, 3, 3} : new long[] {2, 3, 2, 2};
    if (volume) {
      c.in(2, 2, 2, 3, 1 + r.nextInt(3));
    } else {
      c.in(2, 2, 1 + r.nextInt(4), 1 + r.nextInt(4));
    }
    if (mode.equals("nearest")) {
      c.fixed(apart(r, grid));
    } else {
      c.in(-1.5, 1.5, grid);
    }
    c.with("mode", Attribute.of(mode));
    c.with("padding_mode", Attribute.of(PADDINGS.get(r.nextInt(3))));
    return c.with("align_corners", Attribute.of((long) r.nextInt(2)));
  }

  private static Tensor apart(Random r, long... dims) {
    double[] values = r.doubles(Tensor.sizeOf(dims), -1.5, 1.5).toArray();
    return Tensor.ofValues(ElementType.FLOAT, values, dims);
  }

  private static Case affineGrid(Random r) {
    int space = 2 + r.nextInt(2);
    long[] size = new long[space + 2];
    Arrays.setAll(size, _ -> 2 + r.nextInt(2));
    return new Case("AffineGrid", r)
        .in(size[0], space, space + 1)
        .longs(size)
        .with("align_corners", Attribute.of((long) r.nextInt(2)));
  }

  private static Case blocks(Random r) {
    Case c = new Case("Col2Im", r);
    return switch (r.nextInt(3)) {
      case 0 -> c.in(2, 2 * 2 * 3, 3 * 3).longs(4, 5).longs(2, 3);
      case 1 ->
          c.in(1, 3 * 2 * 2, 2 * 3)
              .longs(5, 6)
              .longs(2, 2)
              .ints("strides", 2, 3)
              .ints("dilations", 2, 2)
              .ints("pads", 1, 1, 0, 2);
      default -> c.in(2, 2, 3 * 5).longs(4, 5).longs(2, 1);
    };
  }

  private static Case deformed(Random r) {
    Case c = new Case("DeformConv", r).opset(19);
    if (r.nextBoolean()) {
      c.in(2, 2, 4, 3).in(2, 2, 2, 2).in(2, 2 * 4, 3, 2);
      return r.nextBoolean() ? c : c.in(2);
    }
    c.in(1, 4, 5, 6).in(4, 2, 2, 2).in(1, 2 * 2 * 4, 3, 4).in(4).in(1, 2 * 4, 3, 4);
    c.with("group", Attribute.of(2L)).with("offset_group", Attribute.of(2L));
    return c.ints("strides", 2, 2).ints("dilations", 1, 2).ints("pads", 1, 2, 0, 2);
  }

  private static Case regions(Random r) {
    double[] sides = new double[8];
    for (int i = 0; i < 8; i += 4) {
      sides[i] = r.nextDouble(-1, 3);
      sides[i + 1] = r.nextDouble(-1, 3);
      sides[i + 2] = sides[i] + r.nextDouble(1.1, 5);
      sides[i + 3] = sides[i + 1] + r.nextDouble(1.1, 5);
    }
    return new Case("RoiAlign", r)
        .in(2, 2, 5, 6)
        .in(Tensor.ofDoubles(sides, 2, 4))
        .longs(r.nextInt(2), r.nextInt(2))
        .with("sampling_ratio", Attribute.of(1L + r.nextInt(2)))
        .with("output_height", Attribute.of(1L + r.nextInt(3)))
        .with("output_width", Attribute.of(1L + r.nextInt(3)))
        .with("spatial_scale", Attribute.of(0.8f))
        .with(
            "coordinate_transformation_mode",
            Attribute.of(r.nextBoolean() ? "half_pixel" : "output_half_pixel"));
  }

  private static Case fourier(Random r) {
    Case c = new Case("DFT", r);
    long size = 1 + r.nextInt(5);
    switch (r.nextInt(4)) {
      case 0 -> c.in(2, size, 1 + r.nextInt(2));
      case 1 -> c.in(size, 2, 2).omitted().fixed(Tensor.scalar(0L));
      case 2 -> c.in(2, size, 2).fixed(Tensor.scalar(1L + r.nextInt(6)));
      default ->
          c.in(2, size, 1)
              .fixed(Tensor.scalar(1L + r.nextInt(6)))
              .fixed(Tensor.scalar(1L))
              .with("onesided", Attribute.of(1L));
    }
    boolean half = c.attributes.containsKey("onesided");
    return half ? c : c.with("inverse", Attribute.of((long) r.nextInt(2)));
  }

  private static Case shortTime(Random r) {
    Case c = new Case("STFT", r).in(2, 9, 1).fixed(Tensor.scalar(1L + r.nextInt(4)));
    switch (r.nextInt(3)) {
      case 0 -> c.in(2 + r.nextInt(4));
      case 1 -> c.omitted().fixed(Tensor.scalar(2L + r.nextInt(5)));
      default -> c.in(4).fixed(Tensor.scalar(4L));
    }
    return c.with("onesided", Attribute.of((long) r.nextInt(2)));
  }

  /** Now and then a singular matrix. */
  private static Case determinant(Random r) {
    long size = 1 + r.nextInt(4);
    Case c = new Case("Det", r);
    if (r.nextInt(3) > 0) {
      return r.nextBoolean() ? c.in(size, size) : c.in(2, 1, size, size);
    }
    double[] values = r.doubles(size * size, -2, 2).toArray();
    Arrays.fill(values, 0, (int) size, 0);
    return c.in(Tensor.ofDoubles(values, size, size));
  }

  /** Now and then a factor 0. */
  private static Case product(Random r) {
    long[] dims = {2, 1 + r.nextInt(5), 2};
    double[] values = r.doubles(Tensor.sizeOf(dims), -2, 2).toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = r.nextInt(6) == 0 ? 0 : values[i];
    }
    return new Case("CumProd", r)
        .in(Tensor.ofDoubles(values, dims))
        .fixed(Tensor.scalar((long) r.nextInt(6) - 3))
        .with("reverse", Attribute.of((long) r.nextInt(2)))
        .with("exclusive", Attribute.of((long) r.nextInt(2)))
        .opset(26);
  }

  private static Case cache(Random r) {
    Case c = new Case("TensorScatter", r).opset(24).in(2, 2, 5, 3).in(2, 2, 2, 3);
    if (r.nextBoolean()) {
      c.longs(r.nextInt(4), r.nextInt(4));
    }
    return c.with("mode", Attribute.of(r.nextBoolean() ? "linear" : "circular"));
  }
}

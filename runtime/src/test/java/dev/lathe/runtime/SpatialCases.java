package dev.lathe.runtime;

import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.OperatorCases.Use;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Drawings of operators on places between elements, on blocks, on waves and along sequences. */
final class SpatialCases {
  static final Map<String, List<Use>> ALL =
      Map.ofEntries(
          entry(
              "GridSample",
              List.of(
                  d -> gridSample(d, "nearest", 1.2),
                  d -> gridSample(d, "linear", 1.2),
                  d -> gridSample(d, "linear", 3),
                  d -> gridSample(d, "cubic", 1.2),
                  d -> gridSample(d, "cubic", 3),
                  d -> gridSampleOfVolumes(d, "linear"),
                  d -> gridSampleOfVolumes(d, "nearest"),
                  d -> gridSample(d, "bilinear", 1.5).opset(16),
                  d -> gridSample(d, "bicubic", 1.5).opset(16))),
          entry("AffineGrid", List.of(d -> affineGrid(d, 2), d -> affineGrid(d, 3))),
          entry("Col2Im", List.of(SpatialCases::blocks, SpatialCases::spacedBlocks)),
          entry(
              "DFT",
              List.of(
                  d -> d.in(d.floats(2, d.between(1, 9), d.between(1, 2))),
                  d ->
                      d.in(d.floats(d.between(1, 7), 3, 2))
                          .none()
                          .in(Tensor.scalar(0L))
                          .with("inverse", 1),
                  d ->
                      d.in(d.floats(2, d.between(1, 8), 1))
                          .in(Tensor.scalar((long) d.between(1, 9)))
                          .in(Tensor.scalar(1L))
                          .with("onesided", 1),
                  d -> d.in(d.floats(2, d.between(1, 8), 1)).with("axis", 1).opset(17))),
          entry("STFT", List.of(d -> shortTime(d, true), d -> shortTime(d, false))),
          entry("Det", List.of(d -> square(d, d.between(1, 4)), d -> square(d, 5))),
          entry("DeformConv", List.of(SpatialCases::deformed, SpatialCases::deformedInGroups)),
          entry(
              "RoiAlign",
              List.of(
                  d -> regions(d).with("sampling_ratio", d.between(1, 3)).opset(16),
                  d -> regions(d).with("spatial_scale", 0.5f).opset(16),
                  d -> regions(d).with("sampling_ratio", 2).opset(10),
                  d ->
                      regions(d)
                          .with("coordinate_transformation_mode", "output_half_pixel")
                          .opset(16))),
          entry("CumProd", List.of(SpatialCases::product)),
          entry("TensorScatter", List.of(SpatialCases::cache)));

  private SpatialCases() {}

  private static Draw gridSample(Draw d, String mode, double reach) {
    long n = d.between(1, 2);
    return d.in(d.floats(n, 2, d.between(1, 5), d.between(1, 5)))
        .in(d.uniform(-reach, reach, n, d.between(1, 4), d.between(1, 4), 2))
        .with("mode", mode)
        .with("padding_mode", d.pick(List.of("zeros", "border", "reflection")))
        .with("align_corners", d.between(0, 1));
  }

  private static Draw gridSampleOfVolumes(Draw d, String mode) {
    return d.in(d.floats(1, 2, d.between(1, 3), d.between(1, 4), d.between(1, 3)))
        .in(d.uniform(-1.5, 1.5, 1, 2, 3, d.between(1, 3), 3))
        .with("mode", mode)
        .with("padding_mode", d.pick(List.of("zeros", "border", "reflection")))
        .with("align_corners", d.between(0, 1));
  }

  private static Draw affineGrid(Draw d, int space) {
    long[] size = new long[space + 2];
    Arrays.setAll(size, i -> d.between(2, 4));
    return d.in(d.floats(size[0], space, space + 1))
        .in(Draw.longs(size))
        .with("align_corners", d.between(0, 1));
  }

  private static Draw blocks(Draw d) {
    return d.in(d.floats(2, 2 * 2 * 3, 3 * 3)).in(Draw.longs(4, 5)).in(Draw.longs(2, 3));
  }

  private static Draw spacedBlocks(Draw d) {
    // 5 + 1 + 0 rows, blocks of 3 every 2: 2; 6 + 1 + 2 columns, blocks of 3 every 3: 3.
    return d.in(d.floats(1, 3 * 2 * 2, 2 * 3))
        .in(Draw.longs(5, 6))
        .in(Draw.longs(2, 2))
        .with("strides", new long[] {2, 3})
        .with("dilations", new long[] {2, 2})
        .with("pads", new long[] {1, 1, 0, 2});
  }

  private static Draw shortTime(Draw d, boolean windowed) {
    long length = d.between(2, 6);
    d.in(d.floats(2, 11, 1)).in(Tensor.scalar((long) d.between(1, 4)));
    if (windowed) {
      return d.in(d.floats(length)).with("onesided", d.between(0, 1)).opset(17);
    }
    return d.none().in(Tensor.scalar(length)).with("onesided", d.between(0, 1)).opset(17);
  }

  private static Draw square(Draw d, long size) {
    return d.in(d.floats(d.between(1, 3), size, size));
  }

  private static Draw deformed(Draw d) {
    return d.in(d.floats(2, 2, 5, 4))
        .in(d.floats(3, 2, 3, 2))
        .in(d.floats(2, 2 * 3 * 2, 3, 3))
        .opset(19);
  }

  private static Draw deformedInGroups(Draw d) {
    return d.in(d.floats(1, 4, 5, 6))
        .in(d.floats(6, 2, 2, 2))
        .in(d.floats(1, 2 * 2 * 4, 3, 4))
        .in(d.floats(6))
        .in(d.floats(1, 2 * 4, 3, 4))
        .with("group", 2)
        .with("offset_group", 2)
        .with("strides", new long[] {2, 2})
        .with("dilations", new long[] {1, 2})
        .with("pads", new long[] {1, 2, 0, 2})
        .opset(19);
  }

  private static Draw regions(Draw d) {
    float[] sides = new float[12];
    for (int r = 0; r < 3; r++) {
      sides[4 * r] = d.between(-10, 40) / 10f;
      sides[4 * r + 1] = d.between(-10, 40) / 10f;
      sides[4 * r + 2] = sides[4 * r] + d.between(11, 60) / 10f;
      sides[4 * r + 3] = sides[4 * r + 1] + d.between(11, 60) / 10f;
    }
    return d.in(d.floats(2, 2, 6, 7))
        .in(Tensor.ofFloats(sides, 3, 4))
        .in(d.integers(ElementType.INT64, 0, 1, 3))
        .with("output_height", d.between(1, 3))
        .with("output_width", d.between(1, 3));
  }

  private static Draw product(Draw d) {
    long[] dims = d.dims(1, 3);
    return d.in(d.floats(dims))
        .in(Tensor.scalar((long) d.axis(dims.length)))
        .with("reverse", d.between(0, 1))
        .with("exclusive", d.between(0, 1))
        .opset(26);
  }

  private static Draw cache(Draw d) {
    return d.in(d.floats(2, 3, 5, 2))
        .in(d.floats(2, 3, 3, 2))
        .in(d.integers(ElementType.INT64, 0, 2, 2))
        .with("axis", 2)
        .with("mode", d.coin() ? "linear" : "circular")
        .opset(24);
  }
}

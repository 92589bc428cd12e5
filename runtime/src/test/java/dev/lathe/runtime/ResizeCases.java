package dev.lathe.runtime;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.OperatorCases.Use;
import java.util.List;

/** Drawings of Resize. */
final class ResizeCases {
  private static final List<String> PLACES =
      List.of(
          "half_pixel",
          "half_pixel_symmetric",
          "pytorch_half_pixel",
          "align_corners",
          "asymmetric");

  private static final List<String> ROUNDS =
      List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");

  private ResizeCases() {}

  static List<Use> resize() {
    return List.of(
        d -> sized(d, "nearest").with("nearest_mode", d.pick(ROUNDS)),
        d -> sized(d, "nearest").with("nearest_mode", d.pick(ROUNDS)),
        d -> sized(d, "linear"),
        d -> sized(d, "cubic").with("cubic_coeff_a", -0.5f),
        d -> sized(d, "cubic").with("exclude_outside", 1),
        d -> smooth(d, "linear"),
        d -> smooth(d, "cubic"),
        d -> scaled(d, "nearest", 2, 3),
        d -> scaled(d, "linear", 0.6f, 1.7f),
        d -> scaled(d, "linear", 2, 0.5f),
        d ->
            d.in(d.floats(1, 2, 4, 5))
                .none()
                .in(Tensor.ofFloats(new float[] {2, 2}, 2))
                .with("axes", new long[] {2, 3})
                .with("mode", "linear"),
        d ->
            d.in(d.floats(1, 1, 4, 5))
                .in(Tensor.ofFloats(new float[] {0, 0, 0.1f, 0.23f, 1, 1, 0.8f, 1.17f}, 8))
                .none()
                .in(Draw.longs(1, 1, d.between(1, 6), d.between(1, 6)))
                .with("mode", "linear")
                .with("extrapolation_value", 7f)
                .with("coordinate_transformation_mode", "tf_crop_and_resize"),
        d ->
            d.in(d.floats(1, 1, 4, 6))
                .none()
                .none()
                .in(Draw.longs(7, 8))
                .with("axes", new long[] {2, 3})
                .with("keep_aspect_ratio_policy", d.coin() ? "not_larger" : "not_smaller")
                .with("mode", "nearest"));
  }

  private static Draw sized(Draw d, String mode) {
    return d.in(d.floats(2, 2, 4, 5))
        .none()
        .none()
        .in(Draw.longs(2, 2, d.between(1, 9), d.between(1, 9)))
        .with("mode", mode)
        .with("coordinate_transformation_mode", d.pick(PLACES));
  }

  private static Draw smooth(Draw d, String mode) {
    return sized(d, mode).with("antialias", 1).with("exclude_outside", d.between(0, 1));
  }

  private static Draw scaled(Draw d, String mode, float height, float width) {
    return d.in(d.floats(1, 2, 5, 4))
        .in(Tensor.zeros(ElementType.FLOAT, 0))
        .in(Tensor.ofFloats(new float[] {1, 1, height, width}, 4))
        .with("mode", mode)
        .with("coordinate_transformation_mode", d.pick(PLACES));
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Random;

/** Random uses of Resize. */
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

  static Case resize(Random r) {
    String mode = List.of("nearest", "linear", "cubic").get(r.nextInt(3));
    Case c = new Case("Resize", r).in(2, 1, 2 + r.nextInt(3), 2 + r.nextInt(3));
    c.with("mode", Attribute.of(mode));
    c.with("coordinate_transformation_mode", Attribute.of(pick(r, PLACES)));
    c.with("nearest_mode", Attribute.of(pick(r, ROUNDS)));
    switch (r.nextInt(4)) {
      case 0 -> c.omitted().omitted().longs(2, 1, 1 + r.nextInt(6), 1 + r.nextInt(6));
      case 1 -> {
        float[] scales = {0.5f + r.nextFloat(), 1 + r.nextInt(2)};
        c.omitted().fixed(Tensor.ofFloats(scales, 2)).ints("axes", 2, -1);
      }
      case 2 -> {
        float[] region = {0.1f, -0.2f, 0.9f, 1.1f};
        c.fixed(Tensor.ofFloats(region, 4)).omitted().longs(1 + r.nextInt(6), 1 + r.nextInt(6));
        c.ints("axes", 2, 3).with("extrapolation_value", Attribute.of(2f));
        c.with("coordinate_transformation_mode", Attribute.of("tf_crop_and_resize"));
      }
      default -> {
        c.omitted().omitted().longs(5, 6).ints("axes", 2, 3);
        c.with(
            "keep_aspect_ratio_policy",
            Attribute.of(r.nextBoolean() ? "not_larger" : "not_smaller"));
      }
    }
    if (!mode.equals("nearest")) {
      c.with("antialias", Attribute.of((long) r.nextInt(2)));
      c.with("exclude_outside", Attribute.of((long) r.nextInt(2)));
    }
    return c;
  }

  private static String pick(Random r, List<String> choices) {
    return choices.get(r.nextInt(choices.size()));
  }
}

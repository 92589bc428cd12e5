package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Random uses of operators that cut, fill and turn round. */
final class CutCases {
  private CutCases() {}

  static void add(Map<String, Function<Random, Case>> table) {
    table.put("Slice", CutCases::slice);
    table.put("Pad", CutCases::pad);
    table.put(
        "CenterCropPad",
        r ->
            r.nextBoolean()
                ? new Case("CenterCropPad", r).in(4, 5).longs(1 + r.nextInt(8), 1 + r.nextInt(8))
                : new Case("CenterCropPad", r)
                    .in(3, 4, 5)
                    .longs(1 + r.nextInt(8), 1 + r.nextInt(8))
                    .ints("axes", -1, 1));
    table.put(
        "DepthToSpace",
        r -> {
          long b = 1 + r.nextInt(3);
          return new Case("DepthToSpace", r)
              .in(1 + r.nextInt(2), b * b * (1 + r.nextInt(2)), 1 + r.nextInt(3), 2)
              .with("blocksize", Attribute.of(b))
              .with("mode", Attribute.of(r.nextBoolean() ? "DCR" : "CRD"));
        });
    table.put(
        "SpaceToDepth",
        r -> {
          long b = 1 + r.nextInt(3);
          return new Case("SpaceToDepth", r)
              .in(1 + r.nextInt(2), 2, b * (1 + r.nextInt(2)), 2 * b)
              .with("blocksize", Attribute.of(b));
        });
    table.put(
        "ReverseSequence",
        r -> {
          long[] dims = GradientCases.dims(r, 2, 4);
          int batch = r.nextInt(2);
          long[] lengths = r.longs(dims[batch], 1, dims[1 - batch] + 1).toArray();
          return new Case("ReverseSequence", r)
              .in(dims)
              .longs(lengths)
              .with("batch_axis", Attribute.of((long) batch))
              .with("time_axis", Attribute.of(1L - batch));
        });
  }

  /** Any start, end and step along some axes, now and then of nothing at all. */
  private static Case slice(Random r) {
    long[] dims = r.longs(1 + r.nextInt(4), 1, 7).toArray();
    long[] axes = LongStream.range(0, dims.length).filter(_ -> r.nextBoolean()).toArray();
    if (axes.length == 0) {
      axes = new long[] {-1};
    }
    long[] steps = new long[axes.length];
    long[] starts = new long[axes.length];
    long[] ends = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      long size = dims[(int) (axes[i] < 0 ? axes[i] + dims.length : axes[i])];
      steps[i] = List.of(1L, 2L, 3L, -1L, -2L).get(r.nextInt(5));
      boolean forward = steps[i] > 0;
      starts[i] = r.nextLong(size) + (r.nextBoolean() ? 0 : -size);
      ends[i] =
          r.nextBoolean() ? forward ? Long.MAX_VALUE : Long.MIN_VALUE : r.nextLong(2 * size) - size;
    }
    return new Case("Slice", r).in(dims).longs(starts).longs(ends).longs(axes).longs(steps);
  }

  private static Case pad(Random r) {
    String mode = List.of("constant", "reflect", "edge", "wrap").get(r.nextInt(4));
    long[] dims = r.longs(1 + r.nextInt(4), 2, 5).toArray();
    long[] axes = LongStream.range(0, dims.length).filter(_ -> r.nextBoolean()).toArray();
    boolean all = axes.length == 0;
    long[] pads = r.longs(2L * (all ? dims.length : axes.length), -1, 2).toArray();
    if (!mode.equals("constant")) {
      pads = Arrays.stream(pads).map(Math::abs).toArray();
    }
    Case c = new Case("Pad", r).in(dims).longs(pads).with("mode", Attribute.of(mode));
    if (mode.equals("constant") && r.nextBoolean()) {
      c.in(0.5, 1);
    } else {
      c.fixed(Tensor.scalar(0.5f));
    }
    return all ? c : c.longs(axes);
  }
}

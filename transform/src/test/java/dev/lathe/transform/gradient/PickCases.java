package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Random uses of operators that pick elements, or put them, at places. */
final class PickCases {
  private static final List<String> REDUCTIONS = List.of("none", "add", "mul", "max", "min");

  private PickCases() {}

  static void add(Map<String, Function<Random, Case>> table) {
    table.put(
        "GatherND",
        r ->
            switch (r.nextInt(3)) {
              case 0 -> new Case("GatherND", r).in(3, 3, 2).fixed(GradientCases.picks(r, 3, 4, 2));
              case 1 -> batched(r, 1).in(3, 4, 2).fixed(GradientCases.picks(r, 2, 3, 2, 2));
              default -> batched(r, 2).in(3, 2, 4).fixed(GradientCases.picks(r, 4, 3, 2, 5, 1));
            });
    table.put("ScatterElements", PickCases::scatterElements);
    table.put("ScatterND", PickCases::scatterNd);
    table.put(
        "TopK",
        r -> {
          long[] dims = GradientCases.dims(r, 1, 3);
          int axis = r.nextInt(dims.length);
          return new Case("TopK", r)
              .in(dims)
              .longs(1 + r.nextLong(dims[axis]))
              .spare(1)
              .with("axis", Attribute.of(r.nextBoolean() ? axis : (long) axis - dims.length))
              .with("largest", Attribute.of((long) r.nextInt(2)));
        });
    table.put(
        "Compress",
        r -> {
          long[] dims = GradientCases.dims(r, 1, 3);
          int axis = r.nextInt(dims.length);
          boolean flat = r.nextBoolean();
          long size = flat ? Tensor.sizeOf(dims) : dims[axis];
          double[] bits = r.doubles(size).map(Math::rint).toArray();
          Case c = new Case("Compress", r).in(dims);
          c.fixed(Tensor.ofValues(ElementType.BOOL, bits, size));
          return flat ? c : c.with("axis", Attribute.of((long) axis));
        });
    table.put(
        "OneHot",
        r ->
            new Case("OneHot", r)
                .fixed(GradientCases.picks(r, 4, GradientCases.dims(r, 1, 2)))
                .fixed(Tensor.scalar(3L))
                .in(2)
                .with("axis", Attribute.of((long) r.nextInt(2))));
    table.put("Range", r -> new Case("Range", r).in(0.5, 1).fixed(Tensor.scalar(5f)).in(0.6, 0.65));
    table.put(
        "MaxUnpool",
        r -> {
          long[] places = r.longs(0, 16).distinct().limit(4).toArray();
          return new Case("MaxUnpool", r)
              .in(1, 1, 2, 2)
              .fixed(Tensor.ofLongs(places, 1, 1, 2, 2))
              .ints("kernel_shape", 2, 2)
              .ints("strides", 2, 2);
        });
  }

  private static Case batched(Random r, long axes) {
    return new Case("GatherND", r).with("batch_dims", Attribute.of(axes));
  }

  private static String reduction(Random r) {
    return REDUCTIONS.get(r.nextInt(REDUCTIONS.size()));
  }

  /** Values of which some are exactly 0, so that products meet them. */
  private static Tensor withZeros(Random r, long... dims) {
    double[] values = r.doubles(Tensor.sizeOf(dims), -2, 2).toArray();
    return Tensor.ofDoubles(
        Arrays.stream(values).map(x -> Math.abs(x) < 0.4 ? 0 : x).toArray(), dims);
  }

  /** Places may repeat, unless the last to write wins. */
  private static Case scatterElements(Random r) {
    String reduction = reduction(r);
    long[] dims = GradientCases.dims(r, 1, 3);
    int axis = r.nextInt(dims.length);
    long[] shape = dims.clone();
    boolean repeats = !reduction.equals("none");
    shape[axis] = repeats ? 1 + r.nextInt(4) : 1;
    Case c = new Case("ScatterElements", r);
    boolean product = reduction.equals("mul");
    c = product ? c.in(withZeros(r, dims)) : c.in(dims);
    c.fixed(GradientCases.picks(r, dims[axis], shape));
    c = product ? c.in(withZeros(r, shape)) : c.in(shape);
    return c.with("axis", Attribute.of((long) axis)).with("reduction", Attribute.of(reduction));
  }

  private static Case scatterNd(Random r) {
    String reduction = reduction(r);
    long rows = 3 + r.nextInt(2);
    List<Long> order =
        new java.util.ArrayList<>(IntStream.range(0, (int) rows).mapToObj(i -> (long) i).toList());
    java.util.Collections.shuffle(order, r);
    boolean repeats = !reduction.equals("none");
    long[] picks = {order.get(0), repeats ? order.get(0) : order.get(1), order.get(2)};
    boolean product = reduction.equals("mul");
    Case c = new Case("ScatterND", r);
    c = product ? c.in(withZeros(r, rows, 2)) : c.in(rows, 2);
    c.fixed(Tensor.ofLongs(picks, 3, 1));
    c = product ? c.in(withZeros(r, 3, 2)) : c.in(3, 2);
    return c.with("reduction", Attribute.of(reduction));
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** Random uses of normalizations, and of elementwise operators with settings. */
final class ScaleCases {
  private ScaleCases() {}

  static void add(Map<String, Function<Random, Case>> table) {
    table.put(
        "InstanceNormalization",
        r -> {
          long[] dims = planes(r);
          return new Case("InstanceNormalization", r).in(dims).in(dims[1]).in(dims[1]);
        });
    table.put("GroupNormalization", ScaleCases::group);
    table.put(
        "RMSNormalization",
        r -> {
          long[] dims = GradientCases.dims(r, 2, 4);
          int axis = r.nextInt(dims.length);
          long[] scale = Arrays.copyOfRange(dims, axis, dims.length);
          return new Case("RMSNormalization", r)
              .in(dims)
              .in(r.nextBoolean() ? scale : GradientCases.narrowed(r, scale))
              .with("axis", Attribute.of(r.nextBoolean() ? axis : (long) axis - dims.length))
              .opset(23);
        });
    table.put(
        "LpNormalization",
        r -> {
          long[] dims = GradientCases.dims(r, 1, 4);
          long axis = r.nextInt(2 * dims.length) - (long) dims.length;
          return new Case("LpNormalization", r)
              .in(dims)
              .with("axis", Attribute.of(axis))
              .with("p", Attribute.of(1L + r.nextInt(2)));
        });
    table.put(
        "LRN",
        r -> {
          long[] dims = r.nextBoolean() ? planes(r) : new long[] {2, 1, 2, 3};
          dims[1] += 3;
          return new Case("LRN", r)
              .in(dims)
              .with("size", Attribute.of(1L + r.nextInt(5)))
              .with("alpha", Attribute.of(0.2f + r.nextFloat()))
              .with("beta", Attribute.of(0.3f + r.nextFloat()))
              .with("bias", Attribute.of(1 + r.nextFloat()));
        });
    table.put(
        "MeanVarianceNormalization",
        r ->
            r.nextBoolean()
                ? new Case("MeanVarianceNormalization", r).in(2, 3, 4, 2)
                : new Case("MeanVarianceNormalization", r).in(3, 2, 5).ints("axes", 0, -1));
    for (String op : List.of("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")) {
      table.put(op, r -> loss(op, r));
    }
    table.put("Swish", r -> slope("Swish", r).with("alpha", Attribute.of(0.3f)).opset(24));
    table.put(
        "Shrink",
        r ->
            slope("Shrink", r)
                .with("lambd", Attribute.of(0.5f + r.nextFloat()))
                .with("bias", Attribute.of(r.nextFloat())));
    table.put(
        "CastLike",
        r -> slope("CastLike", r).fixed(GradientCases.positive(r, 1)).result(ElementType.FLOAT));
    table.put(
        "Mod",
        r -> {
          long[] dims = GradientCases.dims(r, 1, 3);
          return new Case("Mod", r)
              .in(-6, 6, dims)
              .in(0.7, 2, GradientCases.narrowed(r, dims))
              .with("fmod", Attribute.of(1L));
        });
  }

  private static Case loss(String op, Random r) {
    boolean plane = r.nextBoolean();
    long[] shape = plane ? new long[] {3, 2} : new long[] {5};
    Case c = plane ? new Case(op, r).in(3, 4, 2) : new Case(op, r).in(5, 4);
    long[] labels = r.longs(Tensor.sizeOf(shape), 0, 4).toArray();
    boolean ignores = r.nextBoolean();
    if (ignores) {
      labels[labels.length - 1] = -100;
    }
    c.fixed(Tensor.ofLongs(labels, shape));
    if (r.nextBoolean()) {
      c.fixed(GradientCases.positive(r, 4));
    }
    if (ignores) {
      c.with("ignore_index", Attribute.of(-100L));
    }
    if (op.startsWith("Softmax")) {
      c.outputs(1 + r.nextInt(2));
    }
    String reduction = List.of("none", "sum", "mean").get(r.nextInt(3));
    return c.with("reduction", Attribute.of(reduction));
  }

  private static Case slope(String op, Random r) {
    return new Case(op, r).in(-4, 4, GradientCases.dims(r, 0, 3));
  }

  /** [N, C, ...] with planes of at least two elements. */
  private static long[] planes(Random r) {
    long[] dims = GradientCases.dims(r, 3, 5);
    dims[2] += 1;
    return dims;
  }

  private static Case group(Random r) {
    long[] dims = planes(r);
    long groups = 1 + r.nextInt(3);
    dims[1] = groups * (1 + r.nextInt(2));
    boolean old = r.nextBoolean();
    long scales = old ? groups : dims[1];
    return new Case("GroupNormalization", r)
        .in(dims)
        .in(scales)
        .in(scales)
        .with("num_groups", Attribute.of(groups))
        .opset(old ? 18 : 21);
  }
}

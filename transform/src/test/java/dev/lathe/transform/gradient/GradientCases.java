package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/** For every operator of the gradient table, random uses of it. */
final class GradientCases {
  static final Map<String, Function<Random, Case>> TABLE = table();

  private GradientCases() {}

  private static Map<String, Function<Random, Case>> table() {
    Map<String, Function<Random, Case>> table = new TreeMap<>();
    for (String op :
        ("Neg Abs Identity Exp Erf Sin Cos Sinh Cosh Atan Asinh Relu Sigmoid Tanh Softplus Softsign"
                + " LeakyRelu Elu Selu Celu HardSigmoid HardSwish Gelu Mish ThresholdedRelu"
                + " Dropout")
            .split(" ")) {
      table.put(op, r -> new Case(op, r).in(-4, 4, dims(r, 0, 3)));
    }
    for (String op : List.of("Elu", "Celu", "LeakyRelu", "ThresholdedRelu")) {
      table.put(
          op,
          r ->
              new Case(op, r)
                  .in(-4, 4, dims(r, 0, 3))
                  .with("alpha", Attribute.of(0.3f + r.nextFloat())));
    }
    table.put(
        "Gelu",
        r ->
            new Case("Gelu", r)
                .in(dims(r, 1, 3))
                .with("approximate", Attribute.of(r.nextBoolean() ? "tanh" : "none")));
    for (String op : List.of("Log", "Sqrt", "Reciprocal")) {
      table.put(op, r -> new Case(op, r).in(0.2, 3, dims(r, 0, 3)));
    }
    for (String op : List.of("Asin", "Acos", "Atanh")) {
      table.put(op, r -> new Case(op, r).in(-0.9, 0.9, dims(r, 0, 3)));
    }
    table.put("Tan", r -> new Case("Tan", r).in(-1.2, 1.2, dims(r, 0, 3)));
    table.put("Acosh", r -> new Case("Acosh", r).in(1.2, 4, dims(r, 0, 3)));
    table.put(
        "Cast",
        r ->
            new Case("Cast", r)
                .in(dims(r, 0, 3))
                .with("to", Attribute.of((long) ElementType.DOUBLE.code()))
                .result(ElementType.DOUBLE));
    broadcast(table);
    reductions(table);
    layout(table);
    indices(table);
    matrices(table);
    windows(table);
    normalizations(table);
    table.put("LSTM", RecurrentCases::lstm);
    table.put("GRU", RecurrentCases::gru);
    table.put("RNN", RecurrentCases::rnn);
    ScaleCases.add(table);
    CutCases.add(table);
    PickCases.add(table);
    AttentionCases.add(table);
    SpatialCases.add(table);
    table.put("Resize", ResizeCases::resize);
    return table;
  }

  static long[] dims(Random r, int low, int high) {
    return r.longs(low + r.nextInt(high - low + 1), 1, 5).toArray();
  }

  /** A shape that broadcasts to another: axes dropped in front, sizes made 1. */
  static long[] narrowed(Random r, long... dims) {
    int drop = r.nextInt(dims.length + 1);
    long[] narrow = Arrays.copyOfRange(dims, drop, dims.length);
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = r.nextInt(3) == 0 ? 1 : narrow[i];
    }
    return narrow;
  }

  private static void broadcast(Map<String, Function<Random, Case>> table) {
    for (String op : List.of("Add", "Sub", "Mul")) {
      table.put(op, r -> pair(new Case(op, r), r, -2));
    }
    table.put("Div", r -> pair(new Case("Div", r), r, 0.5));
    table.put(
        "Pow",
        r -> {
          if (r.nextInt(3) == 0) {
            return new Case("Pow", r)
                .in(dims(r, 1, 3))
                .fixed(Tensor.scalar(r.nextBoolean() ? 2f : 3f));
          }
          return pair(new Case("Pow", r), r, 0.5);
        });
    for (String op : List.of("Sum", "Mean", "Max", "Min")) {
      table.put(
          op,
          r -> {
            Case c = new Case(op, r);
            long[] dims = dims(r, 1, 3);
            c.in(dims);
            for (int i = r.nextInt(3); i >= 0; i--) {
              c.in(narrowed(r, dims));
            }
            return c;
          });
    }
    table.put(
        "PRelu",
        r -> {
          long[] dims = dims(r, 1, 3);
          return new Case("PRelu", r).in(dims).in(narrowed(r, dims));
        });
    table.put(
        "Where",
        r -> {
          long[] dims = dims(r, 1, 3);
          double[] bits = r.doubles(Tensor.sizeOf(dims)).map(Math::rint).toArray();
          return new Case("Where", r)
              .fixed(Tensor.ofValues(ElementType.BOOL, bits, dims))
              .in(narrowed(r, dims))
              .in(narrowed(r, dims));
        });
    table.put(
        "Clip",
        r -> {
          Case c = new Case("Clip", r).in(dims(r, 1, 3));
          if (r.nextBoolean()) {
            return c.in(-1.5, -0.5).in(0.5, 1.5);
          }
          return r.nextBoolean()
              ? c.fixed(Tensor.scalar(-1f))
              : c.omitted().fixed(Tensor.scalar(1f));
        });
  }

  private static Case pair(Case c, Random r, double low) {
    long[] dims = dims(r, 1, 4);
    boolean left = r.nextBoolean();
    long[] other = narrowed(r, dims);
    long[] mixed = dims.clone();
    if (r.nextBoolean() && other.length > 0 && other[other.length - 1] != 1) {
      mixed[mixed.length - 1] = 1;
    }
    return c.in(low, 2, left ? mixed : other).in(low, 2, left ? other : mixed);
  }

  private static void reductions(Map<String, Function<Random, Case>> table) {
    for (String op :
        ("ReduceSum ReduceMean ReduceMax ReduceMin ReduceSumSquare ReduceL1 ReduceL2 ReduceLogSum"
                + " ReduceLogSumExp ReduceProd")
            .split(" ")) {
      table.put(op, r -> reduction(op, r));
    }
    table.put(
        "CumSum",
        r -> {
          long[] dims = dims(r, 1, 3);
          return new Case("CumSum", r)
              .in(dims)
              .fixed(Tensor.scalar((long) r.nextInt(dims.length)))
              .with("reverse", Attribute.of((long) r.nextInt(2)))
              .with("exclusive", Attribute.of((long) r.nextInt(2)));
        });
    for (String op : List.of("GlobalAveragePool", "GlobalMaxPool")) {
      table.put(op, r -> new Case(op, r).in(dims(r, 3, 5)));
    }
    for (String op : List.of("Softmax", "LogSoftmax")) {
      table.put(
          op,
          r -> {
            long[] dims = dims(r, 1, 3);
            long axis = r.nextInt(2 * dims.length) - (long) dims.length;
            return new Case(op, r).in(dims).with("axis", Attribute.of(axis));
          });
    }
  }

  private static Case reduction(String op, Random r) {
    long[] dims = dims(r, 1, 4);
    Case c = new Case(op, r).in(op.equals("ReduceLogSum") ? 0.5 : -2, 2, dims);
    c.with("keepdims", Attribute.of((long) r.nextInt(2)));
    if (r.nextInt(4) > 0) {
      c.longs(
          IntStream.range(0, dims.length)
              .filter(_ -> r.nextBoolean())
              .mapToLong(i -> r.nextBoolean() ? i : i - dims.length)
              .toArray());
      c.with(
          "noop_with_empty_axes",
          Attribute.of(c.constants.get("c1").size() == 0 && op.equals("ReduceSum") ? 1L : 0L));
    }
    return c;
  }

  private static void layout(Map<String, Function<Random, Case>> table) {
    table.put("Reshape", r -> new Case("Reshape", r).in(2, 3, 4).longs(0, -1, 2));
    table.put(
        "Flatten",
        r ->
            new Case("Flatten", r)
                .in(dims(r, 2, 4))
                .with("axis", Attribute.of((long) r.nextInt(3))));
    table.put("Squeeze", r -> new Case("Squeeze", r).in(3, 1, 2, 1).longs(1, -1));
    table.put("Unsqueeze", r -> new Case("Unsqueeze", r).in(dims(r, 1, 3)).longs(0, -1));
    table.put(
        "Transpose",
        r -> {
          long[] dims = dims(r, 1, 4);
          List<Long> perm =
              new ArrayList<>(IntStream.range(0, dims.length).mapToObj(i -> (long) i).toList());
          java.util.Collections.shuffle(perm, r);
          Case c = new Case("Transpose", r).in(dims);
          return r.nextBoolean() ? c.with("perm", new Attribute.OfInts(perm)) : c;
        });
    table.put("Concat", GradientCases::concat);
    table.put(
        "Split",
        r ->
            new Case("Split", r)
                .in(3, 6)
                .longs(1, 3, 2)
                .outputs(3)
                .with("axis", Attribute.of(r.nextBoolean() ? 1L : -1L)));
    table.put(
        "Expand",
        r -> {
          long[] dims = dims(r, 1, 4);
          return new Case("Expand", r).in(narrowed(r, dims)).longs(dims);
        });
    table.put("Tile", r -> new Case("Tile", r).in(2, 3).longs(1 + r.nextInt(3), 1 + r.nextInt(3)));
    table.put(
        "Trilu",
        r ->
            new Case("Trilu", r)
                .in(2, 4, 3)
                .fixed(Tensor.scalar((long) r.nextInt(3) - 1))
                .with("upper", Attribute.of((long) r.nextInt(2))));
  }

  private static Case concat(Random r) {
    long[] dims = dims(r, 1, 3);
    int axis = r.nextInt(dims.length);
    Case c = new Case("Concat", r);
    for (int i = 0; i <= r.nextInt(3) + 1; i++) {
      long[] own = dims.clone();
      own[axis] = 1 + r.nextInt(3);
      c.in(own);
    }
    return c.with("axis", Attribute.of(r.nextBoolean() ? axis : (long) axis - dims.length));
  }

  private static void indices(Map<String, Function<Random, Case>> table) {
    table.put(
        "Gather",
        r -> {
          long[] dims = dims(r, 1, 3);
          int axis = r.nextInt(dims.length);
          return new Case("Gather", r)
              .in(dims)
              .fixed(picks(r, dims[axis], dims(r, 0, 2)))
              .with("axis", Attribute.of((long) axis));
        });
    table.put(
        "GatherElements",
        r -> {
          long[] dims = dims(r, 1, 3);
          int axis = r.nextInt(dims.length);
          long[] shape = dims.clone();
          shape[axis] = 1 + r.nextInt(4);
          return new Case("GatherElements", r)
              .in(dims)
              .fixed(picks(r, dims[axis], shape))
              .with("axis", Attribute.of((long) axis));
        });
  }

  static Tensor picks(Random r, long size, long... dims) {
    return Tensor.ofLongs(r.longs(Tensor.sizeOf(dims), -size, size).toArray(), dims);
  }

  private static void matrices(Map<String, Function<Random, Case>> table) {
    table.put(
        "MatMul",
        r -> {
          long[] batch = dims(r, 0, 2);
          long m = 1 + r.nextInt(4);
          long k = 1 + r.nextInt(4);
          long n = 1 + r.nextInt(4);
          long[] a =
              r.nextInt(5) == 0
                  ? new long[] {k}
                  : join(r.nextBoolean() ? batch : narrowed(r, batch), m, k);
          long[] b =
              r.nextInt(5) == 0
                  ? new long[] {k}
                  : join(r.nextBoolean() ? batch : narrowed(r, batch), k, n);
          return new Case("MatMul", r).in(a).in(b);
        });
    table.put(
        "Gemm",
        r -> {
          long m = 1 + r.nextInt(4);
          long k = 1 + r.nextInt(4);
          long n = 1 + r.nextInt(4);
          long transA = r.nextInt(2);
          long transB = r.nextInt(2);
          Case c =
              new Case("Gemm", r)
                  .in(transA == 1 ? new long[] {k, m} : new long[] {m, k})
                  .in(transB == 1 ? new long[] {n, k} : new long[] {k, n})
                  .with("transA", Attribute.of(transA))
                  .with("transB", Attribute.of(transB))
                  .with("alpha", Attribute.of(0.5f + r.nextFloat()))
                  .with("beta", Attribute.of(0.5f + r.nextFloat()));
          return r.nextInt(4) == 0 ? c : c.in(narrowed(r, m, n));
        });
  }

  private static long[] join(long[] left, long... right) {
    long[] all = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, all, left.length, right.length);
    return all;
  }

  private static void windows(Map<String, Function<Random, Case>> table) {
    table.put("Conv", r -> WindowCases.conv(r));
    table.put("ConvTranspose", r -> WindowCases.convTranspose(r));
    table.put("MaxPool", r -> WindowCases.pool("MaxPool", r));
    table.put("AveragePool", r -> WindowCases.pool("AveragePool", r));
    table.put(
        "LpPool", r -> WindowCases.pool("LpPool", r).with("p", Attribute.of(1L + r.nextInt(3))));
    table.put(
        "GlobalLpPool",
        r ->
            new Case("GlobalLpPool", r)
                .in(dims(r, 3, 5))
                .with("p", Attribute.of(1L + r.nextInt(3))));
  }

  private static void normalizations(Map<String, Function<Random, Case>> table) {
    table.put(
        "BatchNormalization",
        r -> {
          long[] dims = dims(r, 2, 4);
          dims[0] += 1;
          Case c = new Case("BatchNormalization", r).in(dims).in(dims[1]).in(dims[1]);
          c.fixed(positive(r, dims[1])).fixed(positive(r, dims[1]));
          return r.nextBoolean() ? c.with("training_mode", Attribute.of(1L)) : c;
        });
    table.put(
        "LayerNormalization",
        r -> {
          long[] dims = dims(r, 2, 4);
          dims[dims.length - 1] += 1;
          int axis = 1 + r.nextInt(dims.length - 1);
          long[] scale = Arrays.copyOfRange(dims, axis, dims.length);
          Case c = new Case("LayerNormalization", r).in(dims).in(scale);
          c.with("axis", Attribute.of(r.nextBoolean() ? axis : (long) axis - dims.length));
          return r.nextBoolean() ? c.in(scale) : c;
        });
  }

  static Tensor positive(Random r, long size) {
    double[] values = r.doubles(size, 0.5, 2).toArray();
    return Tensor.ofValues(ElementType.FLOAT, values, size);
  }
}

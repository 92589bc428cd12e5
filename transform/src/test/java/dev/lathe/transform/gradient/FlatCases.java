package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;

/** Random uses of operators that have shapes and carry no gradient. */
final class FlatCases {
  static final Map<String, Function<Random, Case>> TABLE = table();

  private FlatCases() {}

  private static Map<String, Function<Random, Case>> table() {
    Map<String, Function<Random, Case>> table = new TreeMap<>();
    for (String op : "Ceil Floor Round Sign Hardmax".split(" ")) {
      table.put(op, r -> new Case(op, r).in(dims(r)));
    }
    for (String op : "IsNaN IsInf".split(" ")) {
      table.put(op, r -> new Case(op, r).in(dims(r)).result(ElementType.BOOL));
    }
    for (String op : "Equal Greater GreaterOrEqual Less LessOrEqual".split(" ")) {
      table.put(op, r -> pair(op, r, ElementType.FLOAT).result(ElementType.BOOL));
    }
    for (String op : "And Or Xor".split(" ")) {
      table.put(op, r -> pair(op, r, ElementType.BOOL).result(ElementType.BOOL));
    }
    for (String op : "BitwiseAnd BitwiseOr BitwiseXor".split(" ")) {
      table.put(op, r -> pair(op, r, ElementType.INT64).result(ElementType.INT64));
    }
    for (String op : "ArgMax ArgMin".split(" ")) {
      table.put(op, r -> best(op, r));
    }
    table.put("Not", r -> one("Not", r, ElementType.BOOL));
    table.put("BitwiseNot", r -> one("BitwiseNot", r, ElementType.INT64));
    table.put(
        "BitShift",
        r ->
            pair("BitShift", r, ElementType.UINT32)
                .with("direction", Attribute.of(r.nextBoolean() ? "LEFT" : "RIGHT"))
                .result(ElementType.UINT32));
    table.put("NonZero", r -> new Case("NonZero", r).in(dims(r)).result(ElementType.INT64));
    table.put("Size", r -> new Case("Size", r).in(dims(r)).result(ElementType.INT64));
    table.put("Shape", FlatCases::shape);
    table.put("EyeLike", r -> new Case("EyeLike", r).in(1 + r.nextInt(4), 1 + r.nextInt(4)));
    table.put("ConstantOfShape", r -> new Case("ConstantOfShape", r).longs(dims(r)));
    table.put(
        "Constant",
        r -> new Case("Constant", r).with("value", Attribute.of(values(r, ElementType.FLOAT, 2))));
    return table;
  }

  private static long[] dims(Random r) {
    return GradientCases.dims(r, 1, 4);
  }

  private static Tensor values(Random r, ElementType type, long... dims) {
    double[] values = new double[(int) Tensor.sizeOf(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = r.nextInt(2);
    }
    return Tensor.ofValues(type, values, dims);
  }

  private static Case one(String op, Random r, ElementType type) {
    return new Case(op, r).fixed(values(r, type, dims(r))).result(type);
  }

  private static Case pair(String op, Random r, ElementType type) {
    long[] dims = dims(r);
    long[] narrow = GradientCases.narrowed(r, dims);
    Case c = new Case(op, r);
    return type == ElementType.FLOAT
        ? c.in(dims).in(narrow)
        : c.fixed(values(r, type, dims)).fixed(values(r, type, narrow));
  }

  private static Case best(String op, Random r) {
    long[] dims = dims(r);
    return new Case(op, r)
        .in(dims)
        .with("axis", Attribute.of((long) r.nextInt(2 * dims.length) - dims.length))
        .with("keepdims", Attribute.of((long) r.nextInt(2)))
        .result(ElementType.INT64);
  }

  private static Case shape(Random r) {
    long[] dims = dims(r);
    Case c = new Case("Shape", r).in(dims).result(ElementType.INT64);
    return r.nextBoolean() ? c : c.with("start", Attribute.of((long) r.nextInt(dims.length)));
  }
}

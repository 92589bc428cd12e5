package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import java.util.Random;

/** Random uses of operators that slide a window: one to three axes of space. */
final class WindowCases {
  private WindowCases() {}

  private static final class Sizes {
    final int space;
    final long[] kernel;
    final long[] strides;
    final long[] dilations;
    final long[] pads;
    final long[] input;

    Sizes(Random r, boolean padLess) {
      space = 1 + r.nextInt(3);
      int most = space == 3 ? 2 : 3;
      kernel = r.longs(space, 1, most + 1L).toArray();
      strides = r.longs(space, 1, 4).toArray();
      dilations = r.longs(space, 1, 3).toArray();
      pads = new long[2 * space];
      input = new long[space];
      for (int i = 0; i < space; i++) {
        long reach = (kernel[i] - 1) * dilations[i] + 1;
        long bound = padLess ? kernel[i] : reach + 1;
        pads[i] = r.nextLong(bound);
        pads[i + space] = r.nextLong(bound);
        input[i] = Math.max(1, reach - pads[i] - pads[i + space]) + r.nextInt(4);
      }
    }

    long[] shape(long first, long second, long... rest) {
      long[] shape = new long[rest.length + 2];
      shape[0] = first;
      shape[1] = second;
      System.arraycopy(rest, 0, shape, 2, rest.length);
      return shape;
    }

    Case apply(Case c) {
      return c.ints("strides", strides).ints("dilations", dilations).ints("pads", pads);
    }
  }

  static Case conv(Random r) {
    Sizes s = new Sizes(r, false);
    long group = 1 + r.nextInt(2);
    long perGroup = 1 + r.nextInt(2);
    long outputs = group * (1 + r.nextInt(2));
    Case c = new Case("Conv", r);
    c.in(s.shape(1 + r.nextInt(2), group * perGroup, s.input));
    c.in(s.shape(outputs, perGroup, s.kernel));
    if (r.nextBoolean()) {
      c.in(outputs);
    }
    c.with("group", Attribute.of(group));
    if (r.nextInt(4) == 0) {
      boolean dense = java.util.Arrays.stream(s.dilations).allMatch(d -> d == 1);
      return dense
          ? c.ints("strides", s.strides)
              .with("auto_pad", Attribute.of(r.nextBoolean() ? "SAME_UPPER" : "SAME_LOWER"))
          : s.apply(c);
    }
    return s.apply(c);
  }

  static Case convTranspose(Random r) {
    Sizes s = new Sizes(r, false);
    long group = 1 + r.nextInt(2);
    long perGroup = 1 + r.nextInt(2);
    long inputs = group * (1 + r.nextInt(2));
    long[] extra = new long[s.space];
    for (int i = 0; i < s.space; i++) {
      extra[i] = r.nextLong(s.strides[i]);
      s.input[i] = 2 + r.nextInt(3);
    }
    Case c = new Case("ConvTranspose", r);
    c.in(s.shape(1 + r.nextInt(2), inputs, s.input));
    c.in(s.shape(inputs, perGroup, s.kernel));
    if (r.nextBoolean()) {
      c.in(group * perGroup);
    }
    for (int i = 0; i < s.space; i++) {
      // Keeps the output at least one element long.
      long large = (s.input[i] - 1) * s.strides[i] + (s.kernel[i] - 1) * s.dilations[i] + 1;
      while (large + extra[i] - s.pads[i] - s.pads[i + s.space] < 1) {
        s.pads[i] = Math.max(0, s.pads[i] - 1);
        s.pads[i + s.space] = Math.max(0, s.pads[i + s.space] - 1);
      }
    }
    return s.apply(c).ints("output_padding", extra).with("group", Attribute.of(group));
  }

  static Case pool(String op, Random r) {
    Sizes s = new Sizes(r, true);
    Case c = new Case(op, r).in(s.shape(1 + r.nextInt(2), 1 + r.nextInt(2), s.input));
    if (op.equals("AveragePool")) {
      c.with("count_include_pad", Attribute.of((long) r.nextInt(2)));
    }
    c.with("ceil_mode", Attribute.of((long) r.nextInt(2)));
    return s.apply(c).ints("kernel_shape", s.kernel);
  }
}

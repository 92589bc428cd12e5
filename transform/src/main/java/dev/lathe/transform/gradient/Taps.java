package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * Where a convolution's input and the cotangent of its output meet, as rows of two matrices: row r
 * of the one belongs to row r of the other. Along an axis whose taps come from the input, rows are
 * the places of the output, and each has the input's elements under its window; along an axis whose
 * taps come from the cotangent, which must have stride 1, rows are the elements of the input, and
 * each has the places whose windows touch it.
 *
 * @param window the convolution
 * @param fromInput for each axis of space, which of the two
 */
record Taps(Window window, boolean[] fromInput) {

  /** The input's side. */
  Side ofInput() {
    Side side = new Side(window.space());
    for (int i = 0; i < window.space(); i++) {
      long held = window.inputs()[i];
      if (fromInput[i]) {
        long before = window.begins()[i];
        long reach = (window.kernel()[i] - 1) * window.dilations()[i];
        long last = (window.outputs()[i] - 1) * window.strides()[i] + reach;
        long after = Math.max(0, last + 1 - held - before);
        side.axis(i, new Along(window.outputs()[i], window.strides()[i], 0), held);
        side.pad(i, before, after);
        side.taps(i, window.kernel()[i], window.dilations()[i]);
      } else {
        side.axis(i, new Along(held, 1, 0), held);
      }
    }
    return side;
  }

  /** Nanoseconds to gather blocks of so many elements each. */
  static double gathered(double blocks, double elements) {
    return blocks * (Side.BLOCK + Side.BYTE * Float.BYTES * elements);
  }

  /** The cotangent's side. */
  Side ofCotangent() {
    Side side = new Side(window.space());
    for (int i = 0; i < window.space(); i++) {
      long held = window.outputs()[i];
      if (fromInput[i]) {
        side.axis(i, new Along(held, 1, 0), held);
      } else {
        long begin = window.begins()[i];
        long reach = (window.kernel()[i] - 1) * window.dilations()[i];
        long before = Math.max(0, reach - begin);
        long after = Math.max(0, window.inputs()[i] + begin - held);
        side.axis(i, new Along(window.inputs()[i], 1, begin + before), held);
        side.pad(i, before, after);
        side.taps(i, window.kernel()[i], -window.dilations()[i]);
      }
    }
    return side;
  }

  /** Row r along an axis starts at element {@code start + r·step}. */
  private record Along(long rows, long step, long start) {}

  /** One of the two, as a gather over the elements of space. */
  static final class Side {
    private static final double BLOCK = 2;
    private static final double BYTE = 0.035;

    private final Along[] along;
    private final long[] held;
    private final long[] before;
    private final long[] after;
    private final long[] taps;
    private final long[] apart;

    private Side(int space) {
      along = new Along[space];
      held = new long[space];
      before = new long[space];
      after = new long[space];
      taps = new long[space];
      apart = new long[space];
      Arrays.fill(taps, 1);
    }

    private void axis(int axis, Along rows, long elements) {
      along[axis] = rows;
      held[axis] = elements;
    }

    private void pad(int axis, long begin, long end) {
      before[axis] = begin;
      after[axis] = end;
    }

    private void taps(int axis, long count, long distance) {
      taps[axis] = count;
      apart[axis] = distance;
    }

    /** Rows of one example. */
    long size() {
      return Arrays.stream(along).mapToLong(Along::rows).reduce(1, Math::multiplyExact);
    }

    /** Taps in a row. */
    long taps() {
      return Tensor.sizeOf(taps);
    }

    /** Nanoseconds for one example, if an element of space has so many channels. */
    double cost(long channels) {
      return isPlain() ? 0 : gathered(size() * (double) taps(), channels);
    }

    /** Whether the rows are the elements in their own order. */
    private boolean isPlain() {
      for (int i = 0; i < along.length; i++) {
        boolean whole = along[i].equals(new Along(held[i], 1, 0)) && before[i] + after[i] == 0;
        if (!whole || taps[i] != 1) {
          return false;
        }
      }
      return true;
    }

    /** The matrix [N·rows, taps·C] of a value [N, C, ...]. */
    String rows(Algebra g, String value, long channels) {
      int space = along.length;
      long[] perm = new long[space + 2];
      perm[space + 1] = 1;
      for (int i = 0; i < space; i++) {
        perm[i + 1] = i + 2L;
      }
      String last = g.transpose(value, perm);
      if (isPlain()) {
        return g.reshape(last, -1, channels);
      }
      long elements = 1;
      long[] pads = new long[2 * (space + 2)];
      for (int i = 0; i < space; i++) {
        elements *= before[i] + held[i] + after[i];
        pads[i + 1] = before[i];
        pads[i + 1 + space + 2] = after[i];
      }
      boolean padded = Arrays.stream(pads).anyMatch(p -> p > 0);
      String whole = padded ? g.node("Pad", last, g.draft().longs(pads)) : last;
      String flat = g.reshape(whole, -1, elements, channels);
      String table = g.draft().constant("taps/" + g.draft().scope(), table());
      String blocks = g.draft().node("Gather", Map.of("axis", Attribute.of(1L)), flat, table);
      return g.reshape(blocks, -1, taps() * channels);
    }

    /** For each row and tap, the element; INT64 [rows, taps]. */
    private Tensor table() {
      long[] elements = {0};
      long[] offsets = {0};
      for (int i = 0; i < along.length; i++) {
        long size = before[i] + held[i] + after[i];
        elements = crossed(elements, size, along[i]);
        offsets = crossed(offsets, size, new Along(taps[i], apart[i], 0));
      }
      long[] table = new long[Math.multiplyExact(elements.length, offsets.length)];
      for (int i = 0; i < table.length; i++) {
        table[i] = elements[i / offsets.length] + offsets[i % offsets.length];
      }
      return Tensor.ofLongs(table, elements.length, offsets.length);
    }

    /** Every element so far with every one along one axis more, row-major. */
    private static long[] crossed(long[] elements, long size, Along rows) {
      int count = Math.toIntExact(rows.rows());
      long[] more = new long[Math.multiplyExact(elements.length, count)];
      for (int i = 0; i < more.length; i++) {
        more[i] = elements[i / count] * size + rows.start() + i % count * rows.step();
      }
      return more;
    }
  }
}

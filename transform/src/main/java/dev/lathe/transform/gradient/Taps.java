package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

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

    /** Examples that a batch is expected to have where sizes say nothing of it. */
    private static final double EXAMPLES = 32;

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
      return IntStream.range(0, along.length).allMatch(this::isPlain);
    }

    private boolean isPlain(int axis) {
      boolean whole = along[axis].equals(new Along(held[axis], 1, 0));
      return whole && before[axis] + after[axis] == 0 && taps[axis] == 1;
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

    /** Nanoseconds for one example of a batch, if an element of space has so many channels. */
    double stackCost(long channels) {
      return gathered(blocks(channels), blockElements() * EXAMPLES) / EXAMPLES;
    }

    /** Blocks that {@link #stack} gathers. */
    long blocks(long channels) {
      long blocks = Math.multiplyExact(channels, taps());
      for (int i = 0; i < inTable(); i++) {
        blocks = Math.multiplyExact(blocks, along[i].rows());
      }
      return blocks;
    }

    /** Elements of space that lie together in each of them. */
    private double blockElements() {
      double elements = 1;
      for (int i = inTable(); i < along.length; i++) {
        elements *= held[i];
      }
      return elements;
    }

    /** The first axes of space up to the last one along which rows are not just the elements. */
    private int inTable() {
      int first = along.length;
      while (first > 1 && isPlain(first - 1)) {
        first--;
      }
      return first;
    }

    /**
     * The matrices [rows along the first axis, C·taps, rows along the others·N] of a value [N, C,
     * ...]: examples lie together, so that what is gathered are blocks of at least N elements.
     */
    String stack(Algebra g, String value, long channels) {
      int space = along.length;
      long[] perm = new long[space + 2];
      long[] pads = new long[2 * (space + 2)];
      for (int i = 0; i <= space; i++) {
        perm[i] = i + 1L;
      }
      long elements = channels;
      for (int i = 0; i < space; i++) {
        pads[i + 1] = before[i];
        pads[i + 1 + space + 2] = after[i];
        elements *= i < inTable() ? before[i] + held[i] + after[i] : 1;
      }
      String last = g.transpose(value, perm);
      boolean padded = Arrays.stream(pads).anyMatch(p -> p > 0);
      String whole = padded ? g.node("Pad", last, g.draft().longs(pads)) : last;
      String flat = g.reshape(whole, elements, -1);
      String table = g.draft().constant("stack/" + g.draft().scope(), stackTable(channels));
      String blocks = g.draft().node("Gather", Map.of("axis", Attribute.of(0L)), flat, table);
      return g.reshape(blocks, along[0].rows(), channels * taps(), -1);
    }

    /** For each row along the first axis, channel, tap and other row, the block. */
    private Tensor stackTable(long channels) {
      long[] rows = {0};
      long[] offsets = {0};
      long[] firsts = {0};
      long elements = 1;
      for (int i = 0; i < inTable(); i++) {
        long size = before[i] + held[i] + after[i];
        elements *= size;
        firsts = crossed(firsts, size, i == 0 ? along[0] : new Along(1, 0, 0));
        rows = crossed(rows, size, i == 0 ? new Along(1, 0, 0) : along[i]);
        offsets = crossed(offsets, size, new Along(taps[i], apart[i], 0));
      }
      long[] table = new long[Math.toIntExact(blocks(channels))];
      int at = 0;
      for (long first : firsts) {
        for (long channel = 0; channel < channels; channel++) {
          for (long offset : offsets) {
            for (long row : rows) {
              table[at++] = channel * elements + first + offset + row;
            }
          }
        }
      }
      return Tensor.ofLongs(table, table.length);
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

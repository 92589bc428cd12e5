package dev.lathe.runtime.interpreter;

import java.util.Arrays;

/**
 * A window that slides over the spatial axes: what convolutions and pools share.
 *
 * @param input sizes of the spatial axes that the window slides over
 * @param kernel its extent, in places
 * @param strides its steps
 * @param dilations the distance between its places
 * @param begins padding before the first element
 * @param ends padding after the last
 * @param output how many positions it takes
 */
record Window(
    int[] input,
    int[] kernel,
    int[] strides,
    int[] dilations,
    int[] begins,
    int[] ends,
    int[] output) {
  /** Reads strides, dilations, pads, auto_pad and ceil_mode of a Conv or a pool. */
  static Window of(Call call, int[] input, int[] kernel) {
    int rank = input.length;
    Window window = unpadded(call, input, kernel);
    int[] pads = call.sizes("pads", new int[2 * rank]);
    window.requireRanks(call, pads);
    String auto = call.node().stringAttribute("auto_pad", "NOTSET");
    for (int axis = 0; axis < rank; axis++) {
      switch (auto) {
        case "NOTSET", "" -> {
          window.begins[axis] = pads[axis];
          window.ends[axis] = pads[axis + rank];
        }
        case "SAME_UPPER", "SAME_LOWER" -> window.padToSame(axis, auto.equals("SAME_UPPER"));
        case "VALID" -> {}
        default ->
            throw call.bad(
                "auto_pad \"" + auto + "\" (expected: NOTSET, SAME_UPPER, SAME_LOWER, VALID)");
      }
      window.output[axis] = window.positions(call, axis);
    }
    return window;
  }

  /** A window with no padding yet and no positions. */
  static Window unpadded(Call call, int[] input, int[] kernel) {
    int rank = input.length;
    return new Window(
        input,
        kernel,
        call.sizes("strides", ones(rank)),
        call.sizes("dilations", ones(rank)),
        new int[rank],
        new int[rank],
        new int[rank]);
  }

  void requireRanks(Call call, int[] pads) {
    int rank = input.length;
    boolean sound =
        kernel.length == rank
            && strides.length == rank
            && dilations.length == rank
            && pads.length == 2 * rank
            && Arrays.stream(strides).allMatch(stride -> stride > 0)
            && Arrays.stream(dilations).allMatch(dilation -> dilation > 0)
            && Arrays.stream(kernel).allMatch(size -> size > 0);
    if (!sound) {
      throw call.bad(
          "kernel "
              + Arrays.toString(kernel)
              + ", strides "
              + Arrays.toString(strides)
              + ", dilations "
              + Arrays.toString(dilations)
              + ", pads "
              + Arrays.toString(pads)
              + " (expected: "
              + rank
              + " positive sizes each, twice as many pads)");
    }
  }

  private static int[] ones(int count) {
    int[] ones = new int[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** The extent of the dilated kernel along an axis. */
  int extent(int axis) {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }

  /** As many positions as there are strides in the input; the odd pad goes to one end. */
  private void padToSame(int axis, boolean upper) {
    int positions = (input[axis] + strides[axis] - 1) / strides[axis];
    int total = Math.max(0, (positions - 1) * strides[axis] + extent(axis) - input[axis]);
    begins[axis] = upper ? total / 2 : total - total / 2;
    ends[axis] = total - begins[axis];
  }

  /** With ceil_mode a last, partial position counts if it starts before the end padding. */
  private int positions(Call call, int axis) {
    int span = input[axis] + begins[axis] + ends[axis] - extent(axis);
    if (span < 0) {
      throw call.bad(
          "kernel "
              + extent(axis)
              + " over axis of "
              + (span + extent(axis))
              + " (expected: less)");
    }
    boolean ceil = call.flag("ceil_mode");
    int steps = ceil ? Math.ceilDiv(span, strides[axis]) : span / strides[axis];
    boolean beyond = ceil && steps * strides[axis] >= input[axis] + begins[axis];
    return beyond ? steps : steps + 1;
  }

  /** The places of the kernel. */
  int places() {
    return Sizes.count(kernel);
  }

  /**
   * For each position, in order, and each place of the kernel: the place in the spatial input, or
   * -1 in the padding.
   */
  int[] taps() {
    int positions = Sizes.count(output);
    int[] shape = Sizes.require((long) positions, places());
    int[] taps = new int[Sizes.count(shape)];
    for (int position = 0; position < positions; position++) {
      int[] at = Sizes.index(output, position);
      for (int k = 0; k < places(); k++) {
        int[] offset = Sizes.index(kernel, k);
        taps[position * places() + k] = tap(at, offset);
      }
    }
    return taps;
  }

  private int tap(int[] at, int[] offset) {
    int place = 0;
    for (int axis = 0; axis < input.length; axis++) {
      int x = at[axis] * strides[axis] - begins[axis] + offset[axis] * dilations[axis];
      if (x < 0 || x >= input[axis]) {
        return -1;
      }
      place = place * input[axis] + x;
    }
    return place;
  }

  /** Whether a place of the kernel at a position lies in the input or its padding. */
  boolean withinPadding(int position, int k) {
    int[] at = Sizes.index(output, position);
    int[] offset = Sizes.index(kernel, k);
    for (int axis = 0; axis < input.length; axis++) {
      int x = at[axis] * strides[axis] - begins[axis] + offset[axis] * dilations[axis];
      if (x >= input[axis] + ends[axis]) {
        return false;
      }
    }
    return true;
  }
}

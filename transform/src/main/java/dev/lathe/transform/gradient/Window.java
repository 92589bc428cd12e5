package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A sliding window with every size known: along each axis of space it takes {@code inputs} elements
 * to {@code outputs} places.
 *
 * @param inputs sizes of space before
 * @param outputs sizes of space after
 * @param kernel taps
 * @param strides distances between places
 * @param dilations distances between taps
 * @param begins padding before; the padding after is what the sizes imply
 * @param ends padding after, as given
 * @param group groups of channels
 */
record Window(
    long[] inputs,
    long[] outputs,
    long[] kernel,
    long[] strides,
    long[] dilations,
    long[] begins,
    long[] ends,
    long group) {
  private static final double UNROLLED_ELEMENT = 0.13;
  private static final double ADDED_ELEMENT = 0.21;
  private static final double BLOCKED_ELEMENT = 0.3;

  /** What processors with 512 bits have; where blocks are smaller, these are whole ones, too. */
  private static final int BLOCK = 16;

  /**
   * The window of Conv or a pool.
   *
   * @param weights the input with weights [M, C/g, k...], or -1 if the node says its kernel
   */
  static Window of(Algebra g, Reverse r, int x, int weights) {
    Node node = r.node();
    int space = r.rank(x) - 2;
    long[] inputs = sizes(r, x);
    long[] outputs = new long[space];
    for (int i = 0; i < space; i++) {
      outputs[i] = g.draft().shape(r.y()).dim(i + 2).sizeOrMinusOne();
    }
    long[] kernel = weights < 0 ? node.intsAttribute("kernel_shape") : sizes(r, weights);
    return of(r, inputs, outputs, kernel);
  }

  /** The window of the convolution that a ConvTranspose undoes. */
  static Window ofTransposed(Algebra g, Reverse r) {
    int space = r.rank(0) - 2;
    long[] large = new long[space];
    for (int i = 0; i < space; i++) {
      large[i] = g.draft().shape(r.y()).dim(i + 2).sizeOrMinusOne();
      if (large[i] < 0) {
        throw r.refuse("size " + i + " of its output's space (expected: a fixed size)");
      }
    }
    if (r.node().attribute("output_shape").isPresent()) {
      throw r.refuse("output_shape (expected: pads and output_padding)");
    }
    Window window = of(r, large, sizes(r, 0), sizes(r, 1));
    if (!r.node().stringAttribute("auto_pad", "NOTSET").equals("NOTSET")) {
      throw r.refuse("auto_pad (expected: explicit pads)");
    }
    return window;
  }

  private static long[] sizes(Reverse r, int input) {
    return IntStream.range(2, r.rank(input)).mapToLong(axis -> r.size(input, axis)).toArray();
  }

  private static Window of(Reverse r, long[] inputs, long[] outputs, long[] kernel) {
    Node node = r.node();
    int space = inputs.length;
    long[] ones = new long[space];
    Arrays.fill(ones, 1);
    long[] strides = node.intsAttribute("strides", ones);
    long[] dilations = node.intsAttribute("dilations", ones);
    long[] pads = node.intsAttribute("pads", new long[2 * space]);
    String auto = node.stringAttribute("auto_pad", "NOTSET");
    for (int i = 0; i < space && auto.startsWith("SAME"); i++) {
      long reach = (outputs[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
      long total = Math.max(0, reach - inputs[i]);
      pads[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
      pads[i + space] = total - pads[i];
    }
    return new Window(
        inputs,
        outputs,
        kernel,
        strides,
        dilations,
        Arrays.copyOf(pads, space),
        Arrays.copyOfRange(pads, space, 2 * space),
        node.intAttribute("group", 1));
  }

  int space() {
    return kernel.length;
  }

  /** The same along all axes but the first, where each element is a place of its own. */
  Window alongRows() {
    return new Window(
        inputs,
        withFirst(outputs, inputs[0]),
        withFirst(kernel, 1),
        withFirst(strides, 1),
        withFirst(dilations, 1),
        withFirst(begins, 0),
        withFirst(ends, 0),
        group);
  }

  private static long[] withFirst(long[] values, long first) {
    long[] changed = values.clone();
    changed[0] = first;
    return changed;
  }

  /** How far the window reaches from the first padded element along an axis. */
  private long reach(int axis) {
    return (outputs[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
  }

  /** Elements at the end of an axis that no place touches; negative where padding is touched. */
  private long untouched(int axis) {
    return inputs[axis] + begins[axis] - reach(axis);
  }

  /** The input without the ends that would make room for one more place. */
  private String crop(Algebra g, String x) {
    long[] pads = new long[2 * (space() + 2)];
    boolean any = false;
    for (int i = 0; i < space(); i++) {
      boolean room = untouched(i) >= strides[i];
      pads[space() + 4 + i] = room ? -untouched(i) : 0;
      any |= room;
    }
    return any ? g.node("Pad", x, g.draft().longs(pads)) : x;
  }

  /** The first taps of the weights' cotangent; untouched ends of the input make it longer. */
  String taps(Algebra g, String dw) {
    long[] all = new long[space()];
    for (int i = 0; i < space(); i++) {
      all[i] = kernel[i] + Math.max(0, untouched(i)) / dilations[i];
    }
    if (Arrays.equals(all, kernel)) {
      return dw;
    }
    long[] axes = IntStream.range(2, space() + 2).mapToLong(i -> i).toArray();
    Draft draft = g.draft();
    return draft.node(
        "Slice", dw, draft.longs(new long[space()]), draft.longs(kernel), draft.longs(axes));
  }

  /** Padding of the convolution that gives the cotangent of the weights. */
  long[] weightPads() {
    long[] pads = Arrays.copyOf(begins, 2 * space());
    for (int i = 0; i < space(); i++) {
      pads[i + space()] = Math.max(0, -untouched(i));
    }
    return pads;
  }

  /** Outputs back to inputs: ConvTranspose whose result has the input's size exactly. */
  String transposed(Algebra g, String dy, String weights, long groups) {
    long[] pads = Arrays.copyOf(begins, 2 * space());
    long[] extra = new long[space()];
    for (int i = 0; i < space(); i++) {
      pads[i + space()] = Math.max(0, -untouched(i));
      extra[i] = Math.max(0, untouched(i));
    }
    boolean fill = IntStream.range(0, space()).anyMatch(i -> extra[i] >= strides[i]);
    Map<String, Attribute> attributes = attributes(pads, groups);
    if (!fill && Arrays.stream(extra).anyMatch(e -> e > 0)) {
      attributes.put("output_padding", Attribute.ofInts(extra));
    }
    String dx = g.draft().node("ConvTranspose", attributes, dy, weights);
    return fill ? g.node("Pad", dx, g.draft().longs(ends(extra))) : dx;
  }

  /**
   * Whether {@link #turned} is possible and expected to be quicker than {@link #transposed}.
   *
   * @param channels channels of the input
   * @param maps channels of the output
   */
  boolean isQuickerTurned(long channels, long maps) {
    boolean known = channels > 0 && maps > 0;
    return turns() && known && turnedCost(channels, maps) < addedCost(channels);
  }

  /** Nanoseconds for one example that the input's cotangent takes beside the multiplications. */
  double inputCost(long channels, long maps) {
    return turns()
        ? Math.min(turnedCost(channels, maps), addedCost(channels))
        : addedCost(channels);
  }

  /**
   * What {@link #turned} takes to lay out every output under every tap, or to put channels into
   * blocks and back where {@link dev.lathe.transform.BlockChannels} can.
   */
  private double turnedCost(long channels, long maps) {
    boolean blocks = space() == 2 && taps() > 1 && channels % BLOCK == 0 && maps % BLOCK == 0;
    double before = Tensor.sizeOf(inputs) * (double) channels;
    double after = Tensor.sizeOf(outputs) * (double) maps;
    return blocks
        ? (before + after) * BLOCKED_ELEMENT
        : taps() * Tensor.sizeOf(inputs) * maps * UNROLLED_ELEMENT;
  }

  /** What {@link #transposed} takes to add up every input under every tap. */
  double addedCost(long channels) {
    return taps() * Tensor.sizeOf(outputs) * channels * ADDED_ELEMENT;
  }

  private double taps() {
    return Tensor.sizeOf(kernel);
  }

  /** Whether {@link #turned} is possible. */
  boolean turns() {
    boolean possible = group == 1;
    for (int i = 0; i < space(); i++) {
      long[] pads = turnedPads(i);
      possible &= strides[i] == 1 && pads[0] >= 0 && pads[1] >= 0;
    }
    return possible;
  }

  /** Padding before and after with which the outputs give as many places as there are inputs. */
  private long[] turnedPads(int axis) {
    long before = (kernel[axis] - 1) * dilations[axis] - begins[axis];
    return new long[] {before, inputs[axis] - outputs[axis] + begins[axis]};
  }

  /** Outputs back to inputs, strides being 1: a convolution with the kernel turned round. */
  String turned(Algebra g, String dy, String weights) {
    long[] pads = new long[2 * space()];
    long[] last = new long[space()];
    long[] start = new long[space()];
    long[] perm = IntStream.range(0, space() + 2).mapToLong(i -> i).toArray();
    for (int i = 0; i < space(); i++) {
      pads[i] = turnedPads(i)[0];
      pads[i + space()] = turnedPads(i)[1];
      last[i] = -1;
      start[i] = Long.MIN_VALUE;
    }
    perm[0] = 1;
    perm[1] = 0;
    Draft draft = g.draft();
    long[] axes = Arrays.copyOfRange(perm, 2, perm.length);
    String backwards =
        draft.node(
            "Slice",
            weights,
            draft.longs(last),
            draft.longs(start),
            draft.longs(axes),
            draft.longs(last));
    return draft.node("Conv", attributes(pads, 1), dy, g.transpose(backwards, perm));
  }

  private long[] ends(long[] extra) {
    long[] pads = new long[2 * (space() + 2)];
    System.arraycopy(extra, 0, pads, space() + 4, space());
    return pads;
  }

  /** Inputs to outputs: the convolution itself. */
  String slid(Algebra g, String x, String weights, long groups) {
    return g.draft().node("Conv", attributes(weightPads(), groups), crop(g, x), weights);
  }

  private Map<String, Attribute> attributes(long[] pads, long groups) {
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("strides", Attribute.ofInts(strides));
    attributes.put("dilations", Attribute.ofInts(dilations));
    attributes.put("pads", Attribute.ofInts(pads));
    if (groups != 1) {
      attributes.put("group", Attribute.of(groups));
    }
    return attributes;
  }

  /** What part of a place's average each tap has: one number per place, row-major. */
  double[] shares(boolean padCounts) {
    double[] shares = {1};
    for (int axis = 0; axis < space(); axis++) {
      double[] more = new double[shares.length * Math.toIntExact(outputs[axis])];
      for (int i = 0; i < more.length; i++) {
        long place = i % outputs[axis];
        more[i] = shares[(int) (i / outputs[axis])] / taps(axis, place, padCounts);
      }
      shares = more;
    }
    return shares;
  }

  private long taps(int axis, long place, boolean padCounts) {
    long start = place * strides[axis] - begins[axis];
    long low = padCounts ? -begins[axis] : 0;
    long high = inputs[axis] + (padCounts ? ends[axis] : 0);
    long count = 0;
    for (long k = 0; k < kernel[axis]; k++) {
      long at = start + k * dilations[axis];
      count += at >= low && at < high ? 1 : 0;
    }
    return Math.max(1, count);
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The cotangent of a convolution's kernel, {@code dW[m, c, k] = Σ over n, o of dY[n, m, o]·X[n, c,
 * o·stride + k·dilation - begin]}, in the form that is expected to take the least time. All forms
 * compute the same; which is the fastest depends on sizes alone, so the choice is a static cost.
 *
 * <p>The costs are nanoseconds of one thread for one example, from fits to measured kernels: what a
 * convolution's unrolled input costs per element, a gathered block per block and byte, a
 * multiplication. Only their order matters.
 */
final class KernelGradient {
  private static final double SWAPPED_ELEMENT = 2.5;
  private static final double SPREAD_ELEMENT = 0.4;
  private static final double SPREAD_TAP = 1 / 150.0;
  private static final double TRANSPOSED_ELEMENT = 0.4;
  private static final double PADDED_ELEMENT = 0.25;
  private static final double TURNED_ELEMENT = 0.25;
  private static final double ADDED_ELEMENT = 0.2;
  private static final double PRODUCT = 1 / 90.0;
  private static final double LONG_PRODUCT = 1 / 98.0;
  private static final double BATCH_LAST_ELEMENT = 0.6;

  /** A table of blocks to gather is a constant of the graph; larger ones are not worth it. */
  private static final long MOST_BLOCKS = 1 << 20;

  private final Algebra g;
  private final Window window;
  private final String x;
  private final String dy;
  private final long channels;
  private final long maps;

  KernelGradient(Algebra g, Window window, Ends ends, long maps) {
    this.g = g;
    this.window = window;
    this.x = ends.x();
    this.dy = ends.dy();
    this.channels = g.draft().shape(x).dim(1).sizeOrMinusOne();
    this.maps = maps;
  }

  /**
   * What a convolution took and the cotangent of what it gave.
   *
   * @param x [N, C, ...]
   * @param dy [N, M, ...]
   */
  record Ends(String x, String dy) {}

  /** A way to compute it. */
  sealed interface Form {}

  /** As a convolution with batch and channels swapped. */
  record Swapped() implements Form {}

  /** As a product of matrices after a convolution with unit kernels that spreads out the taps. */
  record Spread() implements Form {}

  /**
   * As a product of matrices for each example: along the first axis of space the taps are rows
   * gathered from the cotangent, along the others a convolution with unit kernels spreads them out
   * of the input. Channels stay where they are, so that both matrices lie as the product reads
   * them.
   */
  record Rows() implements Form {}

  /**
   * As one product of matrices. Along some axes the taps are gathered from the input, along the
   * others from the cotangent: both are then wider by the taps of some axes only, and the product
   * of the two has them all.
   *
   * @param fromInput for each axis of space, whether its taps are gathered from the input
   */
  record Gathered(boolean[] fromInput) implements Form {}

  /**
   * As products of matrices, one for each row of the first axis of space, with the examples of the
   * batch side by side: what is summed over in a product is long, and what is gathered lies in
   * blocks. The taps are gathered as in {@link Gathered}.
   *
   * @param fromInput for each axis of space, whether its taps are gathered from the input
   */
  record Stacked(boolean[] fromInput) implements Form {}

  /** The form that is expected to take the least time. */
  Form cheapest() {
    return forms().stream().min(Comparator.comparingDouble(this::cost)).orElseThrow();
  }

  /**
   * The form that is expected to take the least time together with the input's cotangent, which
   * {@link #inputByRows} makes of the rows that {@link Rows} gathers anyway.
   */
  Form cheapestWithInput() {
    double saved = Math.max(0, window.inputCost(channels, maps) - inputByRowsCost());
    return forms().stream()
        .min(Comparator.comparingDouble(f -> f instanceof Rows ? cost(f) - saved : cost(f)))
        .orElseThrow();
  }

  /** Whether the input's cotangent is expected to take the least time from this form's rows. */
  boolean givesInput(Form form) {
    return form instanceof Rows && inputByRowsCost() <= window.inputCost(channels, maps);
  }

  private double inputByRowsCost() {
    Window along = window.alongRows();
    return along.addedCost(channels);
  }

  /**
   * The cotangent of the input, from the rows of {@link Rows}: along the first axis of space the
   * taps are channels by then, so that the convolution to undo has a kernel of one row.
   */
  String inputByRows(String kernel) {
    long down = window.kernel()[0];
    long[] perm = IntStream.range(0, window.space() + 2).mapToLong(i -> i).toArray();
    perm[1] = 2;
    perm[2] = 1;
    Window along = window.alongRows();
    long[] folded = sizes(maps * down, channels, along.kernel());
    String weights = g.reshape(g.transpose(kernel, perm), folded);
    String rows = g.reshape(rowsOfCotangent(), sizes(-1, maps * down, along.outputs()));
    return along.transposed(g, rows, weights, 1);
  }

  /** All forms that these sizes allow. */
  List<Form> forms() {
    List<Form> forms = new ArrayList<>();
    forms.add(new Swapped());
    if (window.group() != 1 || channels < 1 || maps < 1) {
      return forms;
    }
    forms.add(new Spread());
    int space = window.space();
    if (space > 1 && window.strides()[0] == 1) {
      forms.add(new Rows());
    }
    for (int choice = 0; choice < 1 << space; choice++) {
      boolean[] fromInput = new boolean[space];
      boolean possible = true;
      for (int i = 0; i < space; i++) {
        fromInput[i] = (choice >> i & 1) == 0;
        possible &= fromInput[i] || window.strides()[i] == 1;
      }
      if (possible) {
        forms.add(new Gathered(fromInput));
        Taps taps = new Taps(window, fromInput);
        if (taps.ofInput().blocks(channels) + taps.ofCotangent().blocks(maps) <= MOST_BLOCKS) {
          forms.add(new Stacked(fromInput));
        }
      }
    }
    return forms;
  }

  double cost(Form form) {
    long taps = Tensor.sizeOf(window.kernel());
    long places = Tensor.sizeOf(window.outputs());
    double before = Tensor.sizeOf(window.inputs()) * (double) channels;
    double after = places * (double) maps;
    double unrolled = channels * (double) places * taps;
    return switch (form) {
      case Swapped _ ->
          SWAPPED_ELEMENT * unrolled
              + TRANSPOSED_ELEMENT * (before + after)
              + unrolled * maps / window.group() * PRODUCT;
      case Spread _ ->
          unrolled * (SPREAD_ELEMENT + SPREAD_TAP * taps)
              + unrolled * maps * PRODUCT
              + channels * taps * maps * ADDED_ELEMENT;
      case Rows _ -> rowsCost();
      case Stacked(boolean[] fromInput) -> stackedCost(new Taps(window, fromInput));
      case Gathered(boolean[] fromInput) -> {
        Taps taken = new Taps(window, fromInput);
        yield TRANSPOSED_ELEMENT * (before + after)
            + taken.ofInput().cost(channels)
            + taken.ofCotangent().cost(maps)
            + turned(taken) * TURNED_ELEMENT
            + taken.ofInput().size()
                * (double) channels
                * maps
                * Tensor.sizeOf(window.kernel())
                * PRODUCT;
      }
    };
  }

  private double stackedCost(Taps taken) {
    double before = Tensor.sizeOf(window.inputs()) * (double) channels;
    double after = Tensor.sizeOf(window.outputs()) * (double) maps;
    double weights = (double) channels * maps * Tensor.sizeOf(window.kernel());
    return BATCH_LAST_ELEMENT * (before + after)
        + taken.ofInput().stackCost(channels)
        + taken.ofCotangent().stackCost(maps)
        + taken.ofInput().size() * weights * LONG_PRODUCT;
  }

  /** Elements of the two matrices, which the product of their long axes has to turn. */
  private double turned(Taps taken) {
    return taken.ofInput().size()
        * (double) (channels * taken.ofInput().taps() + maps * taken.ofCotangent().taps());
  }

  private double rowsCost() {
    long down = window.kernel()[0];
    Window along = window.alongRows();
    long across = Tensor.sizeOf(along.kernel());
    double width = (double) Tensor.sizeOf(along.outputs()) / along.outputs()[0];
    double places = window.inputs()[0] * width;
    return maps * width * window.outputs()[0] * PADDED_ELEMENT
        + Taps.gathered(maps * down * window.inputs()[0], width)
        + channels * across * places * (SPREAD_ELEMENT + SPREAD_TAP * across)
        + places * maps * down * channels * across * PRODUCT
        + maps * down * channels * across * ADDED_ELEMENT;
  }

  String write(Form form) {
    return switch (form) {
      case Swapped _ -> swapped();
      case Spread _ -> spread();
      case Rows _ -> rows();
      case Stacked(boolean[] fromInput) -> stacked(new Taps(window, fromInput));
      case Gathered(boolean[] fromInput) -> gathered(new Taps(window, fromInput));
    };
  }

  /** Strides and dilations change places, and N is what is summed over. */
  private String swapped() {
    String kernel = g.transpose(dy, swap());
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("strides", Attribute.ofInts(window.dilations()));
    attributes.put("dilations", Attribute.ofInts(window.strides()));
    attributes.put("pads", Attribute.ofInts(window.weightPads()));
    attributes.put("group", Attribute.of(window.group()));
    String dw = g.draft().node("Conv", attributes, swapFirst(), kernel);
    return window.taps(g, g.transpose(dw, swap()));
  }

  /** [N, C, ...] to [C/g, g·N, ...]: channels of one group along the batch axis. */
  private String swapFirst() {
    int space = window.space();
    if (window.group() == 1) {
      return g.transpose(x, swap());
    }
    long[] sizes = g.draft().shape(x).sizes();
    long perGroup = sizes[1] / window.group();
    long[] split = new long[space + 3];
    long[] perm = new long[space + 3];
    long[] joined = new long[space + 2];
    split[0] = -1;
    split[1] = window.group();
    split[2] = perGroup;
    joined[0] = perGroup;
    joined[1] = -1;
    for (int i = 0; i < space; i++) {
      split[i + 3] = sizes[i + 2];
      perm[i + 3] = i + 3L;
      joined[i + 2] = sizes[i + 2];
    }
    perm[0] = 2;
    perm[1] = 1;
    perm[2] = 0;
    return g.reshape(g.transpose(g.reshape(x, split), perm), joined);
  }

  private long[] swap() {
    long[] perm = IntStream.range(0, window.space() + 2).mapToLong(i -> i).toArray();
    perm[0] = 1;
    perm[1] = 0;
    return perm;
  }

  /** One product per example, [M, places] by [places, C·taps], then their sum. */
  private String spread() {
    long places = Tensor.sizeOf(window.outputs());
    String each = g.node("MatMul", g.reshape(dy, -1, maps, places), columns(window));
    return g.reshape(g.sum(each, 0, 0), sizes(maps, channels, window.kernel()));
  }

  /** The input under each tap at each place, [N, places, C·taps]. */
  private String columns(Window taken) {
    long taps = Tensor.sizeOf(taken.kernel());
    ElementType type = g.draft().fact(x).element();
    double[] units = new double[Math.toIntExact(channels * taps * taps)];
    for (int i = 0; i < channels * taps; i++) {
      units[Math.toIntExact(i * taps + i % taps)] = 1;
    }
    long[] sizes = sizes(channels * taps, 1, taken.kernel());
    String kernel = g.draft().constant("units", Tensor.ofValues(type, units, sizes));
    String wide = taken.slid(g, x, kernel, channels);
    return g.swapLast(g.reshape(wide, -1, channels * taps, Tensor.sizeOf(taken.outputs())));
  }

  /** One product per example, [M·k0, places] by [places, C·taps of the others], then their sum. */
  private String rows() {
    Window along = window.alongRows();
    long down = window.kernel()[0];
    long across = Tensor.sizeOf(along.kernel());
    String left = g.reshape(rowsOfCotangent(), -1, maps * down, Tensor.sizeOf(along.outputs()));
    String sum = g.sum(g.node("MatMul", left, columns(along)), 0, 0);
    String ordered = g.transpose(g.reshape(sum, maps, down, channels, across), 0, 2, 1, 3);
    return g.reshape(ordered, sizes(maps, channels, window.kernel()));
  }

  /** For each row of the input and tap, the row of the cotangent: [N, M, k0, rows, ...]. */
  private String rowsOfCotangent() {
    long apart = window.dilations()[0];
    long before = Math.max(0, (window.kernel()[0] - 1) * apart - window.begins()[0]);
    long from = window.begins()[0] + before;
    int height = Math.toIntExact(window.inputs()[0]);
    long[] pads = new long[2 * (window.space() + 2)];
    pads[2] = before;
    pads[window.space() + 4] = Math.max(0, height + window.begins()[0] - window.outputs()[0]);
    String padded = pads[2] + pads[window.space() + 4] > 0 ? pad(dy, pads) : dy;
    long[] table = new long[Math.multiplyExact((int) window.kernel()[0], height)];
    for (int i = 0; i < table.length; i++) {
      table[i] = i % height + from - i / height * apart;
    }
    Tensor rows = Tensor.ofLongs(table, window.kernel()[0], height);
    String taken = g.draft().constant("rows/" + g.draft().scope(), rows);
    return g.draft().node("Gather", Map.of("axis", Attribute.of(2L)), padded, taken);
  }

  private String pad(String value, long[] pads) {
    return g.node("Pad", value, g.draft().longs(pads));
  }

  private static long[] sizes(long first, long second, long[] rest) {
    long[] sizes = new long[rest.length + 2];
    sizes[0] = first;
    sizes[1] = second;
    System.arraycopy(rest, 0, sizes, 2, rest.length);
    return sizes;
  }

  /** [taps of the cotangent·M, rows] by [rows, taps of the input·C], and its axes put in order. */
  private String gathered(Taps taps) {
    String left = taps.ofCotangent().rows(g, dy, maps);
    String right = taps.ofInput().rows(g, x, channels);
    String product = g.draft().node("Gemm", Map.of("transA", Attribute.of(1L)), left, right);
    int space = window.space();
    return ordered(product, taps.fromInput(), space, 0);
  }

  /**
   * For each row of the first axis, [M·taps of the cotangent, what is summed over] by [what is
   * summed over, C·taps of the input]; then their sum, and its axes put in order.
   */
  private String stacked(Taps taps) {
    String left = taps.ofCotangent().stack(g, dy, maps);
    String right = taps.ofInput().stack(g, x, channels);
    String product = g.sum(g.node("MatMul", left, g.swapLast(right)), 0, 0);
    return ordered(product, taps.fromInput(), 0, 1);
  }

  /**
   * The kernel's cotangent from a product whose rows are maps and taps of the cotangent, and whose
   * columns are channels and taps of the input.
   *
   * @param channel the place of maps and channels among the taps of either side: before or after
   * @param tap the place of the first tap
   */
  private String ordered(String product, boolean[] fromInput, int channel, int tap) {
    int space = window.space();
    int side = space + 1;
    long[] split = new long[2 * side];
    long[] perm = new long[2 * side];
    Arrays.fill(split, 1);
    for (int i = 0; i < space; i++) {
      int at = (fromInput[i] ? side : 0) + tap + i;
      split[at] = window.kernel()[i];
      perm[i + 2] = at;
      perm[side + 1 + i] = (fromInput[i] ? 0 : side) + tap + i;
    }
    split[channel] = maps;
    split[side + channel] = channels;
    perm[0] = channel;
    perm[1] = (long) side + channel;
    String ordered = g.transpose(g.reshape(product, split), perm);
    return g.reshape(ordered, sizes(maps, channels, window.kernel()));
  }
}

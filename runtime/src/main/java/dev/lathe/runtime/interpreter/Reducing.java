package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.runtime.RuntimeError;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Operators along axes: reductions, places of extremes, running sums, softmax.
 *
 * <p>The axes at work are moved to the end, so that each group of elements that belong together is
 * one run.
 */
final class Reducing {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("ReduceSum", reduce(Reducing::sum, Reducing::sum)),
          entry("ReduceMean", reduce(run -> sum(run) / run.length, Reducing::mean)),
          entry("ReduceMax", one(Reducing::reduceMax)),
          entry("ReduceMin", one(Reducing::reduceMin)),
          entry("ReduceProd", reduce(Reducing::product, Reducing::product)),
          entry("ReduceL1", reduce(run -> sum(run, 1), run -> sum(absolute(run)))),
          entry("ReduceL2", reduce(run -> Math.sqrt(sum(run, 2)), Reducing::lengthOf)),
          entry("ReduceSumSquare", reduce(run -> sum(run, 2), run -> sum(squares(run)))),
          entry("ReduceLogSum", reduce(run -> Math.log(sum(run)), Reducing::noIntegers)),
          entry("ReduceLogSumExp", reduce(Reducing::logSumExp, Reducing::noIntegers)),
          entry("ArgMax", one(call -> argExtreme(call, 1))),
          entry("ArgMin", one(call -> argExtreme(call, -1))),
          entry("CumSum", one(Reducing::cumSum)),
          entry("Softmax", one(call -> along(call, Reducing::softmax))),
          entry("LogSoftmax", one(call -> along(call, Reducing::logSoftmax))),
          entry("Hardmax", one(call -> along(call, Reducing::hardmax))));

  private Reducing() {}

  private interface RealRule {
    double of(double[] run);
  }

  private interface LongRule {
    long of(long[] run);
  }

  /** Elements that belong together to as many new ones. */
  interface RunRule {
    double[] of(double[] run);
  }

  private static Kernel reduce(RealRule reals, LongRule integers) {
    return one(call -> reduce(call, reals, integers));
  }

  private static Array reduce(Call call, RealRule reals, LongRule integers) {
    Array input = call.in(0);
    int[] dims = input.dims();
    int[] axes = axes(call, dims.length);
    // With the flag, no axes mean that every element is a run of its own, to which the rule
    // applies.
    boolean all = axes.length == 0 && !call.flag("noop_with_empty_axes");
    int[] work = all ? IntStream.range(0, dims.length).toArray() : axes;
    int[] reduced = reducedDims(dims, work, call.number("keepdims", 1) != 0);
    int length = Arrays.stream(work).map(axis -> dims[axis]).reduce(1, (a, b) -> a * b);
    return reduce(call, new Runs(atEnd(input, work), length), reduced, new Rules(reals, integers));
  }

  /**
   * Elements in runs of one length.
   *
   * @param array the elements, run after run
   * @param length the length of each
   */
  private record Runs(Array array, int length) {}

  private record Rules(RealRule reals, LongRule integers) {}

  private static Array reduce(Call call, Runs runs, int[] dims, Rules rules) {
    int count = Sizes.count(dims);
    int length = runs.length;
    if (runs.array instanceof Array.Reals x) {
      double[] values = new double[count];
      Arrays.setAll(
          values,
          i -> rules.reals.of(Arrays.copyOfRange(x.values(), i * length, (i + 1) * length)));
      return new Array.Reals(x.type(), dims, values);
    }
    if (runs.array instanceof Array.Integers x) {
      long[] values = new long[count];
      Arrays.setAll(
          values,
          i -> {
            long[] run = Arrays.copyOfRange(x.values(), i * length, (i + 1) * length);
            return Words.wrap(x.type(), rules.integers.of(run));
          });
      return new Array.Integers(x.type(), dims, values);
    }
    throw call.bad(runs.array.type() + " (expected: numbers)");
  }

  /** Axes are an attribute in older operator sets; none given means all. */
  private static int[] axes(Call call, int rank) {
    return call.inputOrAttribute(1, "axes")
        .map(given -> call.axes(given, rank))
        .orElseGet(() -> new int[0]);
  }

  private static int[] reducedDims(int[] dims, int[] axes, boolean keep) {
    if (!keep) {
      return Movement.without(dims, axes);
    }
    int[] kept = dims.clone();
    for (int axis : axes) {
      kept[axis] = 1;
    }
    return kept;
  }

  private static Array atEnd(Array input, int... axes) {
    return Movement.permute(input, orderWithLast(input.rank(), axes));
  }

  private static int[] orderWithLast(int rank, int... axes) {
    IntStream others =
        IntStream.range(0, rank).filter(axis -> Arrays.stream(axes).noneMatch(a -> a == axis));
    return IntStream.concat(others, Arrays.stream(axes)).toArray();
  }

  private static double sum(double[] run) {
    return sum(run, 0);
  }

  /** The sum of elements, of their absolutes (power 1), or of their squares (power 2). */
  private static double sum(double[] run, int power) {
    double sum = 0;
    for (double x : run) {
      sum += power == 0 ? x : power == 1 ? Math.abs(x) : x * x;
    }
    return sum;
  }

  private static long sum(long[] run) {
    return Arrays.stream(run).sum();
  }

  private static long mean(long[] run) {
    return run.length == 0 ? 0 : sum(run) / run.length;
  }

  private static double product(double[] run) {
    return Arrays.stream(run).reduce(1, (a, b) -> a * b);
  }

  private static long product(long[] run) {
    return Arrays.stream(run).reduce(1, (a, b) -> a * b);
  }

  private static long[] absolute(long[] run) {
    return Arrays.stream(run).map(Math::abs).toArray();
  }

  private static long[] squares(long[] run) {
    return Arrays.stream(run).map(x -> x * x).toArray();
  }

  private static long lengthOf(long[] run) {
    return (long) Math.sqrt(sum(squares(run)));
  }

  private static long noIntegers(long[] run) {
    throw new LatheException(
        RuntimeError.UNSUPPORTED,
        "logarithm of " + run.length + " integers (expected: a floating type)");
  }

  private static double logSumExp(double[] run) {
    double top = Arrays.stream(run).max().orElse(Double.NEGATIVE_INFINITY);
    if (Double.isInfinite(top)) {
      return top;
    }
    return top + Math.log(Arrays.stream(run).map(x -> Math.exp(x - top)).sum());
  }

  private static Array reduceMax(Call call) {
    ElementType type = call.in(0).type();
    return reduce(
        call,
        run -> Arrays.stream(run).reduce(Double.NEGATIVE_INFINITY, Math::max),
        run -> extreme(type, run, 1));
  }

  private static Array reduceMin(Call call) {
    ElementType type = call.in(0).type();
    return reduce(
        call,
        run -> Arrays.stream(run).reduce(Double.POSITIVE_INFINITY, Math::min),
        run -> extreme(type, run, -1));
  }

  private static long extreme(ElementType type, long[] run, int sign) {
    return Arrays.stream(run)
        .reduce((a, b) -> sign * Words.compare(type, a, b) >= 0 ? a : b)
        .orElse(0);
  }

  /**
   * Sign 1 finds the largest, -1 the smallest; the first of equals unless the last is asked for.
   */
  private static Array argExtreme(Call call, int sign) {
    Array input = call.in(0);
    int axis = call.axis("axis", 0, input.rank());
    boolean last = call.flag("select_last_index");
    int length = input.dims()[axis];
    Array moved = atEnd(input, axis);
    int[] dims = reducedDims(input.dims(), new int[] {axis}, call.number("keepdims", 1) != 0);
    long[] places = new long[Sizes.count(dims)];
    for (int i = 0; i < places.length; i++) {
      int best = 0;
      for (int k = 1; k < length; k++) {
        int order = sign * compare(moved, i * length + k, i * length + best);
        if (order > 0 || order == 0 && last) {
          best = k;
        }
      }
      places[i] = best;
    }
    return new Array.Integers(ElementType.INT64, dims, places);
  }

  private static int compare(Array array, int a, int b) {
    return array instanceof Array.Integers integers
        ? Words.compare(integers.type(), integers.values()[a], integers.values()[b])
        : Double.compare(array.real(a), array.real(b));
  }

  private static Array cumSum(Call call) {
    Array input = call.in(0);
    int rank = input.rank();
    int axis = call.axis(call.longs(1)[0], rank);
    int length = input.dims()[axis];
    int[] order = orderWithLast(rank, axis);
    Array moved = Movement.permute(input, order);
    Array sums =
        moved instanceof Array.Reals reals
            ? new Array.Reals(reals.type(), reals.dims(), running(call, reals.values(), length))
            : running(call, (Array.Integers) moved, length);
    return Movement.permute(sums, Movement.inverse(order));
  }

  private static double[] running(Call call, double[] values, int length) {
    double[] sums = new double[values.length];
    for (int start = 0; start < values.length; start += length) {
      double sum = 0;
      for (int k = 0; k < length; k++) {
        int at = start + (call.flag("reverse") ? length - 1 - k : k);
        sums[at] = call.flag("exclusive") ? sum : sum + values[at];
        sum += values[at];
      }
    }
    return sums;
  }

  private static Array running(Call call, Array.Integers input, int length) {
    long[] values = input.values();
    long[] sums = new long[values.length];
    for (int start = 0; start < values.length; start += length) {
      long sum = 0;
      for (int k = 0; k < length; k++) {
        int at = start + (call.flag("reverse") ? length - 1 - k : k);
        sums[at] = Words.wrap(input.type(), call.flag("exclusive") ? sum : sum + values[at]);
        sum += values[at];
      }
    }
    return new Array.Integers(input.type(), input.dims(), sums);
  }

  /** Before opset 13 all axes from the given one on are one run; since then, the axis alone. */
  private static Array along(Call call, RunRule rule) {
    int rank = call.in(0).rank();
    boolean old = call.opset() < 13;
    int axis = call.axis("axis", old ? 1 : -1, rank);
    int[] axes = old ? IntStream.range(axis, rank).toArray() : new int[] {axis};
    return lines(call, axes, rule);
  }

  /** The first input with a rule applied to each group of elements along some axes. */
  static Array lines(Call call, int[] axes, RunRule rule) {
    Array.Reals input = call.reals(0);
    int rank = input.rank();
    int length = Arrays.stream(axes).map(a -> input.dims()[a]).reduce(1, (a, b) -> a * b);
    int[] order = orderWithLast(rank, axes);
    Array.Reals moved = (Array.Reals) Movement.permute(input, order);
    double[] values = new double[moved.size()];
    for (int start = 0; start < values.length; start += length) {
      double[] run = Arrays.copyOfRange(moved.values(), start, start + length);
      System.arraycopy(rule.of(run), 0, values, start, length);
    }
    Array done = new Array.Reals(input.type(), moved.dims(), values);
    return Movement.permute(done, Movement.inverse(order));
  }

  private static double[] softmax(double[] run) {
    double total = logSumExp(run);
    return Arrays.stream(run).map(x -> Math.exp(x - total)).toArray();
  }

  static double[] logSoftmax(double[] run) {
    double total = logSumExp(run);
    return Arrays.stream(run).map(x -> x - total).toArray();
  }

  private static double[] hardmax(double[] run) {
    double[] hard = new double[run.length];
    int best = 0;
    for (int k = 1; k < run.length; k++) {
      best = run[k] > run[best] ? k : best;
    }
    hard[best] = 1;
    return hard;
  }
}

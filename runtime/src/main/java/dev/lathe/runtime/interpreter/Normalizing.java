package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Normalizations. */
final class Normalizing {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("BatchNormalization", Normalizing::batch),
          entry("LayerNormalization", Normalizing::layer),
          entry("InstanceNormalization", one(Normalizing::instance)),
          entry("GroupNormalization", one(Normalizing::group)),
          entry("RMSNormalization", one(Normalizing::rootMeanSquare)),
          entry("LpNormalization", one(Normalizing::lp)),
          entry("LRN", one(Normalizing::acrossChannels)),
          entry("MeanVarianceNormalization", one(Normalizing::meanVariance)));

  private Normalizing() {}

  /** The mean of a run and its variance, divided by the count. */
  private record Moments(double mean, double variance) {
    static Moments of(double[] run) {
      double mean = Arrays.stream(run).sum() / run.length;
      double squares = Arrays.stream(run).map(x -> (x - mean) * (x - mean)).sum();
      return new Moments(mean, squares / run.length);
    }

    double inverseDeviation(double epsilon) {
      return 1 / Math.sqrt(variance + epsilon);
    }
  }

  /**
   * Inputs X [N, C, …], scale, B, mean, variance [C]. In training the batch's own moments are used
   * and outputs 2 and 3 are running·momentum + batch·(1 - momentum).
   */
  private static List<Array> batch(Call call) {
    Array.Reals x = call.reals(0);
    int channels = x.rank() > 1 ? x.dims()[1] : 1;
    boolean training = call.flag("training_mode");
    double momentum = call.real("momentum", 0.9f);
    double[] means = toDoubles(call, 3, channels);
    double[] variances = toDoubles(call, 4, channels);
    double[] runningMeans = means.clone();
    double[] runningVariances = variances.clone();
    for (int c = 0; training && c < channels; c++) {
      Moments moments = Moments.of(channel(x, c, channels));
      means[c] = moments.mean;
      variances[c] = moments.variance;
      runningMeans[c] = runningMeans[c] * momentum + moments.mean * (1 - momentum);
      runningVariances[c] = runningVariances[c] * momentum + moments.variance * (1 - momentum);
    }
    double epsilon = call.real("epsilon", 1e-5f);
    int area = x.rank() > 2 ? Sizes.count(x.dims(), 2, x.rank()) : 1;
    double[] values = new double[x.size()];
    for (int i = 0; i < values.length; i++) {
      int c = i / area % channels;
      double unit = (x.values()[i] - means[c]) / Math.sqrt(variances[c] + epsilon);
      values[i] = unit * call.in(1).real(c) + call.in(2).real(c);
    }
    Array y = new Array.Reals(x.type(), x.dims(), values);
    int[] dims = {channels};
    return training
        ? List.of(
            y,
            new Array.Reals(call.in(3).type(), dims, runningMeans),
            new Array.Reals(call.in(4).type(), dims, runningVariances))
        : List.of(y);
  }

  private static double[] toDoubles(Call call, int input, int count) {
    if (call.in(input).size() != count) {
      throw call.bad(
          "input " + input + ": " + call.in(input).size() + " elements (expected: " + count + ")");
    }
    return IntStream.range(0, count).mapToDouble(i -> call.in(input).real(i)).toArray();
  }

  private static double[] channel(Array.Reals x, int channel, int channels) {
    int area = x.rank() > 2 ? Sizes.count(x.dims(), 2, x.rank()) : 1;
    return IntStream.range(0, x.size())
        .filter(i -> i / area % channels == channel)
        .mapToDouble(i -> x.values()[i])
        .toArray();
  }

  /** Over all axes from the given one on; outputs are Y, Mean and InvStdDev. */
  private static List<Array> layer(Call call) {
    Array.Reals x = call.reals(0);
    int axis = call.axis("axis", -1, x.rank());
    int length = Sizes.count(x.dims(), axis, x.rank());
    int[] inner = Arrays.copyOfRange(x.dims(), axis, x.rank());
    Array scale = Broadcast.stretch(call.in(1), inner);
    double epsilon = call.real("epsilon", 1e-5f);
    int[] reduced = x.dims().clone();
    Arrays.fill(reduced, axis, reduced.length, 1);
    double[] means = new double[Sizes.count(reduced)];
    double[] inverses = new double[means.length];
    double[] values = new double[x.size()];
    for (int r = 0; r < means.length; r++) {
      Moments moments = Moments.of(Arrays.copyOfRange(x.values(), r * length, (r + 1) * length));
      means[r] = moments.mean;
      inverses[r] = moments.inverseDeviation(epsilon);
      for (int k = 0; k < length; k++) {
        double unit = (x.values()[r * length + k] - means[r]) * inverses[r];
        values[r * length + k] = unit * scale.real(k) + bias(call, inner, k);
      }
    }
    return List.of(
        new Array.Reals(x.type(), x.dims(), values),
        new Array.Reals(x.type(), reduced, means),
        new Array.Reals(x.type(), reduced, inverses));
  }

  private static double bias(Call call, int[] inner, int place) {
    return call.has(2) ? Broadcast.stretch(call.in(2), inner).real(place) : 0;
  }

  /** Each plane of each example by its own moments; scale and B are [C]. */
  private static Array instance(Call call) {
    return planes(call, call.in(0).dims()[1], false);
  }

  /**
   * Each group of channels by its moments; scale and bias are [C] since opset 21, [groups] before.
   */
  private static Array group(Call call) {
    return planes(call, call.size(call.number("num_groups", 1)), call.opset() < 21);
  }

  private static Array planes(Call call, int groups, boolean scaledByGroup) {
    Array.Reals x = call.reals(0);
    int channels = x.dims()[1];
    if (groups < 1 || channels % groups != 0) {
      throw call.bad(groups + " groups of " + channels + " channels");
    }
    int length = Sizes.count(x.dims(), 1, x.rank()) / groups;
    int area = Sizes.count(x.dims(), 2, x.rank());
    double epsilon = call.real("epsilon", 1e-5f);
    double[] values = new double[x.size()];
    for (int start = 0; start < values.length; start += length) {
      Moments moments = Moments.of(Arrays.copyOfRange(x.values(), start, start + length));
      for (int i = start; i < start + length; i++) {
        int c = scaledByGroup ? i / length % groups : i / area % channels;
        double unit = (x.values()[i] - moments.mean) * moments.inverseDeviation(epsilon);
        values[i] = unit * call.in(1).real(c) + call.in(2).real(c);
      }
    }
    return new Array.Reals(x.type(), x.dims(), values);
  }

  private static Array rootMeanSquare(Call call) {
    Array.Reals x = call.reals(0);
    int axis = call.axis("axis", -1, x.rank());
    int length = Sizes.count(x.dims(), axis, x.rank());
    Array scale = Broadcast.stretch(call.in(1), Arrays.copyOfRange(x.dims(), axis, x.rank()));
    double epsilon = call.real("epsilon", 1e-5f);
    double[] values = new double[x.size()];
    for (int start = 0; start < values.length; start += length) {
      double squares = 0;
      for (int k = 0; k < length; k++) {
        squares += x.values()[start + k] * x.values()[start + k];
      }
      double inverse = 1 / Math.sqrt(squares / length + epsilon);
      for (int k = 0; k < length; k++) {
        values[start + k] = x.values()[start + k] * inverse * scale.real(k);
      }
    }
    return new Array.Reals(x.type(), x.dims(), values);
  }

  /** Each line along the axis divided by its length; a line of zeros stays. */
  private static Array lp(Call call) {
    boolean one = call.number("p", 2) == 1;
    return Reducing.lines(
        call,
        new int[] {call.axis("axis", -1, call.in(0).rank())},
        line -> {
          double length =
              one
                  ? Arrays.stream(line).map(Math::abs).sum()
                  : Math.sqrt(Arrays.stream(line).map(x -> x * x).sum());
          return length == 0 ? line : Arrays.stream(line).map(x -> x / length).toArray();
        });
  }

  /** LRN: x·(bias + α/size·Σx²)^-β over size channels around each, clipped at both ends. */
  private static Array acrossChannels(Call call) {
    int size = call.size(call.number("size", 1));
    double alpha = call.real("alpha", 1e-4f);
    double beta = call.real("beta", 0.75f);
    double bias = call.real("bias", 1);
    return Reducing.lines(
        call,
        new int[] {1},
        line -> {
          double[] scaled = new double[line.length];
          for (int c = 0; c < line.length; c++) {
            int low = Math.max(0, c - (size - 1) / 2);
            int high = Math.min(line.length - 1, c + size / 2);
            double sum = 0;
            for (int i = low; i <= high; i++) {
              sum += line[i] * line[i];
            }
            scaled[c] = line[c] * Math.pow(bias + alpha / size * sum, -beta);
          }
          return scaled;
        });
  }

  private static Array meanVariance(Call call) {
    long[] axes = call.node().intsAttribute("axes", 0, 2, 3);
    return Reducing.lines(
        call,
        call.axes(axes, call.in(0).rank()),
        line -> {
          Moments moments = Moments.of(line);
          double deviation = Math.sqrt(moments.variance) + 1e-9;
          return Arrays.stream(line).map(x -> (x - moments.mean) / deviation).toArray();
        });
  }
}

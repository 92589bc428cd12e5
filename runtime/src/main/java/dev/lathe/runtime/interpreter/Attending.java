package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Attention and rotary positions. Letters: B batch, H heads of the queries, G heads of the keys, S
 * queries, T keys with those of the past, D size of a head.
 */
final class Attending {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Attention", Attending::attention),
          entry("RotaryEmbedding", one(Attending::rotary)));

  private Attending() {}

  /** [B, S, H·D] as [B, H, S, D]; four axes stay. */
  private static Array.Reals heads(Call call, int input, String attribute) {
    Array.Reals x = call.reals(input);
    if (x.rank() == 4) {
      return x;
    }
    int heads = call.size(call.number(attribute, 0));
    int[] d = x.dims();
    if (d.length != 3 || heads < 1 || d[2] % heads != 0) {
      throw call.bad(x.describe() + " with " + attribute + " " + heads);
    }
    Array split = x.reshaped(new int[] {d[0], d[1], heads, d[2] / heads});
    return (Array.Reals) Movement.permute(split, 0, 2, 1, 3);
  }

  /** The past in front of the present, along the third axis. */
  private static Array.Reals after(Call call, int past, Array.Reals present) {
    if (!call.has(past)) {
      return present;
    }
    Array.Reals old = call.reals(past);
    int[] dims = present.dims().clone();
    int row = dims[3];
    dims[2] += old.dims()[2];
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    int oldRun = old.dims()[2] * row;
    int newRun = present.dims()[2] * row;
    for (int i = 0; i < dims[0] * dims[1]; i++) {
      System.arraycopy(old.values(), i * oldRun, values, i * (oldRun + newRun), oldRun);
      System.arraycopy(
          present.values(), i * newRun, values, i * (oldRun + newRun) + oldRun, newRun);
    }
    return new Array.Reals(present.type(), dims, values);
  }

  /**
   * All that one call reads.
   *
   * @param q queries [B, H, S, D]
   * @param k keys [B, G, T, D]
   * @param v values [B, G, T, width]
   * @param biases what is added to the scores [B, H, S, T], -∞ where a key is not to be seen
   */
  private record Heads(Array.Reals q, Array.Reals k, Array.Reals v, double[] biases) {
    int rows() {
      return q.dims()[0] * q.dims()[1] * q.dims()[2];
    }

    int keys() {
      return k.dims()[2];
    }

    /** The head of keys and values that a row of queries looks at. */
    int source(int row) {
      int head = row / q.dims()[2];
      int share = q.dims()[1] / k.dims()[1];
      return head / q.dims()[1] * k.dims()[1] + head % q.dims()[1] / share;
    }

    /** Products of a query with all keys. */
    double[] scores(int row) {
      int size = q.dims()[3];
      double[] scores = new double[keys()];
      for (int t = 0; t < scores.length; t++) {
        int key = (source(row) * keys() + t) * size;
        for (int i = 0; i < size; i++) {
          scores[t] += q.values()[row * size + i] * k.values()[key + i];
        }
      }
      return scores;
    }

    /** The values by their shares, added to a row of the output. */
    void mix(int row, double[] shares, double[] y) {
      int width = v.dims()[3];
      for (int t = 0; t < shares.length; t++) {
        int value = (source(row) * keys() + t) * width;
        for (int i = 0; i < width; i++) {
          y[row * width + i] += shares[t] * v.values()[value + i];
        }
      }
    }
  }

  /** Outputs: Y, keys and values with the past, and the scores at the stage that the node names. */
  private static List<Array> attention(Call call) {
    if (call.number("left_window_size", -1) >= 0 || call.number("right_window_size", -1) >= 0) {
      throw call.unsupported("a window of keys (expected: none)");
    }
    Array.Reals q = heads(call, 0, "q_num_heads");
    Array.Reals k = after(call, 4, heads(call, 1, "kv_num_heads"));
    Array.Reals v = after(call, 5, heads(call, 2, "kv_num_heads"));
    int[] d = q.dims();
    int[] dims = {d[0], d[1], d[2], k.dims()[2]};
    int width = v.dims()[3];
    Heads heads = new Heads(q, k, v, biases(call, dims));
    double scale = call.real("scale", (float) (1 / Math.sqrt(d[3])));
    double[] stage = new double[Sizes.count(Sizes.require(dims))];
    double[] y = new double[heads.rows() * width];
    for (int row = 0; row < heads.rows(); row++) {
      double[] scores = Arrays.stream(heads.scores(row)).map(x -> x * scale).toArray();
      List<double[]> stages = stages(call, scores, heads.biases, row * scores.length);
      heads.mix(row, stages.getLast(), y);
      double[] shown = stages.get(call.size(call.number("qk_matmul_output_mode", 0)));
      System.arraycopy(shown, 0, stage, row * shown.length, shown.length);
    }
    Array result = new Array.Reals(q.type(), new int[] {d[0], d[1], d[2], width}, y);
    if (call.in(0).rank() == 3) {
      int[] joined = {d[0], d[2], d[1] * width};
      result = Movement.permute(result, 0, 2, 1, 3).reshaped(joined);
    }
    return List.of(result, k, v, new Array.Reals(q.type(), dims, stage));
  }

  /** Scores, scores within the cap, with biases, and as shares; a row that sees nothing is 0. */
  private static List<double[]> stages(Call call, double[] scores, double[] biases, int from) {
    double cap = call.real("softcap", 0);
    double[] capped =
        cap == 0 ? scores : Arrays.stream(scores).map(x -> cap * Math.tanh(x / cap)).toArray();
    double[] biased = new double[scores.length];
    Arrays.setAll(biased, t -> capped[t] + biases[from + t]);
    double top = Arrays.stream(biased).max().orElse(0);
    double[] powers =
        Arrays.stream(biased)
            .map(x -> top == Double.NEGATIVE_INFINITY ? 0 : Math.exp(x - top))
            .toArray();
    double sum = Math.max(Arrays.stream(powers).sum(), Double.MIN_NORMAL);
    double[] shares = Arrays.stream(powers).map(x -> x / sum).toArray();
    return new ArrayList<>(List.of(scores, capped, biased, shares));
  }

  private static double[] biases(Call call, int[] dims) {
    double[] biases = new double[Sizes.count(Sizes.require(dims))];
    if (call.has(3)) {
      Array mask = call.in(3);
      int[] places = Broadcast.places(mask.dims(), Broadcast.join(call, mask.dims(), dims));
      boolean truth = mask.type() == ElementType.BOOL;
      for (int i = 0; i < biases.length; i++) {
        double x = mask.real(places[i]);
        biases[i] = truth ? x != 0 ? 0 : Double.NEGATIVE_INFINITY : x;
      }
    }
    boolean causal = call.flag("is_causal");
    int past = call.has(4) ? call.in(4).dims()[2] : 0;
    for (int i = 0; i < biases.length; i++) {
      int key = i % dims[3];
      int query = i / dims[3] % dims[2];
      long keys = call.has(6) ? call.longs(6)[i / (dims[1] * dims[2] * dims[3])] : dims[3];
      // Keys of a cache that is longer than what it holds end where the queries end.
      long before = call.has(6) ? keys - dims[2] : past;
      boolean hidden = key >= keys || causal && key > query + before;
      biases[i] = hidden ? Double.NEGATIVE_INFINITY : biases[i];
    }
    return biases;
  }

  /** Pairs of elements of each head turned by the angle of their position. */
  private static Array rotary(Call call) {
    Array.Reals x = heads(call, 0, "num_heads");
    int[] d = x.dims();
    int given = call.size(call.number("rotary_embedding_dim", 0));
    int half = (given == 0 ? d[3] : given) / 2;
    boolean pairs = call.flag("interleaved");
    double[] values = x.values().clone();
    for (int row = 0; row < d[0] * d[1] * d[2]; row++) {
      int token = row / (d[1] * d[2]) * d[2] + row % d[2];
      int angle = call.has(3) ? call.size(call.longs(3)[token]) : token;
      for (int i = 0; i < half; i++) {
        int real = row * d[3] + (pairs ? 2 * i : i);
        int imaginary = row * d[3] + (pairs ? 2 * i + 1 : i + half);
        double cos = call.in(1).real(angle * half + i);
        double sin = call.in(2).real(angle * half + i);
        values[real] = cos * x.values()[real] - sin * x.values()[imaginary];
        values[imaginary] = sin * x.values()[real] + cos * x.values()[imaginary];
      }
    }
    Array turned = new Array.Reals(x.type(), d, values);
    return call.in(0).rank() == 4
        ? turned
        : Movement.permute(turned, 0, 2, 1, 3).reshaped(call.in(0).dims());
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Attention and rotary positions. Letters: B batch, H heads of the queries, G heads of the keys, S
 * queries, T keys with those of the past, D size of a head.
 */
final class AttentionGradients {
  /** What a key gets that must not be seen: small enough that no share is left, yet finite. */
  private static final double HIDDEN = -1e30;

  private AttentionGradients() {}

  /**
   * Attention spelled out: {@code softmax(cap(scale·QKᵀ) + bias)·V}. Queries whose heads share keys
   * are seen as more queries of one head, so that keys are not copied.
   */
  static List<String> body(Algebra g, Node node) {
    for (String window : List.of("left_window_size", "right_window_size")) {
      if (node.intAttribute(window, -1) >= 0) {
        throw TrainingForms.refuse(node, window + " (expected: none)");
      }
    }
    String q = heads(g, node, 0, "q_num_heads");
    String k = after(g, node.input(4), heads(g, node, 1, "kv_num_heads"));
    String v = after(g, node.input(5), heads(g, node, 2, "kv_num_heads"));
    long queryHeads = fixed(g, node, q, 1);
    long keyHeads = fixed(g, node, k, 1);
    long size = fixed(g, node, q, 3);
    double scale = node.floatAttribute("scale", (float) (1 / Math.sqrt(size)));
    String scores = g.mul(grouped(g, q, keyHeads, node), scale);
    scores = g.node("MatMul", scores, g.swapLast(k));
    scores = new Extents(g).of(q, 0, 3).of(k, 2).reshape(scores);
    float cap = node.floatAttribute("softcap", 0);
    String capped = cap == 0 ? scores : g.mul(g.node("Tanh", g.mul(scores, 1.0 / cap)), cap);
    String allowed = allowed(g, node, scores);
    boolean adds = !node.input(3).isEmpty() && !hides(g, node);
    String added = adds ? g.add(capped, node.input(3)) : capped;
    String hidden = g.draft().number(HIDDEN, scores);
    String biased = allowed.isEmpty() ? added : g.where(allowed, added, hidden);
    // A query that sees no key at all gets nothing.
    boolean blind = hides(g, node) || !node.input(6).isEmpty();
    String shares = blind ? g.mask(allowed, softmax(g, biased)) : softmax(g, biased);
    String mixed = g.node("MatMul", grouped(g, shares, keyHeads, node), v);
    String y = new Extents(g).of(q, 0).sizes(queryHeads).of(q, 2).of(v, 3).reshape(mixed);
    if (g.draft().shape(node.input(0)).rank() == 3) {
      long width = fixed(g, node, v, 3);
      Extents joined = new Extents(g).of(q, 0).of(q, 2).sizes(queryHeads * width);
      y = joined.reshape(g.transpose(y, 0, 2, 1, 3));
    }
    int mode = (int) node.intAttribute("qk_matmul_output_mode", 0);
    List<String> stages = List.of(scores, capped, biased, shares);
    return List.of(y, k, v, stages.get(mode)).subList(0, node.outputs().size());
  }

  /** [B, S, H·D] as [B, H, S, D]; four axes stay. */
  private static String heads(Algebra g, Node node, int input, String attribute) {
    String x = node.input(input);
    int rank = g.draft().shape(x).ranked() ? g.draft().shape(x).rank() : 0;
    if (rank == 4) {
      return x;
    }
    long heads = node.intAttribute(attribute, 0);
    if (rank != 3 || heads < 1) {
      throw TrainingForms.refuse(node, "input \"" + x + "\": [B, S, H·D] with " + attribute);
    }
    String split = new Extents(g).of(x, 0, 2).sizes(heads, -1).reshape(x);
    return g.transpose(split, 0, 2, 1, 3);
  }

  private static long fixed(Algebra g, Node node, String value, int axis) {
    if (g.draft().shape(value).dim(axis) instanceof Dim.Fixed(long size)) {
      return size;
    }
    throw TrainingForms.refuse(
        node, "heads " + g.draft().shape(value) + " at axis " + axis + " (expected: a fixed size)");
  }

  private static String after(Algebra g, String past, String present) {
    return past.isEmpty()
        ? present
        : g.draft().node("Concat", Map.of("axis", Attribute.of(2L)), past, present);
  }

  /** [B, H, S, n] as [B, G, H/G·S, n]. */
  private static String grouped(Algebra g, String value, long keyHeads, Node node) {
    long heads = fixed(g, node, value, 1);
    if (heads == keyHeads) {
      return value;
    }
    Extents extents = new Extents(g).of(value, 0).sizes(keyHeads);
    boolean known = g.draft().shape(value).dim(2) instanceof Dim.Fixed;
    if (known) {
      long rows = heads / keyHeads * g.draft().shape(value).dim(2).sizeOrMinusOne();
      return extents.sizes(rows).of(value, 3).reshape(value);
    }
    return extents.sizes(-1).of(value, 3).reshape(value);
  }

  /**
   * Which keys a query may see, BOOL, or empty if all: by the mask, none in the padding of a cache,
   * and none that come later.
   */
  private static String allowed(Algebra g, Node node, String scores) {
    List<String> conditions = new ArrayList<>();
    if (hides(g, node)) {
      conditions.add(node.input(3));
    }
    String held = node.input(6);
    if (!held.isEmpty()) {
      String counts = g.reshape(held, -1, 1, 1, 1);
      conditions.add(g.node("Less", counting(g, scores, 3), counts));
    }
    if (node.intAttribute("is_causal", 0) != 0) {
      String queries = counting(g, scores, 2);
      if (!node.input(4).isEmpty()) {
        queries = g.node("Add", queries, size(g, node.input(4), 2));
      }
      String rows = g.node("Unsqueeze", queries, g.draft().longs(1));
      if (!held.isEmpty()) {
        String before = g.node("Sub", g.reshape(held, -1, 1, 1, 1), size(g, scores, 2));
        rows = g.node("Add", rows, before);
      }
      conditions.add(g.node("LessOrEqual", counting(g, scores, 3), rows));
    }
    return conditions.stream().reduce((one, other) -> g.node("And", one, other)).orElse("");
  }

  /** Whether the mask hides keys, rather than add to their scores. */
  private static boolean hides(Algebra g, Node node) {
    String mask = node.input(3);
    return !mask.isEmpty() && g.draft().fact(mask).element() == ElementType.BOOL;
  }

  private static String softmax(Algebra g, String scores) {
    return g.draft().node("Softmax", Map.of("axis", Attribute.of(-1L)), scores);
  }

  /** 0, 1, ... as many as a value has along an axis, INT64. */
  private static String counting(Algebra g, String value, int axis) {
    String zero = g.draft().constant("0", Tensor.scalar(0L));
    String one = g.draft().constant("1", Tensor.scalar(1L));
    return g.node("Range", zero, size(g, value, axis), one);
  }

  private static String size(Algebra g, String value, int axis) {
    String at = g.draft().constant(Integer.toString(axis), Tensor.scalar((long) axis));
    return g.node("Gather", g.shapeOf(value), at);
  }

  /** RotaryEmbedding: turned back by the same angles. */
  static void rotary(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          List<String> inputs = new ArrayList<>(List.of(r.dy(), r.in(1), g.neg(r.in(2))));
          inputs.add(r.in(3));
          return g.draft()
              .node("RotaryEmbedding", r.node().attributes(), inputs.toArray(new String[0]));
        });
  }
}

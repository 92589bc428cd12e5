package dev.lathe.runtime;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.OperatorCases.Use;
import java.util.Arrays;
import java.util.List;

/** Drawings of Attention, RotaryEmbedding and Einsum. */
final class AttentionCases {
  private AttentionCases() {}

  static List<Use> attention() {
    return List.of(
        d -> four(d, 2, 2).opset(23),
        d -> four(d, 4, 2).with("is_causal", 1).opset(23),
        d -> four(d, 4, 1).with("scale", 0.3f).opset(23),
        d -> four(d, 2, 2).with("softcap", 1.5f).opset(23),
        d -> three(d, 2, 2).opset(23),
        d -> three(d, 4, 2).with("is_causal", 1).opset(23),
        d -> four(d, 2, 2).in(d.floats(d.between(1, 2), d.between(1, 2), 3, 5)).opset(23),
        d -> four(d, 2, 2).in(mask(d)).opset(23),
        d -> past(four(d, 2, 1).in(d.floats(2, 2, 3, 7)), 1).opset(23),
        d -> past(four(d, 2, 2).none(), 2).with("is_causal", 1).opset(23),
        d -> stage(past(four(d, 2, 2).in(d.floats(3, 7)), 2), d.between(0, 3)).opset(23),
        d -> held(d, four(d, 4, 2).none()),
        d -> held(d, four(d, 2, 2).in(mask(d))),
        d -> held(d, three(d, 2, 2).none()).with("is_causal", 1));
  }

  /** Keys and values from a cache that holds 3 to 5 of them. */
  private static Draw held(Draw d, Draw heads) {
    return heads.none().none().in(d.integers(ElementType.INT64, 3, 5, 2)).opset(24);
  }

  /** Q [2, H, 3, 4], K [2, G, 5, 4], V [2, G, 5, 3]. */
  private static Draw four(Draw d, int heads, int keyHeads) {
    return d.in(d.floats(2, heads, 3, 4))
        .in(d.floats(2, keyHeads, 5, 4))
        .in(d.floats(2, keyHeads, 5, 3));
  }

  private static Draw three(Draw d, int heads, int keyHeads) {
    return d.in(d.floats(2, 3, 4L * heads))
        .in(d.floats(2, 5, 4L * keyHeads))
        .in(d.floats(2, 5, 3L * keyHeads))
        .with("q_num_heads", heads)
        .with("kv_num_heads", keyHeads);
  }

  /** Two keys of the past, after the mask. */
  private static Draw past(Draw d, int keyHeads) {
    return d.in(d.floats(2, keyHeads, 2, 4)).in(d.floats(2, keyHeads, 2, 3)).outputs(3);
  }

  private static Draw stage(Draw d, int mode) {
    return d.with("qk_matmul_output_mode", mode).with("softcap", 2f).outputs(4);
  }

  /** Each query sees at least its first key. */
  private static Tensor mask(Draw d) {
    double[] seen = new double[15];
    Arrays.setAll(seen, i -> i % 5 == 0 || d.coin() ? 1 : 0);
    return Tensor.ofValues(ElementType.BOOL, seen, 3, 5);
  }

  static List<Use> rotary() {
    return List.of(
        d -> d.in(d.floats(2, 3, 4, 6)).in(d.floats(2, 4, 3)).in(d.floats(2, 4, 3)).opset(23),
        d -> positions(d.in(d.floats(2, 3, 4, 6)), 3).with("interleaved", 1).opset(23),
        d ->
            positions(d.in(d.floats(2, 4, 24)), 2)
                .with("num_heads", 3)
                .with("rotary_embedding_dim", 4)
                .opset(23));
  }

  private static Draw positions(Draw d, long half) {
    return d.in(d.floats(7, half))
        .in(d.floats(7, half))
        .in(d.integers(ElementType.INT64, 0, 6, 2, 4));
  }

  static List<Use> einsum() {
    return List.of(
        d -> d.in(d.floats(2, 3)).in(d.floats(3, 4)).with("equation", "ij,jk->ik"),
        d -> d.in(d.floats(2, 3)).in(d.floats(3, 4)).with("equation", "ij,jk"),
        d ->
            d.in(d.floats(2, 5, 3)).in(d.floats(2, 4, 3)).with("equation", "b i d, b j d -> b i j"),
        d -> d.in(d.floats(2, 3, 4)).with("equation", "...ij->...ji"),
        d -> d.in(d.floats(3, 3)).with("equation", "ii->i"),
        d -> d.in(d.floats(3, 2)).with("equation", "ij->"),
        d -> d.in(d.floats(2, 3, 4)).in(d.floats(4, 5)).with("equation", "...j,jk->...k"),
        d ->
            d.in(d.floats(2, 3)).in(d.floats(3, 4)).in(d.floats(4)).with("equation", "ab,bc,c->a"));
  }
}

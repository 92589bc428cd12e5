package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.List;

/**
 * Shapes of Attention. Letters: B batch, H heads of the queries, G heads of the keys, S queries, T
 * keys with those of the past, D size of a head of queries and keys, W of a head of values.
 */
final class AttentionShapes {
  private AttentionShapes() {}

  /** Outputs Y, present keys [B, G, T, D], present values [B, G, T, W], scores [B, H, S, T]. */
  static List<Shape> attention(ShapeCall call) {
    Shape q = heads(call, 0, "q_num_heads");
    Shape k = heads(call, 1, "kv_num_heads");
    Shape v = heads(call, 2, "kv_num_heads");
    call.same(q.dim(3), k.dim(3));
    Term keys = Term.of(call.same(k.dim(2), v.dim(2)));
    if (call.has(4)) {
      keys = keys.plus(Term.of(call.shape(4).dim(2)));
    }
    Dim batch = q.dim(0);
    Dim rows = q.dim(2);
    Dim total = keys.toDim();
    Term joined = Term.of(q.dim(1)).times(Term.of(v.dim(3)));
    Shape y =
        call.shape(0).rank() == 4
            ? Shape.of(List.of(batch, q.dim(1), rows, v.dim(3)))
            : Shape.of(List.of(batch, rows, joined.toDim()));
    return List.of(
        y,
        Shape.of(List.of(k.dim(0), k.dim(1), total, k.dim(3))),
        Shape.of(List.of(v.dim(0), v.dim(1), total, v.dim(3))),
        Shape.of(List.of(batch, q.dim(1), rows, total)));
  }

  /** [B, S, H·D] as [B, H, S, D]; four axes stay. */
  private static Shape heads(ShapeCall call, int input, String attribute) {
    Shape x = call.shape(input);
    long heads = call.node().intAttribute(attribute, 0);
    if (x.rank() == 4) {
      return x;
    }
    if (x.rank() != 3 || heads < 1) {
      throw call.mismatch(
          call.describe(input) + " and " + attribute + " " + heads,
          "[B, H, S, D], or [B, S, H·D] with the number of heads");
    }
    Dim size = Term.of(x.dim(2)).dividedBy(Term.of(heads)).toDim();
    return Shape.of(List.of(x.dim(0), Dim.of(heads), x.dim(1), size));
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** Random uses of Attention, RotaryEmbedding and Einsum. */
final class AttentionCases {
  private static final List<String> PAIRS =
      List.of("ij,jk->ik", "ij,jk", "ij,kj->i", "ij,jk->", "ji,jk->jk", "ij,jj->i", "ij,jk->kij");

  private AttentionCases() {}

  static void add(Map<String, Function<Random, Case>> table) {
    table.put("Attention", AttentionCases::attention);
    table.put("RotaryEmbedding", AttentionCases::rotary);
    table.put("Einsum", AttentionCases::einsum);
  }

  /** Queries [2, H, 3, D], keys [2, G, 4, D], values [2, G, 4, W], or heads in the last axis. */
  private static Case attention(Random r) {
    long keyHeads = 1 + r.nextInt(2);
    long heads = keyHeads * (1 + r.nextInt(2));
    long size = 2 + r.nextInt(2);
    long width = 1 + r.nextInt(3);
    Case c = new Case("Attention", r).opset(23);
    if (r.nextBoolean()) {
      c.in(2, heads, 3, size).in(2, keyHeads, 4, size).in(2, keyHeads, 4, width);
    } else {
      c.in(2, 3, heads * size).in(2, 4, keyHeads * size).in(2, 4, keyHeads * width);
      c.with("q_num_heads", Attribute.of(heads)).with("kv_num_heads", Attribute.of(keyHeads));
    }
    long past = r.nextInt(3) == 0 ? 2 : 0;
    boolean hides = false;
    switch (r.nextInt(3)) {
      case 0 -> c.omitted();
      case 1 -> c.in(1, r.nextBoolean() ? heads : 1, 3, 4 + past);
      default -> {
        hides = true;
        c.fixed(mask(r, 3, 4 + past));
      }
    }
    long causal = r.nextInt(2);
    if (past > 0) {
      c.in(2, keyHeads, past, size).in(2, keyHeads, past, width).outputs(3);
      // Scores that hide keys are no numbers to look at.
      int stages = hides || causal == 1 ? 2 : 4;
      if (r.nextInt(3) > 0) {
        c.outputs(4).with("qk_matmul_output_mode", Attribute.of((long) r.nextInt(stages)));
      }
    } else if (r.nextBoolean()) {
      c.omitted().omitted().longs(3 + r.nextInt(2), 3 + r.nextInt(2)).opset(24);
    }
    c.with("is_causal", Attribute.of(causal));
    if (r.nextBoolean()) {
      c.with("scale", Attribute.of(0.2f + r.nextFloat()));
    }
    return r.nextBoolean() ? c.with("softcap", Attribute.of(1 + r.nextFloat())) : c;
  }

  /** Now and then a query that sees nothing at all. */
  private static Tensor mask(Random r, long rows, long columns) {
    double[] seen = r.doubles(rows * columns).map(Math::rint).toArray();
    return Tensor.ofValues(ElementType.BOOL, seen, rows, columns);
  }

  private static Case rotary(Random r) {
    long heads = 1 + r.nextInt(2);
    long size = 4 + 2 * r.nextInt(2);
    boolean partial = r.nextBoolean();
    long half = partial ? 2 : size / 2;
    Case c = new Case("RotaryEmbedding", r).opset(23);
    if (r.nextBoolean()) {
      c.in(2, heads, 3, size);
    } else {
      c.in(2, 3, heads * size).with("num_heads", Attribute.of(heads));
    }
    if (r.nextBoolean()) {
      c.fixed(angles(r, 2, 3, half)).fixed(angles(r, 2, 3, half));
    } else {
      long[] positions = r.longs(6, 0, 5).toArray();
      c.fixed(angles(r, 5, half)).fixed(angles(r, 5, half)).fixed(Tensor.ofLongs(positions, 2, 3));
    }
    if (partial) {
      c.with("rotary_embedding_dim", Attribute.of(2 * half));
    }
    return c.with("interleaved", Attribute.of((long) r.nextInt(2)));
  }

  private static Tensor angles(Random r, long... dims) {
    return Tensor.ofValues(
        ElementType.FLOAT, r.doubles(Tensor.sizeOf(dims), -1, 1).toArray(), dims);
  }

  private static Case einsum(Random r) {
    Case c = new Case("Einsum", r);
    return switch (r.nextInt(6)) {
      case 0 -> equation(c.in(2, 3, 4).in(2, 4, 5), "b i j, b j k -> b i k");
      case 1 -> equation(c.in(2, 3, 4).in(4, 5), "...j,jk->...k");
      case 2 -> equation(c.in(2, 3, 4).in(1, 4, 2), "...ij,...jk->...ik");
      case 3 -> equation(c.in(3, 3, 2), r.nextBoolean() ? "iij->ij" : "iij->j");
      case 4 -> equation(c.in(2, 3).in(3, 4).in(4, 2), "ab,bc,cd->ad");
      default -> {
        String equation = PAIRS.get(r.nextInt(PAIRS.size()));
        yield equation(c.in(3, 3).in(3, 3), equation);
      }
    };
  }

  private static Case equation(Case c, String equation) {
    return c.with("equation", Attribute.of(equation));
  }
}

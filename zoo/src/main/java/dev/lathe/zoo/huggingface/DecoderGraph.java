package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Model;
import dev.lathe.zoo.huggingface.Decoder.Heads;
import dev.lathe.zoo.huggingface.Decoder.Layer;
import dev.lathe.zoo.huggingface.Draft.Linear;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Draws a decoder: input_ids INT64 [N, T] to logits FLOAT [N, T, V]. */
final class DecoderGraph {
  static final String TOKENS_IN = "input_ids";
  static final String SCORES_OUT = "logits";
  private static final String TABLE = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head";

  private final Decoder plan;
  private final Draft draft;
  private final String tokens;
  private final String sizes;
  private final Map<Rotary, Rotary.Placed> rotations = new HashMap<>();
  private final Map<Integer, String> windows = new HashMap<>();

  DecoderGraph(Decoder plan, Draft draft) {
    this.plan = plan;
    this.draft = draft;
    this.tokens = draft.tokens(TOKENS_IN, Draft.TOKENS);
    this.sizes = draft.add("Shape", tokens);
  }

  Model model() {
    int width = plan.sizes().width();
    String table = draft.weight(TABLE, plan.sizes().vocabulary(), width);
    String rows = draft.reshape(draft.embedding(tokens, table), -1, width);
    rows = scaled(rows, plan.scales().embedding());
    for (int i = 0; i < plan.layers().size(); i++) {
      String name = "model.layers." + i + ".";
      rows = added(rows, attention(rows, name, plan.layers().get(i)));
      rows = added(rows, feedForward(rows, name));
    }
    String features = norm(rows, "model.norm", width);
    String scores = perToken(scores(features), plan.sizes().vocabulary());
    draft.output(SCORES_OUT, scores, Draft.perToken(plan.sizes().vocabulary()));
    return draft.finish();
  }

  private String scores(String features) {
    Decoder.Sizes size = plan.sizes();
    String scores;
    if (plan.tied()) {
      tie(draft.weights());
      scores = draft.scores(features, TABLE);
    } else {
      scores = draft.linear(features, new Linear(HEAD, size.width(), size.vocabulary(), false));
    }
    scores = scaled(scores, plan.scales().scores());
    double cap = plan.scales().cap();
    if (cap == 0) {
      return scores;
    }
    String bounded = draft.add("Tanh", draft.add("Div", scores, draft.number(cap)));
    return draft.add("Mul", bounded, draft.number(cap));
  }

  /** A head that a file has beside the embeddings that it is tied to must be the same. */
  static void tie(Weights weights, String head, String table) {
    if (weights.has(head)) {
      if (!weights.same(head, table)) {
        throw Weights.bad(
            "tensor \""
                + head
                + "\" differs from \""
                + table
                + "\" (expected: the same, since tie_word_embeddings is true)");
      }
      weights.pass(head);
    }
  }

  private static void tie(Weights weights) {
    tie(weights, HEAD + ".weight", TABLE);
  }

  private String attention(String rows, String layer, Layer kind) {
    Heads heads = plan.heads();
    String name = layer + "self_attn.";
    List<String> parts = projected(norm(rows, layer + "input_layernorm"), name);
    String q = parts.get(0);
    String k = parts.get(1);
    if (heads.normalized()) {
      q = headNorm(q, name + "q_norm");
      k = headNorm(k, name + "k_norm");
    }
    Rotary.Placed placed =
        rotations.computeIfAbsent(kind.rotary(), rotary -> rotary.place(draft, tokens));
    q = rotated(perToken(q, heads.queries()), heads.heads(), placed);
    k = rotated(perToken(k, heads.keys()), heads.keyHeads(), placed);
    String v = perToken(parts.get(2), heads.keys());
    String mixed =
        kind.window() == 0
            ? draft.add("Attention", attributes(), q, k, v)
            : draft.add("Attention", attributes(), q, k, v, window(kind.window()));
    String out =
        draft.linear(
            draft.reshape(mixed, -1, heads.queries()),
            new Linear(
                name + "o_proj", heads.queries(), plan.sizes().width(), heads.biases().behind()));
    return plan.norms().around() ? norm(out, layer + "post_attention_layernorm") : out;
  }

  private List<String> projected(String rows, String name) {
    Heads heads = plan.heads();
    int width = plan.sizes().width();
    boolean biased = heads.biases().before();
    if (heads.packed()) {
      int all = heads.queries() + 2 * heads.keys();
      String packed = draft.linear(rows, new Linear(name + "qkv_proj", width, all, biased));
      return draft.parts(packed, 1, heads.queries(), heads.keys(), heads.keys());
    }
    return List.of(
        draft.linear(rows, new Linear(name + "q_proj", width, heads.queries(), biased)),
        draft.linear(rows, new Linear(name + "k_proj", width, heads.keys(), biased)),
        draft.linear(rows, new Linear(name + "v_proj", width, heads.keys(), biased)));
  }

  private Map<String, Attribute> attributes() {
    Heads heads = plan.heads();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("is_causal", Attribute.of(1L));
    attributes.put("q_num_heads", Attribute.of((long) heads.heads()));
    attributes.put("kv_num_heads", Attribute.of((long) heads.keyHeads()));
    if ((float) heads.scale() != (float) (1 / Math.sqrt(heads.features()))) {
      attributes.put("scale", Attribute.of((float) heads.scale()));
    }
    if (heads.cap() != 0) {
      attributes.put("softcap", Attribute.of((float) heads.cap()));
    }
    return attributes;
  }

  private String rotated(String x, int heads, Rotary.Placed placed) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("num_heads", Attribute.of((long) heads));
    if (placed.rotary().features() != plan.heads().features()) {
      attributes.put("rotary_embedding_dim", Attribute.of((long) placed.rotary().features()));
    }
    return draft.add(
        "RotaryEmbedding", attributes, x, placed.cosine(), placed.sine(), placed.places());
  }

  /** BOOL [T, T]: whether a token, along the first axis, is near enough to see another. */
  private String window(int width) {
    return windows.computeIfAbsent(
        width,
        _ -> {
          String places = draft.places(tokens);
          String distance =
              draft.add(
                  "Sub",
                  draft.add("Unsqueeze", places, draft.longs(1)),
                  draft.add("Unsqueeze", places, draft.longs(0)));
          return draft.add("Less", distance, draft.whole(width));
        });
  }

  private String feedForward(String rows, String layer) {
    boolean around = plan.norms().around();
    String before = layer + (around ? "pre_feedforward_layernorm" : "post_attention_layernorm");
    String normal = norm(rows, before);
    String name = layer + "mlp.";
    int width = plan.sizes().width();
    int inner = plan.sizes().inner();
    boolean biased = plan.feed().biased();
    List<String> sides =
        plan.feed().packed()
            ? draft.split(
                draft.linear(normal, new Linear(name + "gate_up_proj", width, 2 * inner, biased)),
                1,
                2)
            : List.of(
                draft.linear(normal, new Linear(name + "gate_proj", width, inner, biased)),
                draft.linear(normal, new Linear(name + "up_proj", width, inner, biased)));
    String gate = Activations.add(draft, plan.feed().activation(), sides.get(0));
    String mixed = draft.add("Mul", gate, sides.get(1));
    String out = draft.linear(mixed, new Linear(name + "down_proj", inner, width, biased));
    return around ? norm(out, layer + "post_feedforward_layernorm") : out;
  }

  private String added(String rows, String branch) {
    return draft.add("Add", rows, scaled(branch, plan.scales().residual()));
  }

  private String scaled(String x, double factor) {
    return factor == 1 ? x : draft.add("Mul", x, draft.number(factor));
  }

  private String headNorm(String rows, String name) {
    int features = plan.heads().features();
    return norm(draft.reshape(rows, -1, features), name, features);
  }

  private String norm(String rows, String name) {
    return norm(rows, name, plan.sizes().width());
  }

  private String norm(String rows, String name, int features) {
    String scale = draft.weight(name + ".weight", features);
    if (plan.norms().aroundOne()) {
      scale = draft.add("Add", scale, draft.number(1));
    }
    return draft.rmsNorm(rows, name, scale, plan.norms().epsilon());
  }

  private String perToken(String rows, int features) {
    return draft.add("Reshape", rows, draft.join(sizes, draft.longs(features)));
  }
}

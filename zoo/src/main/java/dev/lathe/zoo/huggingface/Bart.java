package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.huggingface.Draft.Linear;
import dev.lathe.zoo.huggingface.MultiHead.Names;
import dev.lathe.zoo.huggingface.MultiHead.Seen;
import dev.lathe.zoo.huggingface.MultiHead.Sight;
import java.util.Map;

/**
 * An encoder and a decoder as BART has them, in the ways in which the families after it differ:
 * {@code input_ids}, {@code attention_mask} INT64 [N, S] and {@code decoder_input_ids} INT64 [N, T]
 * to {@code logits} FLOAT [N, T, V]. The target is taken to have no padding.
 *
 * @param sizes how large it is
 * @param encoder its encoder
 * @param decoder its decoder
 * @param style how its parts are put together
 * @param tables which embeddings are the same
 */
record Bart(Sizes sizes, Stack encoder, Stack decoder, Style style, Tables tables) implements Plan {
  private static final double EPSILON = 1e-5;
  private static final long MOST_WAVES = 1L << 28;

  /** Tokens of sources and of targets, places, and features of a token. */
  record Sizes(int vocabulary, int targets, int places, int width) {}

  /** Blocks, attention heads, and features inside the feed-forward part. */
  record Stack(int layers, int heads, int inner) {}

  /** How tokens know where they stand. */
  enum Where {
    /** A learned table, from its third row on. */
    LEARNED,
    /** Waves, from place 0 on. */
    WAVES,
    /** Waves, from the place behind the padding's number on; padding has none. */
    WAVES_AFTER_PADDING
  }

  /**
   * How its parts are put together.
   *
   * @param where how tokens know where they stand
   * @param normFirst whether branches are normalized before, and all once more at the end
   * @param normEmbedded whether embeddings are normalized
   * @param activation of the feed-forward parts
   * @param scale what embeddings are multiplied with
   * @param padding the token that fills up
   */
  record Style(
      Where where,
      boolean normFirst,
      boolean normEmbedded,
      String activation,
      double scale,
      int padding) {}

  /** Whether both sides share their embeddings, and whether scores are products with them. */
  record Tables(boolean shared, boolean tied) {}

  @Override
  public Model build(Weights weights) {
    return new Drawing(this, new Draft("encoder_decoder", weights)).model();
  }

  /** The graph under construction. */
  private static final class Drawing {
    private static final String HEAD = "lm_head.weight";
    private static final String BIAS = "final_logits_bias";
    private static final Names LAYERS = new Names("q_proj", "k_proj", "v_proj", "out_proj");

    private final Bart plan;
    private final Draft draft;
    private final int width;
    private String waves = "";

    Drawing(Bart plan, Draft draft) {
      this.plan = plan;
      this.draft = draft;
      this.width = plan.sizes().width();
    }

    Model model() {
      String source = draft.tokens("input_ids", "S");
      String mask = draft.tokens(Draft.MASK, "S");
      String target = draft.tokens("decoder_input_ids", Draft.TOKENS);
      String sourceTable = table("encoder", plan.sizes().vocabulary());
      String targetTable = table("decoder", plan.sizes().targets());
      String scoresTable =
          plan.tables().tied()
              ? Transducers.oneOf(draft.weights(), targetTable, HEAD)
              : draft.weight(HEAD, plan.sizes().targets(), width);
      Seen memory = encoder(source, sourceTable, mask);
      String features = decoder(target, targetTable, memory, mask);
      String scores = scores(features, scoresTable);
      draft.output(
          "logits",
          perToken(scores, target, plan.sizes().targets()),
          Draft.perToken(plan.sizes().targets()));
      return draft.finish();
    }

    private String table(String side, int vocabulary) {
      String own = "model." + side + ".embed_tokens.weight";
      String name =
          plan.tables().shared()
              ? Transducers.oneOf(
                  draft.weights(),
                  "model.shared.weight",
                  "model.encoder.embed_tokens.weight",
                  "model.decoder.embed_tokens.weight")
              : own;
      return draft.weight(name, vocabulary, width);
    }

    private String scores(String features, String table) {
      if (!draft.weights().has(BIAS)) {
        return draft.scores(features, table);
      }
      String bias = draft.weight(BIAS, 1, plan.sizes().targets());
      return draft.add("Gemm", Map.of("transB", Attribute.of(1L)), features, table, bias);
    }

    private Seen encoder(String tokens, String table, String mask) {
      String name = "model.encoder.";
      String rows = embedded(tokens, table, name);
      String sizes = draft.add("Shape", tokens);
      Sight sight = Sight.through(MultiHead.present(draft, mask, tokens));
      MultiHead attention = attention(plan.encoder());
      for (int i = 0; i < plan.encoder().layers(); i++) {
        String layer = name + "layers." + i + ".";
        String normal = before(rows, layer + "self_attn_layer_norm");
        Seen seen = new Seen(normal, sizes);
        String mixed = attention.attend(LAYERS.under(layer + "self_attn."), seen, seen, sight);
        rows = after(rows, mixed, layer + "self_attn_layer_norm");
        rows = fed(rows, layer, plan.encoder().inner());
      }
      return new Seen(last(rows, name), sizes);
    }

    private String decoder(String tokens, String table, Seen memory, String mask) {
      String name = "model.decoder.";
      String rows = embedded(tokens, table, name);
      String sizes = draft.add("Shape", tokens);
      Sight across = Sight.through(MultiHead.present(draft, mask, tokens));
      MultiHead attention = attention(plan.decoder());
      for (int i = 0; i < plan.decoder().layers(); i++) {
        String layer = name + "layers." + i + ".";
        Seen seen = new Seen(before(rows, layer + "self_attn_layer_norm"), sizes);
        String own =
            attention.attend(LAYERS.under(layer + "self_attn."), seen, seen, new Sight("", true));
        rows = after(rows, own, layer + "self_attn_layer_norm");
        seen = new Seen(before(rows, layer + "encoder_attn_layer_norm"), sizes);
        String taken =
            attention.attend(LAYERS.under(layer + "encoder_attn."), seen, memory, across);
        rows = after(rows, taken, layer + "encoder_attn_layer_norm");
        rows = fed(rows, layer, plan.decoder().inner());
      }
      return last(rows, name);
    }

    private MultiHead attention(Stack stack) {
      return new MultiHead(draft, MultiHead.Form.of(width, stack.heads()));
    }

    private String embedded(String tokens, String table, String side) {
      String values = draft.embedding(tokens, table);
      if (plan.style().scale() != 1) {
        values = draft.add("Mul", values, draft.number(plan.style().scale()));
      }
      boolean source = side.equals("model.encoder.");
      String placed = draft.add("Add", values, placed(tokens, side, source));
      String rows = draft.reshape(placed, -1, width);
      return plan.style().normEmbedded() ? norm(rows, side + "layernorm_embedding") : rows;
    }

    private String placed(String tokens, String side, boolean source) {
      int places = plan.sizes().places();
      String weight = side + "embed_positions.weight";
      return switch (plan.style().where()) {
        case LEARNED -> {
          String shifted = draft.add("Add", draft.places(tokens), draft.whole(2));
          yield draft.embedding(shifted, draft.weight(weight, places + 2, width));
        }
        case WAVES -> {
          requireBounded();
          String table =
              draft.weights().has(weight)
                  ? draft.weight(weight, places, width)
                  : waves(Places.waves(places, width));
          yield draft.embedding(draft.places(tokens), table);
        }
        case WAVES_AFTER_PADDING -> {
          requireBounded();
          int padding = plan.style().padding();
          String table = waves(Places.waves(places + padding + 1, width, padding));
          String where =
              source
                  ? Places.afterPadding(draft, tokens, padding)
                  : draft.add("Add", draft.places(tokens), draft.whole(padding + 1L));
          yield draft.embedding(where, table);
        }
      };
    }

    /** Both sides have the same. */
    private String waves(Tensor table) {
      if (waves.isEmpty()) {
        waves = draft.constant(table);
      }
      return waves;
    }

    private void requireBounded() {
      long values = (plan.sizes().places() + plan.style().padding() + 1L) * width;
      if (values > MOST_WAVES) {
        throw Config.bad(
            "max_position_embeddings times d_model: "
                + values
                + " (expected: at most "
                + MOST_WAVES
                + ")");
      }
    }

    private String fed(String rows, String layer, int inner) {
      String normal = before(rows, layer + "final_layer_norm");
      String up = draft.linear(normal, new Linear(layer + "fc1", width, inner, true));
      String active = Activations.add(draft, plan.style().activation(), up);
      String down = draft.linear(active, new Linear(layer + "fc2", inner, width, true));
      return after(rows, down, layer + "final_layer_norm");
    }

    private String before(String rows, String name) {
      return plan.style().normFirst() ? norm(rows, name) : rows;
    }

    private String after(String rows, String branch, String name) {
      String sum = draft.add("Add", rows, branch);
      return plan.style().normFirst() ? sum : norm(sum, name);
    }

    private String last(String rows, String side) {
      return plan.style().normFirst() ? norm(rows, side + "layer_norm") : rows;
    }

    private String perToken(String rows, String tokens, int features) {
      return draft.add(
          "Reshape", rows, draft.join(draft.add("Shape", tokens), draft.longs(features)));
    }

    private String norm(String rows, String name) {
      return draft.layerNorm(rows, name, width, EPSILON);
    }
  }
}

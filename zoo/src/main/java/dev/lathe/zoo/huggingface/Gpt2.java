package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2: learned positions, one layer for queries, keys and values, layers stored as [inputs,
 * outputs].
 *
 * @param vocabulary V
 * @param places the most tokens
 * @param width features of a token
 * @param inner features inside the feed-forward part
 * @param layers blocks
 * @param heads heads
 * @param activation of the feed-forward part
 * @param epsilon what is added to a variance
 * @param scaling how scores of attention are scaled
 * @param tied whether scores are products with the embeddings
 */
record Gpt2(
    int vocabulary,
    int places,
    int width,
    int inner,
    int layers,
    int heads,
    String activation,
    double epsilon,
    Scaling scaling,
    boolean tied)
    implements Plan {
  /** The summary belongs to another head; masks are buffers. */
  static final Inert INERT =
      Inert.fields(
              "summary_activation",
              "summary_first_dropout",
              "summary_proj_to_labels",
              "summary_type",
              "summary_use_proj",
              "n_ctx",
              "reorder_and_upcast_attn",
              "scale_attn_by_layer_idx")
          .tensors("transformer\\.h\\.\\d+\\.attn\\.(bias|masked_bias)");

  private static final String ROOT = "transformer.";
  private static final String HEAD = "lm_head";

  /** Whether scores are divided by the root of a head's features, and by the layer's number. */
  record Scaling(boolean byFeatures, boolean byLayer) {}

  static Plan read(Config config) {
    int width = config.required("n_embd", Range.FEATURES);
    int heads = config.required("n_head", Range.HEADS);
    if (width % heads != 0) {
      throw Config.bad(
          config.place("n_head") + ": " + heads + " (expected: a divisor of n_embd " + width + ")");
    }
    return new Gpt2(
        config.required("vocab_size", Range.VOCABULARY),
        config.required("n_positions", Range.TOKENS),
        width,
        config.count("n_inner", Range.FEATURES).orElse(4 * width),
        config.required("n_layer", Range.LAYERS),
        heads,
        Activations.named(config, "activation_function", "gelu_new"),
        config.positive("layer_norm_epsilon").orElse(1e-5),
        new Scaling(
            config.flag("scale_attn_weights", true),
            config.flag("scale_attn_by_inverse_layer_idx", false)),
        config.flag("tie_word_embeddings", true));
  }

  @Override
  public Model build(Weights weights) {
    weights.under(ROOT, HEAD + ".");
    Draft draft = new Draft("decoder", weights);
    String tokens = draft.tokens(DecoderGraph.TOKENS_IN, Draft.TOKENS);
    String sizes = draft.add("Shape", tokens);
    String table = draft.weight(ROOT + "wte.weight", vocabulary, width);
    String positions = draft.weight(ROOT + "wpe.weight", places, width);
    String placed = draft.embedding(draft.places(tokens), positions);
    String rows =
        draft.reshape(draft.add("Add", draft.embedding(tokens, table), placed), -1, width);
    for (int i = 0; i < layers; i++) {
      String name = ROOT + "h." + i + ".";
      String normal = draft.layerNorm(rows, name + "ln_1", width, epsilon);
      rows = draft.add("Add", rows, attention(draft, normal, new Place(name, sizes, i)));
      normal = draft.layerNorm(rows, name + "ln_2", width, epsilon);
      rows = draft.add("Add", rows, feedForward(draft, normal, name + "mlp."));
    }
    String features = draft.layerNorm(rows, ROOT + "ln_f", width, epsilon);
    String scores = scores(draft, features, table);
    String all = draft.add("Reshape", scores, draft.join(sizes, draft.longs(vocabulary)));
    draft.output(DecoderGraph.SCORES_OUT, all, Draft.perToken(vocabulary));
    return draft.finish();
  }

  /** Where in the graph something is: its block's name, the sizes of the tokens, its number. */
  private record Place(String name, String sizes, int layer) {}

  private String scores(Draft draft, String features, String table) {
    if (!tied) {
      return draft.linear(features, new Draft.Linear(HEAD, width, vocabulary, false));
    }
    DecoderGraph.tie(draft.weights(), HEAD + ".weight", table);
    return draft.scores(features, table);
  }

  private String attention(Draft draft, String rows, Place place) {
    String name = place.name() + "attn.";
    String packed = turned(draft, rows, new Draft.Linear(name + "c_attn", width, 3 * width, true));
    String[] parts = draft.split(packed, 1, 3).toArray(String[]::new);
    String sizes = draft.join(place.sizes(), draft.longs(width));
    for (int i = 0; i < parts.length; i++) {
      parts[i] = draft.add("Reshape", parts[i], sizes);
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("is_causal", Attribute.of(1L));
    attributes.put("q_num_heads", Attribute.of((long) heads));
    attributes.put("kv_num_heads", Attribute.of((long) heads));
    if (!scaling.byFeatures() || scaling.byLayer()) {
      double scale = scaling.byFeatures() ? 1 / Math.sqrt((double) width / heads) : 1;
      attributes.put(
          "scale", Attribute.of((float) (scaling.byLayer() ? scale / (place.layer() + 1) : scale)));
    }
    String mixed = draft.reshape(draft.add("Attention", attributes, parts), -1, width);
    return turned(draft, mixed, new Draft.Linear(name + "c_proj", width, width, true));
  }

  private String feedForward(Draft draft, String rows, String name) {
    String up = turned(draft, rows, new Draft.Linear(name + "c_fc", width, inner, true));
    String mixed = Activations.add(draft, activation, up);
    return turned(draft, mixed, new Draft.Linear(name + "c_proj", inner, width, true));
  }

  /** An affine layer whose weight is stored as [inputs, outputs]. */
  private static String turned(Draft draft, String rows, Draft.Linear layer) {
    List<String> inputs =
        List.of(
            rows,
            draft.weight(layer.name() + ".weight", layer.inputs(), layer.outputs()),
            draft.weight(layer.name() + ".bias", layer.outputs()));
    return draft.named(layer.name(), Node.of("Gemm", inputs, List.of("")));
  }
}

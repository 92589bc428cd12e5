package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.huggingface.Bart.Sizes;
import dev.lathe.zoo.huggingface.Bart.Stack;
import dev.lathe.zoo.huggingface.Bart.Style;
import dev.lathe.zoo.huggingface.Bart.Tables;
import dev.lathe.zoo.huggingface.Bart.Where;

/**
 * What the configs of BART's family say. Where a field is not there, what transformers takes in its
 * place holds.
 */
final class BartConfig {
  static final Inert INERT =
      Inert.fields(
              "_num_labels",
              "activation_dropout",
              "dropout",
              "classif_dropout",
              "decoder_layerdrop",
              "encoder_layerdrop",
              "num_hidden_layers",
              "force_bos_token_to_be_generated",
              "save_step")
          .tensors(
              "model\\.(en|de)coder\\.embed_positions\\.weights", "model\\.(en|de)coder\\.version");

  private static final Range PADDING = new Range(0, 1 << 24);

  private final Config config;
  private final int width;

  private BartConfig(Config config, int usualWidth) {
    this.config = config;
    this.width = config.count("d_model", Range.FEATURES).orElse(usualWidth);
    config.only("is_encoder_decoder", "true");
    config.only("add_bias_logits", "false");
  }

  static Plan bart(Config config) {
    BartConfig read = new BartConfig(config, 1024);
    read.requireOrder("false", "true");
    config.only("static_position_embeddings", "false");
    return read.plan(new Told(Where.LEARNED, false, true, "gelu", 1));
  }

  static Plan mbart(Config config) {
    BartConfig read = new BartConfig(config, 1024);
    read.requireOrder("true", "true");
    config.only("static_position_embeddings", "false");
    return read.plan(new Told(Where.LEARNED, true, true, "gelu", 1));
  }

  static Plan marian(Config config) {
    BartConfig read = new BartConfig(config, 1024);
    read.requireOrder("false", "false");
    config.only("static_position_embeddings", "true");
    return read.plan(new Told(Where.WAVES, false, false, "gelu", 58100));
  }

  static Plan pegasus(Config config) {
    BartConfig read = new BartConfig(config, 1024);
    read.requireOrder("true", "false");
    config.only("static_position_embeddings", "true");
    return read.plan(new Told(Where.WAVES, true, false, "gelu", 0));
  }

  static Plan m2m100(Config config) {
    BartConfig read = new BartConfig(config, 1024);
    read.requireOrder("true", "false");
    config.only("static_position_embeddings", "true");
    if (read.width % 2 != 0 || read.width < 4) {
      throw Config.bad(
          config.place("d_model") + ": " + read.width + " (expected: even, at least 4)");
    }
    return read.plan(new Told(Where.WAVES_AFTER_PADDING, true, false, "relu", 1));
  }

  /** What a family says without a field, and what it takes where a field is not there. */
  private record Told(
      Where where, boolean normFirst, boolean normEmbedded, String activation, int padding) {}

  /** Fields of older configs that say what the model type says, too. */
  private void requireOrder(String normFirst, String normEmbedded) {
    config.only("normalize_before", normFirst);
    config.only("add_final_layer_norm", normFirst);
    config.only("normalize_embedding", normEmbedded);
    config.only("extra_pos_embeddings", "2");
  }

  private Plan plan(Told told) {
    int vocabulary = config.required("vocab_size", Range.VOCABULARY);
    Sizes sizes =
        new Sizes(
            vocabulary,
            config.count("decoder_vocab_size", Range.VOCABULARY).orElse(vocabulary),
            config.count("max_position_embeddings", Range.TOKENS).orElse(1024),
            width);
    boolean scaled = config.flag("scale_embedding", told.where() == Where.WAVES_AFTER_PADDING);
    Style style =
        new Style(
            told.where(),
            told.normFirst(),
            told.normEmbedded(),
            Activations.named(config, "activation_function", told.activation()),
            scaled ? Math.sqrt(width) : 1,
            config.count("pad_token_id", PADDING).orElse(told.padding()));
    boolean shared = config.flag("share_encoder_decoder_embeddings", true);
    if (shared && sizes.targets() != vocabulary) {
      throw Config.bad(
          config.place("decoder_vocab_size")
              + ": "
              + sizes.targets()
              + " (expected: "
              + vocabulary
              + ", as the embeddings are shared)");
    }
    Tables tables = new Tables(shared, config.flag("tie_word_embeddings", true));
    return new Bart(sizes, stack("encoder"), stack("decoder"), style, tables);
  }

  private Stack stack(String side) {
    int heads = config.count(side + "_attention_heads", Range.HEADS).orElse(16);
    Transducers.requireHeads(config, side + "_attention_heads", heads, width);
    return new Stack(
        config.count(side + "_layers", Range.LAYERS).orElse(12),
        heads,
        config.count(side + "_ffn_dim", Range.FEATURES).orElse(4096));
  }
}

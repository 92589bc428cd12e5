package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.huggingface.T5.Bias;
import dev.lathe.zoo.huggingface.T5.Feed;
import dev.lathe.zoo.huggingface.T5.Part;
import dev.lathe.zoo.huggingface.T5.Sizes;

/**
 * What the configs of T5's family say. Where a field is not there, what transformers takes in its
 * place holds.
 */
final class T5Config {
  static final Inert INERT =
      Inert.fields("dropout_rate", "n_positions", "summary_use_proj", "tokenizer_class")
          .tensors(
              "decoder\\.block\\.0\\.layer\\.1\\.EncDecAttention\\.relative_attention_bias\\.weight");

  private static final Range BUCKETS = new Range(4, 1 << 16);
  private static final Range DISTANCE = new Range(2, 1 << 20);

  private T5Config() {}

  static Plan read(Config config, Part part) {
    if (part == Part.BOTH) {
      config.only("is_encoder_decoder", "true");
    } else {
      config.flag("is_encoder_decoder", true);
    }
    int layers = config.count("num_layers", Range.LAYERS).orElse(6);
    Sizes sizes =
        new Sizes(
            config.required("vocab_size", Range.VOCABULARY),
            config.count("d_model", Range.FEATURES).orElse(512),
            config.count("num_heads", Range.HEADS).orElse(8),
            config.count("d_kv", Range.FEATURES).orElse(64),
            layers,
            config.count("num_decoder_layers", Range.LAYERS).orElse(layers));
    Bias bias =
        new Bias(
            config.count("relative_attention_num_buckets", BUCKETS).orElse(32),
            config.count("relative_attention_max_distance", DISTANCE).orElse(128));
    double epsilon = config.positive("layer_norm_epsilon").orElse(1e-6);
    boolean tied = config.flag("tie_word_embeddings", true);
    boolean scaled =
        config.flag("scale_decoder_outputs", tied)
            && config.text("model_type").orElse("").equals("t5");
    return new T5(sizes, feed(config), bias, epsilon, part == Part.BOTH && scaled, part);
  }

  private static Feed feed(Config config) {
    String said = config.text("feed_forward_proj").orElse("relu");
    boolean gated = said.startsWith("gated-");
    String plain = gated ? said.substring("gated-".length()) : said;
    String activation = gated && plain.equals("gelu") ? "gelu_new" : plain;
    config.only("is_gated_act", Boolean.toString(gated));
    config.only("dense_act_fn", "\"" + activation + "\"");
    int inner = config.count("d_ff", Range.FEATURES).orElse(2048);
    return new Feed(inner, Activations.known(config.place("feed_forward_proj"), activation), gated);
  }
}

package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.HuggingFace.Task;
import dev.lathe.zoo.huggingface.Decoder.Biases;
import dev.lathe.zoo.huggingface.Decoder.Feed;
import dev.lathe.zoo.huggingface.Decoder.Heads;
import dev.lathe.zoo.huggingface.Decoder.Layer;
import dev.lathe.zoo.huggingface.Decoder.Norms;
import dev.lathe.zoo.huggingface.Decoder.Scales;
import dev.lathe.zoo.huggingface.Decoder.Sizes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The decoders: what each family's config says. Where a field is not there, what transformers takes
 * in its place holds.
 */
final class Decoders {
  private static final Inert BUFFERS =
      Inert.fields("is_llama_config", "sliding_window_size")
          .tensors("model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq");

  /** What looks at pictures: a text has none, and then nothing of this is computed. */
  private static final Inert PICTURES =
      Inert.fields(
              "vision_config",
              "mm_tokens_per_image",
              "boi_token_index",
              "eoi_token_index",
              "image_token_index",
              "boi_token_id",
              "eoi_token_id",
              "image_token_id")
          .tensors("(model\\.)?(vision_tower|multi_modal_projector)\\..*");

  static final List<Family> FAMILIES =
      List.of(
          family("llama", "LlamaForCausalLM", Decoders::llama),
          family("mistral", "MistralForCausalLM", Decoders::mistral),
          family("qwen2", "Qwen2ForCausalLM", Decoders::qwen2),
          family("qwen3", "Qwen3ForCausalLM", Decoders::qwen3),
          family("gemma2", "Gemma2ForCausalLM", Decoders::gemma2),
          family("gemma3_text", "Gemma3ForCausalLM", Decoders::gemma3),
          new Family(
              "gemma3",
              "Gemma3ForConditionalGeneration",
              Task.TEXT_GENERATION,
              PICTURES,
              Decoders::gemma3WithPictures),
          family("phi3", "Phi3ForCausalLM", Decoders::phi3),
          family("granite", "GraniteForCausalLM", Decoders::granite),
          new Family("gpt2", "GPT2LMHeadModel", Task.TEXT_GENERATION, Gpt2.INERT, Gpt2::read));

  private static final Map<String, Integer> GEMMA =
      Map.of(
          "num_attention_heads", 8,
          "num_key_value_heads", 4,
          "head_dim", 256,
          "max_position_embeddings", 131_072);

  private Decoders() {}

  private static Family family(String type, String architecture, Function<Config, Plan> reader) {
    return new Family(type, architecture, Task.TEXT_GENERATION, BUFFERS, reader);
  }

  private static Plan llama(Config config) {
    config.only("rope_interleaved", "false");
    DecoderConfig read = new DecoderConfig(config, Map.of("max_position_embeddings", 2048));
    Heads heads = read.heads().withBiases(everywhere(config));
    Feed feed = new Feed(activation(config, "hidden_act"), config.flag("mlp_bias", false), false);
    return plain(read, heads, feed, 0);
  }

  private static Plan mistral(Config config) {
    DecoderConfig read = new DecoderConfig(config, Map.of("num_key_value_heads", 8));
    return plain(read, read.heads(), gated(config), read.window(4096));
  }

  private static Plan granite(Config config) {
    DecoderConfig read = new DecoderConfig(config, Map.of("max_position_embeddings", 2048));
    Heads heads =
        read.heads()
            .withBiases(everywhere(config))
            .withScale(config.positive("attention_multiplier").orElse(1));
    Feed feed = new Feed(activation(config, "hidden_act"), config.flag("mlp_bias", false), false);
    Scales scales =
        new Scales(
            config.positive("embedding_multiplier").orElse(1),
            config.positive("residual_multiplier").orElse(1),
            1 / config.positive("logits_scaling").orElse(1),
            0);
    Rotary rotary = read.rotations(heads).everywhere();
    Norms norms = new Norms(read.epsilon(), false, false);
    List<Layer> layers = read.alike(new Layer(0, rotary));
    return new Decoder(read.sizes(), heads, feed, norms, scales, layers, tied(config, false));
  }

  private static Plan qwen2(Config config) {
    DecoderConfig read = new DecoderConfig(config, Map.of("num_key_value_heads", 32));
    return qwen(read, read.heads().withBiases(Biases.BEFORE));
  }

  private static Plan qwen3(Config config) {
    DecoderConfig read =
        new DecoderConfig(config, Map.of("num_key_value_heads", 32, "head_dim", 128));
    return qwen(read, read.heads().withBiases(everywhere(config)).withNorms());
  }

  private static Plan qwen(DecoderConfig read, Heads heads) {
    Config config = read.config();
    config.only("use_mrope", "false");
    Rotary rotary = read.rotations(heads).everywhere();
    int given = read.window(4096);
    int window = config.flag("use_sliding_window", false) ? given : 0;
    int first = config.count("max_window_layers", new Range(0, Integer.MAX_VALUE)).orElse(28);
    List<Layer> layers =
        read.mixed(new Layer(window, rotary), new Layer(0, rotary), i -> window != 0 && i >= first);
    Norms norms = new Norms(read.epsilon(), false, false);
    boolean tied = tied(config, false);
    return new Decoder(read.sizes(), heads, gated(config), norms, Scales.NONE, layers, tied);
  }

  private static Plan phi3(Config config) {
    for (String bias : List.of("attention_bias", "mlp_bias", "lm_head_bias")) {
      config.only(bias, "false");
    }
    config.only("full_attn_mod", "1");
    config.only("interpolate_factor", "1");
    DecoderConfig read = new DecoderConfig(config, Map.of("max_position_embeddings", 4096));
    Feed feed = new Feed(activation(config, "hidden_act"), false, true);
    return plain(read, read.heads().asPacked(), feed, read.window(0));
  }

  private static Plan gemma2(Config config) {
    DecoderConfig read = new DecoderConfig(config, GEMMA);
    Heads heads = gemmaHeads(read).withCap(read.cap("attn_logit_softcapping", 50));
    Rotary rotary = read.rotations(heads).everywhere();
    Layer sliding = new Layer(read.window(4096), rotary);
    List<Layer> layers = read.mixed(sliding, new Layer(0, rotary), i -> i % 2 == 0);
    return gemma(read, heads, layers, read.cap("final_logit_softcapping", 30));
  }

  /** Layers with a window turn by other angles than those without. */
  static Plan gemma3(Config config) {
    Map<String, Integer> usual = new HashMap<>(GEMMA);
    usual.put("vocab_size", 262_208);
    DecoderConfig read = new DecoderConfig(config, usual);
    config.only("attn_logit_softcapping", "null");
    Heads heads = gemmaHeads(read).withNorms();
    Rotations rotations = read.rotations(heads);
    double near = config.positive("rope_local_base_freq").orElse(10_000);
    double far = config.positive("rope_theta").orElse(1_000_000);
    Optional<Config> each = config.part("rope_parameters");
    Config none = Config.empty(config.place("rope_parameters"));
    Config wide =
        each.flatMap(all -> all.part(DecoderConfig.FULL))
            .or(() -> config.part("rope_scaling"))
            .orElse(none);
    Config narrow = each.flatMap(all -> all.part(DecoderConfig.SLIDING)).orElse(none);
    Layer sliding = new Layer(read.window(4096), rotations.read(narrow, near));
    Layer full = new Layer(0, rotations.read(wide, far));
    int before = config.count("_sliding_window_pattern", Range.LAYERS).orElse(6);
    int pattern = config.count("sliding_window_pattern", Range.LAYERS).orElse(before);
    List<Layer> layers = read.mixed(sliding, full, i -> (i + 1) % pattern != 0);
    return gemma(read, heads, layers, read.cap("final_logit_softcapping", 0));
  }

  /** The part of the model that reads text. */
  private static Plan gemma3WithPictures(Config config) {
    config.only("tie_word_embeddings", "true");
    Plan text =
        gemma3(
            config
                .part("text_config")
                .orElseThrow(() -> config.missing("text_config", "an object")));
    return weights -> {
      weights.rename(Decoders::withoutPictures);
      return text.build(weights);
    };
  }

  private static String withoutPictures(String name) {
    return name.replaceFirst("^(language_model\\.model\\.|model\\.language_model\\.)", "model.")
        .replaceFirst("^language_model\\.lm_head\\.", "lm_head.");
  }

  private static Heads gemmaHeads(DecoderConfig read) {
    Config config = read.config();
    config.only("use_bidirectional_attention", "false");
    double scalar = config.positive("query_pre_attn_scalar").orElse(256);
    return read.heads().withBiases(everywhere(config)).withScale(1 / Math.sqrt(scalar));
  }

  private static Plan gemma(DecoderConfig read, Heads heads, List<Layer> layers, double cap) {
    Config config = read.config();
    config.text("hidden_act");
    Feed feed =
        new Feed(Activations.named(config, "hidden_activation", "gelu_pytorch_tanh"), false, false);
    Norms norms = new Norms(read.epsilon(), true, true);
    Sizes sizes = read.sizes();
    Scales scales = new Scales(Math.sqrt(sizes.width()), 1, 1, cap);
    return new Decoder(sizes, heads, feed, norms, scales, layers, tied(config, true));
  }

  /** All layers alike, and nothing scaled. */
  private static Plan plain(DecoderConfig read, Heads heads, Feed feed, int window) {
    Rotary rotary = read.rotations(heads).everywhere();
    List<Layer> layers = read.alike(new Layer(window, rotary));
    Norms norms = new Norms(read.epsilon(), false, false);
    boolean tied = tied(read.config(), false);
    return new Decoder(read.sizes(), heads, feed, norms, Scales.NONE, layers, tied);
  }

  private static Feed gated(Config config) {
    return new Feed(activation(config, "hidden_act"), false, false);
  }

  private static String activation(Config config, String key) {
    return Activations.named(config, key, "silu");
  }

  private static Biases everywhere(Config config) {
    return config.flag("attention_bias", false) ? Biases.ALL : Biases.NONE;
  }

  private static boolean tied(Config config, boolean usual) {
    return config.flag("tie_word_embeddings", usual);
  }
}

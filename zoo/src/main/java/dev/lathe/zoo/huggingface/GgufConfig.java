package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Gguf;
import dev.lathe.zoo.ZooError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The {@code config.json} that transformers would have written for the model in a GGUF file.
 *
 * @param gguf the file
 * @param metadata its metadata
 */
record GgufConfig(Gguf gguf, GgufMetadata metadata) {
  /** Model type and class, by the file's architecture. */
  private static final Map<String, List<String>> KNOWN =
      Map.of(
          "llama", List.of("llama", "LlamaForCausalLM"),
          "qwen2", List.of("qwen2", "Qwen2ForCausalLM"),
          "qwen3", List.of("qwen3", "Qwen3ForCausalLM"),
          "gemma2", List.of("gemma2", "Gemma2ForCausalLM"),
          "gemma3", List.of("gemma3_text", "Gemma3ForCausalLM"),
          "phi3", List.of("phi3", "Phi3ForCausalLM"),
          "granite", List.of("granite", "GraniteForCausalLM"),
          "gpt2", List.of("gpt2", "GPT2LMHeadModel"));

  private static final long WIDEST = 1 << 20;
  private static final long MOST_HEADS = 1 << 16;
  private static final Set<String> GEMMA = Set.of("gemma2", "gemma3");

  /** Layers of the Gemma whose queries are scaled by the width and not by a head's features. */
  private static final Map<String, Long> WIDE_GEMMA = Map.of("gemma2", 46L, "gemma3", 62L);

  Map<String, Object> read() {
    List<String> known = KNOWN.get(metadata.architecture());
    if (known == null) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "gguf: general.architecture: \""
              + metadata.architecture()
              + "\" (supported: "
              + KNOWN.keySet().stream().sorted().toList()
              + ")");
    }
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of(known.get(1)));
    config.put("model_type", known.get(0));
    config.put("vocab_size", dim("token_embd.weight", 0));
    config.put("tie_word_embeddings", !gguf.tensors().containsKey("output.weight"));
    if (metadata.architecture().equals("gpt2")) {
      gpt2(config);
    } else {
      decoder(config);
    }
    metadata.requireAllRead();
    return config;
  }

  private void gpt2(Map<String, Object> config) {
    config.put("n_positions", metadata.required("context_length"));
    config.put("n_embd", metadata.required("embedding_length"));
    config.put("n_layer", metadata.required("block_count"));
    config.put("n_head", metadata.required("attention.head_count"));
    config.put("n_inner", metadata.required("feed_forward_length"));
    config.put("layer_norm_epsilon", epsilon("attention.layer_norm_epsilon"));
    config.put("activation_function", "gelu_new");
  }

  private void decoder(Map<String, Object> config) {
    long heads = metadata.size("attention.head_count", MOST_HEADS);
    long width = metadata.size("embedding_length", WIDEST);
    long layers = metadata.required("block_count");
    long head = metadata.size("attention.key_length", width / heads, WIDEST);
    long value = metadata.whole("attention.value_length").orElse(head);
    if (value != head) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "gguf: attention.value_length: " + value + " (supported: " + head + ", as of keys)");
    }
    config.put("hidden_size", width);
    config.put("intermediate_size", metadata.required("feed_forward_length"));
    config.put("num_hidden_layers", layers);
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", metadata.whole("attention.head_count_kv").orElse(heads));
    config.put("head_dim", head);
    config.put("max_position_embeddings", metadata.required("context_length"));
    config.put("rms_norm_eps", epsilon("attention.layer_norm_rms_epsilon"));
    Map<String, Object> rotation = rotation(head);
    switch (metadata.architecture()) {
      case "gemma2" -> gemma2(config, layers);
      case "gemma3" -> rotation = gemma3(config, rotation, layers);
      case "phi3" -> window(config);
      case "granite" -> granite(config);
      default -> {}
    }
    if (!GEMMA.contains(metadata.architecture())) {
      config.put("hidden_act", "silu");
      if (!Set.of("phi3", "qwen2").contains(metadata.architecture())) {
        config.put("attention_bias", gguf.tensors().containsKey("blk.0.attn_q.bias"));
      }
    }
    if (Set.of("llama", "granite").contains(metadata.architecture())) {
      config.put("mlp_bias", gguf.tensors().containsKey("blk.0.ffn_up.bias"));
    }
    config.put("rope_parameters", rotation);
  }

  /** Numbers of the file are FLOAT; written with the fewest digits that mean the same. */
  private double epsilon(String key) {
    return shortest(
        metadata
            .number(key)
            .orElseThrow(() -> GgufMetadata.bad(key + ": missing (expected: a number)")));
  }

  private static double shortest(double number) {
    return Double.parseDouble(Float.toString((float) number));
  }

  private Map<String, Object> rotation(long head) {
    Map<String, Object> rotation = new LinkedHashMap<>();
    rotation.put("rope_theta", shortest(metadata.number("rope.freq_base").orElse(10_000)));
    long features = metadata.whole("rope.dimension_count").orElse(head);
    rotation.put("partial_rotary_factor", (double) features / head);
    String type = metadata.text("rope.scaling.type").orElse("none");
    double before = metadata.number("rope.scale_linear").orElse(0);
    double factor = shortest(metadata.number("rope.scaling.factor").orElse(before));
    if (gguf.tensors().containsKey("rope_factors_short.weight")) {
      longrope(rotation, numbers("rope_factors_short.weight", head));
      rotation.put("long_factor", numbers("rope_factors_long.weight", head));
      rotation.put("factor", factor == 0 ? ratio() : factor);
    } else if (gguf.tensors().containsKey("rope_freqs.weight")) {
      longrope(rotation, numbers("rope_freqs.weight", head));
      rotation.put("long_factor", rotation.get("short_factor"));
      rotation.put("attention_factor", 1.0);
      rotation.put("original_max_position_embeddings", metadata.required("context_length"));
    } else if (type.equals("yarn")) {
      yarn(rotation, factor);
    } else if (type.equals("linear") || (type.equals("none") && factor > 1)) {
      rotation.put("rope_type", "linear");
      rotation.put("factor", factor == 0 ? 1 : factor);
    } else if (type.equals("none")) {
      rotation.put("rope_type", "default");
    } else {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "gguf: rope.scaling.type: \"" + type + "\" (supported: none, linear, yarn)");
    }
    return rotation;
  }

  private double ratio() {
    return (double) metadata.required("context_length") / trained();
  }

  private long trained() {
    return metadata
        .whole("rope.scaling.original_context_length")
        .orElseGet(() -> metadata.required("context_length"));
  }

  private void longrope(Map<String, Object> rotation, List<Double> near) {
    metadata.text("rope.scaling.type");
    rotation.put("rope_type", "longrope");
    rotation.put("short_factor", near);
    rotation.put("original_max_position_embeddings", trained());
    metadata
        .number("rope.scaling.attn_factor")
        .ifPresent(scale -> rotation.put("attention_factor", shortest(scale)));
  }

  private void yarn(Map<String, Object> rotation, double factor) {
    rotation.put("rope_type", "yarn");
    rotation.put("factor", factor);
    rotation.put("original_max_position_embeddings", trained());
    metadata
        .number("rope.scaling.yarn_beta_fast")
        .ifPresent(beta -> rotation.put("beta_fast", shortest(beta)));
    metadata
        .number("rope.scaling.yarn_beta_slow")
        .ifPresent(beta -> rotation.put("beta_slow", shortest(beta)));
    double weight = metadata.number("rope.scaling.attn_factor").orElse(1);
    rotation.put("attention_factor", weight * (factor <= 1 ? 1 : 1 + 0.1 * StrictMath.log(factor)));
  }

  /** Factors of rotation: at most one for each pair of a head's features. */
  private List<Double> numbers(String name, long head) {
    Gguf.Packed packed = gguf.tensors().get(name);
    if (packed == null) {
      throw GgufMetadata.bad("tensor \"" + name + "\": missing");
    }
    long[] dims = packed.dims();
    if (dims.length != 1 || dims[0] > head / 2) {
      throw GgufMetadata.bad(
          "tensor \""
              + name
              + "\": shape "
              + Arrays.toString(dims)
              + " (expected: one axis, of at most "
              + head / 2
              + ": half of a head)");
    }
    Tensor floats = Tensor.zeros(dev.lathe.ir.ElementType.FLOAT, dims);
    packed.readInto(floats);
    List<Double> numbers = new ArrayList<>();
    for (long i = 0; i < floats.size(); i++) {
      numbers.add(floats.doubleAt(i));
    }
    return numbers;
  }

  private void window(Map<String, Object> config) {
    metadata
        .whole("attention.sliding_window")
        .ifPresent(width -> config.put("sliding_window", width == 0 ? null : width));
  }

  private void gemma2(Map<String, Object> config, long layers) {
    window(config);
    config.put("query_pre_attn_scalar", scalar(config, layers));
    config.put(
        "attn_logit_softcapping", shortest(metadata.number("attn_logit_softcapping").orElse(50)));
    config.put(
        "final_logit_softcapping", shortest(metadata.number("final_logit_softcapping").orElse(30)));
  }

  private Map<String, Object> gemma3(
      Map<String, Object> config, Map<String, Object> rotation, long layers) {
    window(config);
    config.put("query_pre_attn_scalar", scalar(config, layers));
    metadata
        .number("final_logit_softcapping")
        .ifPresent(cap -> config.put("final_logit_softcapping", shortest(cap)));
    config.put(
        "sliding_window_pattern", metadata.whole("attention.sliding_window_pattern").orElse(6));
    Map<String, Object> near = new LinkedHashMap<>();
    near.put("rope_type", "default");
    near.put("rope_theta", shortest(metadata.number("rope.freq_base_swa").orElse(10_000)));
    Map<String, Object> each = new LinkedHashMap<>();
    each.put("full_attention", rotation);
    each.put("sliding_attention", near);
    return each;
  }

  private Object scalar(Map<String, Object> config, long layers) {
    boolean wide = layers == WIDE_GEMMA.get(metadata.architecture());
    long width = (Long) config.get("hidden_size");
    long heads = (Long) config.get("num_attention_heads");
    return wide ? (Object) (width / heads) : config.get("head_dim");
  }

  private void granite(Map<String, Object> config) {
    config.put("attention_multiplier", multiplier("attention.scale"));
    config.put("embedding_multiplier", multiplier("embedding_scale"));
    config.put("residual_multiplier", multiplier("residual_scale"));
    config.put("logits_scaling", multiplier("logit_scale"));
  }

  private double multiplier(String key) {
    double found = shortest(metadata.number(key).orElse(1));
    return found == 0 ? 1 : found;
  }

  private long dim(String name, int axis) {
    Gguf.Packed packed = gguf.tensors().get(name);
    if (packed == null || packed.dims().length <= axis) {
      throw GgufMetadata.bad("tensor \"" + name + "\": missing (expected: a matrix)");
    }
    return packed.dims()[axis];
  }
}

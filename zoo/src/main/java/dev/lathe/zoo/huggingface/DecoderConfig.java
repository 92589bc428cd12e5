package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import dev.lathe.zoo.huggingface.Decoder.Heads;
import dev.lathe.zoo.huggingface.Decoder.Layer;
import dev.lathe.zoo.huggingface.Decoder.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * What decoders' configs have in common.
 *
 * @param config the config
 * @param usual whole numbers that hold where a field is not there
 */
record DecoderConfig(Config config, Map<String, Integer> usual) {
  static final String SLIDING = "sliding_attention";
  static final String FULL = "full_attention";

  /** A whole number; the usual one if it is not there. */
  int count(String key, Range range) {
    OptionalInt found = config.count(key, range);
    if (found.isPresent()) {
      return found.getAsInt();
    }
    Integer otherwise = usual.get(key);
    if (otherwise == null) {
      throw config.missing(key, "a whole number, " + range);
    }
    return otherwise;
  }

  Sizes sizes() {
    return new Sizes(
        count("vocab_size", Range.VOCABULARY),
        count("hidden_size", Range.FEATURES),
        count("intermediate_size", Range.FEATURES));
  }

  int places() {
    return count("max_position_embeddings", Range.TOKENS);
  }

  /** Heads as the sizes say, without anything special. */
  Heads heads() {
    int width = count("hidden_size", Range.FEATURES);
    int heads = count("num_attention_heads", Range.HEADS);
    OptionalInt given = config.count("num_key_value_heads", Range.HEADS);
    int keyHeads = given.orElse(usual.getOrDefault("num_key_value_heads", heads));
    if (heads % keyHeads != 0) {
      throw Config.bad(
          config.place("num_key_value_heads")
              + ": "
              + keyHeads
              + " (expected: a divisor of num_attention_heads "
              + heads
              + ")");
    }
    return Heads.of(heads, keyHeads, features(width, heads));
  }

  private int features(int width, int heads) {
    OptionalInt given = config.count("head_dim", Range.FEATURES);
    if (given.isPresent()) {
      return given.getAsInt();
    }
    if (usual.containsKey("head_dim")) {
      return usual.get("head_dim");
    }
    if (width % heads != 0) {
      throw Config.bad(
          config.place("num_attention_heads")
              + ": "
              + heads
              + " (expected: a divisor of hidden_size "
              + width
              + ")");
    }
    return width / heads;
  }

  double epsilon() {
    double epsilon = config.positive("rms_norm_eps").orElse(1e-6);
    if (epsilon >= 1) {
      throw Config.bad(config.place("rms_norm_eps") + ": " + epsilon + " (expected: below 1)");
    }
    return epsilon;
  }

  Rotations rotations(Heads heads) {
    return new Rotations(config, heads.features(), places());
  }

  /** A bound of scores; 0 for none. Null in the config says that there is none. */
  double cap(String key, double otherwise) {
    if (config.isNull(key)) {
      config.number(key);
      return 0;
    }
    return config.positive(key).orElse(otherwise);
  }

  /** The window of layers that have one; 0 for none, as null in the config says. */
  int window(int otherwise) {
    if (config.isNull("sliding_window")) {
      config.count("sliding_window", Range.TOKENS);
      return 0;
    }
    int window = config.count("sliding_window", Range.TOKENS).orElse(otherwise);
    return window >= places() ? 0 : window;
  }

  /** Layers that are all alike. */
  List<Layer> alike(Layer layer) {
    return java.util.Collections.nCopies(count("num_hidden_layers", Range.LAYERS), layer);
  }

  /**
   * Layers of two kinds: as {@code layer_types} says, or else by number.
   *
   * @param sliding a layer with a window
   * @param full a layer without
   * @param otherwise whether the layer of a number, from 0, has a window
   */
  List<Layer> mixed(Layer sliding, Layer full, IntPredicate otherwise) {
    int count = count("num_hidden_layers", Range.LAYERS);
    List<String> types = config.texts("layer_types").orElse(List.of());
    if (!types.isEmpty() && types.size() != count) {
      throw Config.bad(
          config.place("layer_types") + ": " + types.size() + " (expected: " + count + ")");
    }
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String type = types.isEmpty() ? otherwise.test(i) ? SLIDING : FULL : types.get(i);
      layers.add(
          switch (type) {
            case SLIDING -> sliding;
            case FULL -> full;
            default ->
                throw new LatheException(
                    ZooError.UNSUPPORTED,
                    config.place("layer_types")
                        + "["
                        + i
                        + "]: \""
                        + type
                        + "\" (supported: "
                        + SLIDING
                        + ", "
                        + FULL
                        + ")");
          });
    }
    return layers;
  }
}

package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads rotary positions from a config: {@code rope_parameters}, or {@code rope_theta} and {@code
 * rope_scaling} as they were called before. Frequencies are computed in FLOAT, as PyTorch computes
 * them.
 *
 * @param config the whole config
 * @param head features of a head
 * @param places the most tokens
 */
record Rotations(Config config, int head, int places) {
  private static final double USUAL_THETA = 10_000;
  private static final int PHI_TRAINED = 4096;
  private static final String KINDS = "default, linear, dynamic, yarn, longrope, llama3";

  /** The rotation of all layers. */
  Rotary everywhere() {
    double theta = config.positive("rope_theta").orElse(USUAL_THETA);
    return read(parameters().orElse(Config.empty(config.place("rope_scaling"))), theta);
  }

  private java.util.Optional<Config> parameters() {
    java.util.Optional<Config> now = config.part("rope_parameters");
    java.util.Optional<Config> before = config.part("rope_scaling");
    if (now.isPresent() && before.isPresent()) {
      throw Config.bad(
          config.place("rope_scaling") + ": rope_parameters is there, too (expected: one)");
    }
    return now.or(() -> before);
  }

  /** The rotation of layers with parameters of their own. */
  Rotary read(Config own, double usualTheta) {
    double theta = own.positive("rope_theta").orElse(usualTheta);
    double whole = config.positive("partial_rotary_factor").orElse(1);
    double part = own.positive("partial_rotary_factor").orElse(whole);
    int features = (int) (head * part);
    if (features < 2 || features % 2 != 0 || features > head) {
      throw Config.bad(
          own.place("partial_rotary_factor")
              + ": "
              + part
              + " of "
              + head
              + " features (expected: an even number of them)");
    }
    String before = own.text("type").orElse("default");
    Kind kind = new Kind(this, own, features, theta);
    return kind.read(own.text("rope_type").orElse(before));
  }

  private int trained(Config own) {
    OptionalInt inside = own.count("original_max_position_embeddings", Range.TOKENS);
    OptionalInt outside = config.count("original_max_position_embeddings", Range.TOKENS);
    return outside.orElse(inside.orElse(phi() ? PHI_TRAINED : places));
  }

  /** How one kind of scaling makes frequencies. */
  private record Kind(Rotations base, Config own, int features, double theta) {
    Rotary read(String kind) {
      base.config.count("original_max_position_embeddings", Range.TOKENS);
      return switch (kind) {
        case "default" -> plain();
        case "dynamic" -> dynamic();
        case "linear" -> linear();
        case "llama3" -> llama3();
        case "yarn" -> base.phi() ? longrope() : yarn();
        case "longrope", "su" -> longrope();
        default ->
            throw new LatheException(
                ZooError.UNSUPPORTED,
                own.place("rope_type") + ": \"" + kind + "\" (supported: " + KINDS + ")");
      };
    }

    private Rotary plain() {
      return Rotary.of(features, base.places, frequencies(), 1);
    }

    /** Up to the most tokens of the config, which is all there is here, the same as without. */
    private Rotary dynamic() {
      required("factor");
      return plain();
    }

    private Rotary linear() {
      float factor = (float) required("factor");
      float[] turns = frequencies();
      for (int i = 0; i < turns.length; i++) {
        turns[i] /= factor;
      }
      return Rotary.of(features, base.places, turns, 1);
    }

    /**
     * Long waves are stretched, short ones stay, and those between are stretched in part.
     *
     * @see <a href="https://arxiv.org/abs/2407.21783">The Llama 3 herd of models</a>
     */
    private Rotary llama3() {
      double factor = required("factor");
      double low = required("low_freq_factor");
      double high = required("high_freq_factor");
      int trained = base.trained(own);
      float[] turns = frequencies();
      for (int i = 0; i < turns.length; i++) {
        float wave = (float) (2 * Math.PI) / turns[i];
        if (wave > (float) (trained / low)) {
          turns[i] /= (float) factor;
        } else if (!(wave < (float) (trained / high))) {
          float smooth = (float) ((trained / wave - low) / (high - low));
          turns[i] = (1 - smooth) * turns[i] / (float) factor + smooth * turns[i];
        }
      }
      return Rotary.of(features, base.places, turns, 1);
    }

    /**
     * Between waves that are stretched and those that stay is a ramp over pairs of features.
     *
     * @see <a href="https://arxiv.org/abs/2309.00071">Peng et al. 2023, section 3</a>
     */
    private Rotary yarn() {
      int trained = base.trained(own);
      double factor = own.positive("factor").orElse((double) base.places / trained);
      double from = correction(own.positive("beta_fast").orElse(32), trained);
      double to = correction(own.positive("beta_slow").orElse(1), trained);
      if (own.flag("truncate", true)) {
        from = Math.floor(from);
        to = Math.ceil(to);
      }
      from = Math.max(from, 0);
      to = Math.min(to, features - 1);
      if (from == to) {
        to += 0.001;
      }
      float[] turns = frequencies();
      for (int i = 0; i < turns.length; i++) {
        float ramp = (float) Math.clamp((i - (float) from) / (float) (to - from), 0.0, 1.0);
        turns[i] = turns[i] / (float) factor * ramp + turns[i] * (1 - ramp);
      }
      return Rotary.of(features, base.places, turns, (float) yarnScale(factor));
    }

    private double correction(double rotations, int trained) {
      return features
          * StrictMath.log(trained / (rotations * 2 * Math.PI))
          / (2 * StrictMath.log(theta));
    }

    private double yarnScale(double factor) {
      double all = own.number("mscale_all_dim").orElse(0);
      double one = own.number("mscale").orElse(0);
      double usual =
          one != 0 && all != 0
              ? magnitude(factor, one) / magnitude(factor, all)
              : magnitude(factor, 1);
      return own.positive("attention_factor").orElse(usual);
    }

    private static double magnitude(double factor, double weight) {
      return factor <= 1 ? 1 : 0.1 * weight * StrictMath.log(factor) + 1;
    }

    /**
     * Each pair of features is stretched by a factor of its own, and by another in long texts.
     *
     * @see <a href="https://arxiv.org/abs/2402.13753">Ding et al. 2024</a>
     */
    private Rotary longrope() {
      int trained = base.trained(own);
      double factor = own.positive("factor").orElse((double) base.places / trained);
      double usual =
          factor <= 1 ? 1 : Math.sqrt(1 + StrictMath.log(factor) / StrictMath.log(trained));
      float scale = (float) own.positive("attention_factor").orElse(usual);
      float[] near = stretched("short_factor");
      float[] far = stretched("long_factor");
      return new Rotary(features, base.places, near, scale, far, Math.min(trained, base.places));
    }

    private float[] stretched(String key) {
      List<Double> factors =
          own.numbers(key).orElseThrow(() -> own.missing(key, "a list of numbers"));
      if (factors.size() != features / 2 || factors.stream().anyMatch(factor -> factor <= 0)) {
        throw Config.bad(
            own.place(key)
                + ": "
                + factors.size()
                + " numbers (expected: "
                + features / 2
                + ", all above 0)");
      }
      float[] turns = new float[features / 2];
      for (int i = 0; i < turns.length; i++) {
        turns[i] = 1 / (factors.get(i).floatValue() * wave(i));
      }
      return turns;
    }

    private float[] frequencies() {
      float[] turns = new float[features / 2];
      for (int i = 0; i < turns.length; i++) {
        turns[i] = 1 / wave(i);
      }
      return turns;
    }

    private float wave(int pair) {
      return (float) StrictMath.pow(theta, (float) (2 * pair) / features);
    }

    private double required(String key) {
      return own.positive(key).orElseThrow(() -> own.missing(key, "a number above 0"));
    }
  }

  /** Phi-3's first files call their scaling by the name of another. */
  private boolean phi() {
    return Set.of("phi3").contains(config.text("model_type").orElse(""));
  }
}

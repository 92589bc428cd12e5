package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.LowRank;
import dev.lathe.zoo.ZooError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What {@code adapter_config.json} says of a LoRA adapter.
 *
 * @param base the model that it was made for; empty if that is not said
 * @param rank the usual r
 * @param alpha the usual α
 * @param rootOfRank whether α is divided by √r (rsLoRA) and not by r
 * @param ranks r of layers whose names end as a pattern says
 * @param alphas α of such layers
 */
record PeftConfig(
    String base,
    double rank,
    double alpha,
    boolean rootOfRank,
    Map<Pattern, Double> ranks,
    Map<Pattern, Double> alphas) {
  /** The name of the file. */
  static final String FILE = "adapter_config.json";

  private static final int MOST_PATTERNS = 4096;
  private static final int LONGEST_PATTERN = 256;

  /** Names of layers in patterns are names with few signs of regular expressions, none nested. */
  private static final Pattern PLAIN = Pattern.compile("[\\w.$^\\\\|\\[\\]-]*(\\.\\*[\\w.$]*)?");

  /** Ways of starting that leave the weights of the model as they were. */
  private static final List<String> STARTS =
      List.of("true", "false", "\"gaussian\"", "\"eva\"", "\"orthogonal\"");

  /** How it was trained, for whom, and what its tensors say anyway. */
  private static final Inert INERT =
      Inert.fields(
          "task_type",
          "inference_mode",
          "peft_version",
          "revision",
          "target_modules",
          "exclude_modules",
          "layers_to_transform",
          "layers_pattern",
          "lora_dropout",
          "fan_in_fan_out",
          "megatron_core",
          "qalora_group_size",
          "eva_config",
          "loftq_config",
          "runtime_config",
          "ensure_weight_tying");

  /** Refuses what is not known and not switched off. */
  static PeftConfig read(Config config) {
    config.only("peft_type", "\"LORA\"");
    if (!config.has("peft_type")) {
      throw config.missing("peft_type", "\"LORA\"");
    }
    config.only("bias", "\"none\"");
    for (String off : config.keys()) {
      if (config.isOff(off)) {
        config.only(off, config.shown(off));
      }
    }
    if (config.has("init_lora_weights") && !STARTS.contains(config.shown("init_lora_weights"))) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          config.place("init_lora_weights")
              + ": "
              + config.shown("init_lora_weights")
              + " (it changes the weights of the model itself; supported: "
              + String.join(", ", STARTS)
              + ", or PEFT's conversion to plain LoRA)");
    }
    PeftConfig read =
        new PeftConfig(
            config.text("base_model_name_or_path").orElse(""),
            config.required("r", new Range(1, LowRank.MOST_RANK)),
            alpha(config.positive("lora_alpha"), config),
            config.flag("use_rslora", false),
            patterns(config, "rank_pattern"),
            patterns(config, "alpha_pattern"));
    config.requireAllRead(INERT.and("init_lora_weights"));
    return read;
  }

  /** What a training run here writes into its file of adapters. */
  static PeftConfig ofRun(Map<String, String> metadata) {
    double rank = number(metadata, "r");
    double alpha = number(metadata, "lora_alpha");
    return new PeftConfig("", rank, alpha, false, Map.of(), Map.of());
  }

  private static double number(Map<String, String> metadata, String key) {
    String text = metadata.getOrDefault(key, "");
    if (text.matches("[0-9]{1,9}(\\.[0-9]{1,17})?(E-?[0-9]{1,2})?")
        && Double.parseDouble(text) > 0) {
      return Double.parseDouble(text);
    }
    throw Config.bad(
        "adapters.safetensors: "
            + key
            + " \""
            + Config.cut(text)
            + "\" (expected: a number above 0)");
  }

  private static double alpha(OptionalDouble found, Config config) {
    return found.orElseThrow(() -> config.missing("lora_alpha", "a number above 0"));
  }

  private static Map<Pattern, Double> patterns(Config config, String field) {
    Map<Pattern, Double> patterns = new LinkedHashMap<>();
    config
        .part(field)
        .ifPresent(
            part -> {
              if (part.keys().size() > MOST_PATTERNS) {
                throw Config.bad(
                    config.place(field)
                        + ": "
                        + part.keys().size()
                        + " patterns (expected: at most "
                        + MOST_PATTERNS
                        + ")");
              }
              for (String key : part.keys()) {
                patterns.put(pattern(part, key), part.positive(key).orElseThrow());
              }
            });
    return patterns;
  }

  /** As PEFT reads them: a regular expression for the end of a layer's name. */
  private static Pattern pattern(Config part, String key) {
    try {
      if (key.length() <= LONGEST_PATTERN && PLAIN.matcher(key).matches()) {
        return Pattern.compile("(?:.*\\.)?(?:" + key + ")");
      }
    } catch (PatternSyntaxException e) {
      throw Config.bad(part.place(key) + ": no pattern (" + e.getDescription() + ")");
    }
    throw new LatheException(
        ZooError.UNSUPPORTED,
        part.place(key.length() <= 80 ? key : key.substring(0, 77) + "…")
            + ": a pattern of names that is too involved (supported: names of layers, .* once)");
  }

  /** r of a layer. */
  double rank(String layer) {
    return found(ranks, layer, rank);
  }

  /** What the product of a layer's parts is multiplied with. */
  double scale(String layer) {
    double r = rank(layer);
    return found(alphas, layer, alpha) / (rootOfRank ? Math.sqrt(r) : r);
  }

  private static double found(Map<Pattern, Double> patterns, String layer, double usual) {
    for (Map.Entry<Pattern, Double> entry : patterns.entrySet()) {
      if (entry.getKey().matcher(layer).matches()) {
        return entry.getValue();
      }
    }
    return usual;
  }
}

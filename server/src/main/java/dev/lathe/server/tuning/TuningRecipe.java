package dev.lathe.server.tuning;

import dev.lathe.train.TunableModel;
import java.math.BigDecimal;
import java.util.stream.Collectors;

/**
 * The recipe of a job. Small models are trained whole, since a few weights of theirs can change
 * little; of large ones the layers get adapters, whose gradients and moments take little memory.
 */
final class TuningRecipe {
  static final String TRAINING = "training.jsonl";
  static final String VALIDATION = "validation.jsonl";

  /** Models with more bytes of weights get adapters. */
  private static final long MOST_WHOLE = 256L << 20;

  private static final double RATE_WHOLE = 1e-4;
  private static final double RATE_ADAPTERS = 2e-4;
  private static final int RANK = 16;
  private static final int LONGEST = 4096;

  /** More scores than these are not computed at once: a step then adds up several batches. */
  private static final long MOST_SCORES = 1L << 26;

  private TuningRecipe() {}

  /**
   * What a job does as a rule: some hundred examples in all at least, and steps of a five-hundredth
   * of the data.
   */
  static Tuning.Settings settings(TuningWish wish, int examples) {
    return new Tuning.Settings(
        wish.epochs().orElse(Math.clamp(100 / examples, 3, 25)),
        wish.batch().orElse(Math.clamp(Math.round(examples / 500.0), 1, 64)),
        wish.rate().orElse(1.0));
  }

  /** The recipe's text, for files that lie beside it. */
  static String yaml(Tuning tuning, String result, TunableModel model) {
    boolean whole = model.bytes() <= MOST_WHOLE || model.layers().isEmpty();
    int context = model.length() > 0 ? model.length() : Math.min(model.context(), LONGEST);
    Tuning.Settings settings = tuning.settings();
    long together = Math.max(1, MOST_SCORES / ((long) context * model.tokens()));
    long batch = Math.min(settings.batch(), together);
    long batches = (settings.batch() + batch - 1) / batch;
    StringBuilder yaml = new StringBuilder();
    line(yaml, "model", quoted(result));
    line(yaml, "task", "language_model");
    line(yaml, "seed", tuning.seed());
    line(yaml, "base", quoted(tuning.base()));
    line(yaml, "data", "");
    line(yaml, "  format", "conversations");
    line(yaml, "  train", TRAINING);
    if (tuning.validationFile().isPresent()) {
      line(yaml, "  validation_file", VALIDATION);
    }
    line(yaml, "  length", context);
    double rate = (whole ? RATE_WHOLE : RATE_ADAPTERS) * settings.rate();
    String shown = BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString();
    line(yaml, "optimizer", "{ kind: adamw, learning_rate: " + shown + " }");
    line(yaml, "schedule", "linear");
    line(yaml, "update", "{ clip_norm: 1.0, batches: " + batches + " }");
    if (!whole) {
      String targets =
          model.layers().stream().map(TuningRecipe::quoted).collect(Collectors.joining(", "));
      line(yaml, "lora", "{ rank: " + RANK + ", targets: [" + targets + "] }");
    }
    line(yaml, "epochs", settings.epochs());
    line(yaml, "batch", batch);
    line(yaml, "checkpoint", "{ every: 200 }");
    line(yaml, "release", "{ message: " + quoted("Fine-tune " + tuning.base()) + " }");
    return yaml.toString();
  }

  private static void line(StringBuilder yaml, String key, Object value) {
    String shown = value.toString();
    yaml.append(key).append(shown.isEmpty() ? ":" : ": ").append(shown).append('\n');
  }

  /** Names have no quotes in them. */
  private static String quoted(String name) {
    return '"' + name + '"';
  }
}

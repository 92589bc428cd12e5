package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.train.CancelToken;
import dev.lathe.train.TrainingListener;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Metrics of texts that a model writes: translations, and answers to questions. */
final class Written {
  private final Plan plan;
  private final Translations translations;
  private final SpanAnswers midway;
  private final SpanAnswers answers;

  /**
   * @param plan what is trained
   * @param folder where translations of the test part go
   * @param listener is warned if they cannot be written
   * @param cancel asks for a stop, which is looked at in the end; after an epoch what is written is
   *     bounded by the recipe
   */
  Written(Plan plan, RunFolder folder, TrainingListener listener, CancelToken cancel) {
    this.plan = plan;
    this.translations =
        new Translations(plan.data(), folder.translations(), folder.threads(), listener);
    this.midway = new SpanAnswers(plan.data(), folder.threads(), new CancelToken());
    this.answers = new SpanAnswers(plan.data(), folder.threads(), cancel);
  }

  /**
   * What the recipe wants to know after an epoch.
   *
   * @param weights those that would be released, asked for only if they are needed
   * @return metrics of the beginning of the validation part by name; none if none are wanted
   */
  Map<String, Double> afterEpoch(Supplier<Map<String, Tensor>> weights) {
    return isWanted() ? validate(Inference.of(plan, weights.get()).model()) : Map.of();
  }

  /**
   * What is known of the model that is released.
   *
   * @return metrics of validation and test parts by name
   * @throws LatheException CANCELLED
   */
  Map<String, Double> of(Model released) {
    Map<String, Double> metrics = new LinkedHashMap<>(isWanted() ? validate(released) : Map.of());
    metrics.putAll(translations.measure(released));
    metrics.putAll(answers.measure(released));
    return metrics;
  }

  private boolean isWanted() {
    return plan.data().validation().size() > 0
        && plan.metrics().stream().anyMatch(metric -> metric.isWritten(plan.recipe().task()));
  }

  private Map<String, Double> validate(Model model) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.putAll(translations.validate(model, plan.recipe().written()));
    metrics.putAll(midway.validate(model, plan.recipe().written()));
    return metrics;
  }
}

package dev.lathe.train.loop;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import dev.lathe.train.data.Normalizer;
import dev.lathe.transform.AppendClassification;
import dev.lathe.transform.PrependNormalization;
import dev.lathe.transform.StateSlot;
import java.util.LinkedHashMap;
import java.util.Map;

/** From trained weights to the model that is released: raw features in, answers out. */
final class Inference {
  private Inference() {}

  /**
   * Puts the parts together.
   *
   * @param plan the network and what surrounds it
   * @param weights parameters and statistics by slot input
   * @return the model
   */
  static Model of(Plan plan, Map<String, Tensor> weights) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(plan.forward().graph().initializers());
    for (StateSlot slot : plan.graphs().step().slots()) {
      Tensor trained = weights.get(slot.input());
      if (trained != null) {
        initializers.put(slot.parameter(), trained);
      }
    }
    Model model = plan.forward().withGraph(plan.forward().graph().withInitializers(initializers));
    Normalizer normalizer = plan.data().normalizer();
    if (normalizer.kind() != Normalization.NONE) {
      model = PrependNormalization.apply(model, Plan.FEATURES, normalizer.mean(), normalizer.std());
    }
    return plan.recipe().task() == Task.REGRESSION
        ? model
        : AppendClassification.apply(model, Plan.SCORES);
  }
}

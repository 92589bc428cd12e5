package dev.lathe.train.loop;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Normalization;
import dev.lathe.train.data.Normalizer;
import dev.lathe.transform.AppendClassification;
import dev.lathe.transform.PrependNormalization;
import dev.lathe.transform.StateSlot;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * From trained weights to the model that is released: raw features in, answers out. Somebody's
 * model keeps its own inputs and outputs.
 */
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
    Graph graph = plan.network().model().graph();
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    for (StateSlot slot : plan.graphs().step().slots()) {
      Tensor trained = weights.get(slot.input());
      if (trained != null) {
        initializers.put(slot.parameter(), trained);
      }
    }
    boolean own = !plan.network().released().isEmpty();
    Graph trained = graph.withInitializers(initializers);
    Model model =
        plan.network()
            .model()
            .withGraph(own ? trained.withOutputs(plan.network().released()) : trained);
    Normalizer normalizer = plan.data().normalizer();
    if (normalizer.kind() != Normalization.NONE) {
      String input = plan.graphs().step().data().getFirst();
      model = PrependNormalization.apply(model, input, normalizer.mean(), normalizer.std());
    }
    if (own) {
      return model;
    }
    return switch (plan.recipe().task()) {
      case REGRESSION, LANGUAGE_MODEL, TRANSLATION -> model;
      case CLASSIFICATION, BINARY -> AppendClassification.apply(model, plan.network().prediction());
    };
  }
}

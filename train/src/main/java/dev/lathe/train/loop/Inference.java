package dev.lathe.train.loop;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.train.LoraRecipe;
import dev.lathe.train.Normalization;
import dev.lathe.train.data.Normalizer;
import dev.lathe.transform.AdapterWeights;
import dev.lathe.transform.AppendClassification;
import dev.lathe.transform.AppendLabels;
import dev.lathe.transform.MergeAdapters;
import dev.lathe.transform.PrependFilling;
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
   * What a run has made.
   *
   * @param model the model
   * @param adapters adapters by their names in other tools; empty if none were trained
   */
  record Released(Model model, Map<String, Tensor> adapters) {}

  /**
   * Puts the parts together.
   *
   * @param plan the network and what surrounds it
   * @param weights parameters and statistics by slot input
   * @return the model, and adapters by name
   */
  static Released of(Plan plan, Map<String, Tensor> weights) {
    Graph graph = plan.network().model().graph();
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    for (StateSlot slot : plan.graphs().step().slots()) {
      Tensor trained = weights.get(slot.input());
      if (trained != null) {
        initializers.put(slot.parameter(), trained);
      }
    }
    Graph trained = graph.withInitializers(initializers);
    return adapted(plan, plan.network().model().withGraph(trained));
  }

  /** Takes adapters out, and folds them into the weights unless they stay apart. */
  private static Released adapted(Plan plan, Model model) {
    LoraRecipe lora = plan.recipe().lora();
    if (!lora.isWanted()) {
      return new Released(answering(plan, model), Map.of());
    }
    Map<String, Tensor> adapters = AdapterWeights.of(model).tensors();
    Model released =
        lora.release() == LoraRecipe.Release.MERGED ? MergeAdapters.apply(model) : model;
    return new Released(answering(plan, released), adapters);
  }

  private static Model normalizing(Plan plan, Model plain, Normalizer normalizer) {
    Wiring wiring = plan.wiring();
    if (wiring.inputs().isEmpty()) {
      String input = plan.graphs().step().data().getFirst();
      return PrependNormalization.apply(plain, input, normalizer.mean(), normalizer.std());
    }
    Model model = plain;
    Map<String, Tensor> stds = wiring.perInput(normalizer.std());
    for (Map.Entry<String, Tensor> mean : wiring.perInput(normalizer.mean()).entrySet()) {
      Tensor std = stds.getOrDefault(mean.getKey(), normalizer.std());
      model = PrependNormalization.apply(model, mean.getKey(), mean.getValue(), std);
    }
    return model;
  }

  private static Model filling(Plan plan, Model plain, Tensor fill) {
    Wiring wiring = plan.wiring();
    if (wiring.inputs().isEmpty()) {
      return PrependFilling.apply(plain, plan.graphs().step().data().getFirst(), fill);
    }
    Model model = plain;
    for (Map.Entry<String, Tensor> input : wiring.perInput(fill).entrySet()) {
      model = PrependFilling.apply(model, input.getKey(), input.getValue());
    }
    return model;
  }

  private static Model answering(Plan plan, Model trained) {
    boolean own = !plan.network().released().isEmpty();
    Model model = own ? plan.network().asReleased(trained) : trained;
    Normalizer normalizer = plan.data().normalizer();
    if (normalizer.kind() != Normalization.NONE) {
      model = normalizing(plan, model, normalizer);
    }
    if (normalizer.fills()) {
      model = filling(plan, model, normalizer.fill());
    }
    if (own) {
      return model;
    }
    return switch (plan.recipe().task()) {
      case REGRESSION, LANGUAGE_MODEL, TRANSLATION, QUESTION_ANSWERING -> model;
      case MULTI_LABEL -> AppendLabels.apply(model, plan.network().prediction());
      case CLASSIFICATION, BINARY, TEXT_CLASSIFICATION, TOKEN_CLASSIFICATION ->
          AppendClassification.apply(model, plan.network().prediction());
    };
  }
}

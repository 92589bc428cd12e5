package dev.lathe.transform;

import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.Algebra;
import dev.lathe.transform.gradient.Draft;
import dev.lathe.transform.shape.Fact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums of gradients over several batches. Gradients are of the weighted sum of losses; the weights
 * are summed up beside them, so that the mean is that of one batch of all examples.
 */
final class Accumulators {
  private static final String SUM = "gradient_sum/";
  private static final String WEIGHT = "weight_sum";

  private final Draft draft;
  private final List<StateSlot> slots = new ArrayList<>();

  Accumulators(Draft draft) {
    this.draft = draft;
  }

  /** Slots of the sums. */
  List<StateSlot> slots() {
    return slots;
  }

  /** Writes the sums with this batch, which the next batch begins with. */
  void add(Map<String, String> gradients, String weight) {
    draft.alias(sum(WEIGHT, weight), "next/" + WEIGHT);
    gradients.forEach(
        (parameter, gradient) -> draft.alias(sum(SUM + parameter, gradient), next(parameter)));
  }

  /** The gradients of the mean over all batches and this one; the next sums begin with zeros. */
  Map<String, String> take(Map<String, String> gradients, String weight) {
    Algebra g = new Algebra(draft);
    String total = sum(WEIGHT, weight);
    String share = g.div(draft.number(1, total), LossNodes.divisor(draft, total));
    Map<String, String> means = new LinkedHashMap<>();
    gradients.forEach(
        (parameter, gradient) -> {
          draft.scope("update/" + parameter);
          means.put(parameter, g.mul(sum(SUM + parameter, gradient), share));
          draft.alias(g.zerosLike(parameter), next(parameter));
        });
    draft.alias(g.zerosLike(weight), "next/" + WEIGHT);
    return means;
  }

  private static String next(String parameter) {
    return "next/" + SUM + parameter;
  }

  /** What was summed up before, and a term. */
  private String sum(String input, String term) {
    Fact fact = draft.fact(term);
    draft.input(input, fact.element(), fact.shape());
    Tensor zeros = Tensor.zeros(fact.element(), fact.shape().sizes());
    String parameter = input.substring(input.indexOf('/') + 1);
    slots.add(new StateSlot(StateSlot.Kind.ACCUMULATOR, parameter, input, "next/" + input, zeros));
    return draft.node("Add", input, term);
  }
}

package dev.lathe.transform;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * Loss and prediction of a model whose parameters come from outside; no gradient in it.
 *
 * <p>Inputs: the forward model's data, {@link TrainingGraphs#TARGET}, {@link
 * TrainingGraphs#WEIGHTS} FLOAT [N], and the state. Outputs: {@link TrainingGraphs#LOSS} FLOAT []
 * and the prediction.
 *
 * @param model the graph
 * @param data names of the data inputs
 * @param prediction name of the prediction output
 * @param state names of the inputs that take parameters and statistics, equal to the step graph's
 *     slot inputs
 */
public record EvaluationGraph(
    Model model, List<String> data, String prediction, List<String> state) {
  /** Copies the lists. */
  public EvaluationGraph {
    data = List.copyOf(data);
    state = List.copyOf(state);
  }
}

package dev.lathe.transform;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * Loss and predictions of a model whose parameters come from outside; no gradient in it.
 *
 * <p>Inputs: the forward model's data, the targets, {@link TrainingGraphs#WEIGHTS} FLOAT [N], and
 * the state. Outputs: {@link TrainingGraphs#LOSS} FLOAT [], {@link TrainingGraphs#TOTAL_WEIGHT}
 * FLOAT [], by which losses of several batches are averaged, {@link TrainingGraphs#loss(int)} and
 * {@link TrainingGraphs#totalWeight(int)} of each objective where there are several, and the
 * predictions.
 *
 * @param model the graph
 * @param data names of the data inputs
 * @param targets names of the inputs that take what should be predicted
 * @param predictions names of the prediction outputs, in the order of the objectives
 * @param state names of the inputs that take parameters and statistics, equal to the step graph's
 *     slot inputs
 */
public record EvaluationGraph(
    Model model,
    List<String> data,
    List<String> targets,
    List<String> predictions,
    List<String> state) {
  /** Copies the lists. */
  public EvaluationGraph {
    data = List.copyOf(data);
    targets = List.copyOf(targets);
    predictions = List.copyOf(predictions);
    state = List.copyOf(state);
  }

  /**
   * The first objective's prediction.
   *
   * @return the name of an output
   */
  public String prediction() {
    return predictions.getFirst();
  }
}

package dev.lathe.transform;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * One training step as a model: forward, loss, gradients and update.
 *
 * <p>Inputs: the forward model's data, the targets, {@link TrainingGraphs#WEIGHTS} FLOAT [N], one
 * per slot, the scalars and the counters. Outputs: {@link TrainingGraphs#LOSS} FLOAT [] before the
 * update, the readings, the predictions, one per slot.
 *
 * @param model the graph
 * @param data names of the data inputs
 * @param targets names of the inputs that take what should be predicted; {@link
 *     TrainingGraphs#TARGET} alone where there is one objective
 * @param predictions names of the prediction outputs, in the order of the objectives
 * @param slots what the step reads and replaces: parameters first
 * @param scalars names of FLOAT [] inputs that {@link Optimizer#scalars} computes
 * @param counters names of INT64 [] inputs: {@link TrainingGraphs#SEED}, any number that is the
 *     same in the whole run, and {@link TrainingGraphs#STEP}, one that differs from step to step;
 *     empty if the step draws no random numbers
 * @param readings names of FLOAT [] outputs that say how the step went, {@link
 *     TrainingGraphs#TOTAL_WEIGHT} among them, and loss and weight of each of several objectives
 */
public record StepGraph(
    Model model,
    List<String> data,
    List<String> targets,
    List<String> predictions,
    List<StateSlot> slots,
    List<String> scalars,
    List<String> counters,
    List<String> readings) {
  /** Copies the lists. */
  public StepGraph {
    data = List.copyOf(data);
    targets = List.copyOf(targets);
    predictions = List.copyOf(predictions);
    slots = List.copyOf(slots);
    scalars = List.copyOf(scalars);
    counters = List.copyOf(counters);
    readings = List.copyOf(readings);
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

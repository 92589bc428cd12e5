package dev.lathe.transform;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * One training step as a model: forward, loss, gradients and update.
 *
 * <p>Inputs: the forward model's data, {@link TrainingGraphs#TARGET}, {@link
 * TrainingGraphs#WEIGHTS} FLOAT [N], one per slot, the scalars and the counters. Outputs: {@link
 * TrainingGraphs#LOSS} FLOAT [] before the update, the prediction, one per slot.
 *
 * @param model the graph
 * @param data names of the data inputs
 * @param prediction name of the prediction output
 * @param slots what the step reads and replaces: parameters first
 * @param scalars names of FLOAT [] inputs that {@link Optimizer#scalars} computes
 * @param counters names of INT64 [] inputs: {@link TrainingGraphs#SEED}, any number that is the
 *     same in the whole run, and {@link TrainingGraphs#STEP}, one that differs from step to step;
 *     empty if the step draws no random numbers
 */
public record StepGraph(
    Model model,
    List<String> data,
    String prediction,
    List<StateSlot> slots,
    List<String> scalars,
    List<String> counters) {
  /** Copies the lists. */
  public StepGraph {
    data = List.copyOf(data);
    slots = List.copyOf(slots);
    scalars = List.copyOf(scalars);
    counters = List.copyOf(counters);
  }
}

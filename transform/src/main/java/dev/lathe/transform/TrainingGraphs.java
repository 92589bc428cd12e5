package dev.lathe.transform;

import dev.lathe.ir.Model;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The graphs that training runs, made from a forward model.
 *
 * @param step one training step
 * @param accumulation where a step is made of several batches, what all of them but the last run:
 *     it reads the parameters, which are slots of the step, and replaces only its own slots
 * @param evaluation loss and predictions only
 */
public record TrainingGraphs(
    StepGraph step, Optional<StepGraph> accumulation, EvaluationGraph evaluation) {
  /** The input that takes what should be predicted. */
  public static final String TARGET = "target";

  /** The input that takes one weight per example, FLOAT [N]. */
  public static final String WEIGHTS = "weights";

  /** The output that gives the weighted mean loss, FLOAT []. */
  public static final String LOSS = "loss";

  /** The input that takes a run's seed where a step draws random numbers, INT64 []. */
  public static final String SEED = "seed";

  /** The input that takes a step's number where a step draws random numbers, INT64 []. */
  public static final String STEP = "step";

  /**
   * The output that gives the sum of the weights of all that counted in the loss, FLOAT []. Where
   * it is 0, every target of the batch was masked: the loss is 0, and a step must not be kept.
   */
  public static final String TOTAL_WEIGHT = "total_weight";

  /** The output that gives the norm of all gradients before it is clipped, FLOAT []. */
  public static final String GRADIENT_NORM = "gradient_norm";

  /**
   * The output that gives the weighted mean loss of one of several objectives, FLOAT [], before it
   * is multiplied by the objective's weight; there is none where there is one objective.
   *
   * @param objective the objective's place, from 0
   * @return the output's name
   */
  public static String loss(int objective) {
    return LOSS + "/of/" + objective;
  }

  /**
   * The output that gives the sum of the weights of all that counted in {@link #loss(int)}, FLOAT
   * [].
   *
   * @param objective the objective's place, from 0
   * @return the output's name
   */
  public static String totalWeight(int objective) {
    return TOTAL_WEIGHT + "/of/" + objective;
  }

  /**
   * Makes the graphs. Functions of the model's own are inlined, and operators of an old version are
   * written as {@link Model#OPSET} has them.
   *
   * <p>BatchNormalization whose scale or bias is trained normalizes by the batch in the step graph
   * and updates its running statistics, which become slots; the evaluation graph normalizes by the
   * running statistics.
   *
   * <p>Dropout drops in the step graph, each node by a stream of its own that is a function of the
   * seed and the step's number, and is the identity in the evaluation graph.
   *
   * @param forward the model in inference form, parameters as initializers; inputs have a batch
   *     axis N
   * @param objective the loss and what it looks at
   * @param optimizer how parameters change
   * @param parameters names of the initializers to train; all others stay as they are
   * @return step and evaluation graph
   * @throws dev.lathe.ir.LatheException NO_GRADIENT naming node and operator, NO_PATH for a
   *     parameter that the loss does not depend on, UNKNOWN_VALUE, SHAPE_MISMATCH, or BAD_NAME if a
   *     name is taken
   */
  public static TrainingGraphs of(
      Model forward, Objective objective, Optimizer optimizer, Set<String> parameters) {
    return of(forward, List.of(objective), TrainingOptions.of(optimizer), parameters);
  }

  /**
   * Makes the graphs with all that can be chosen.
   *
   * @param forward as above
   * @param objectives what is made small: the weighted sum of several losses, or one
   * @param options how gradients change parameters
   * @param parameters as above
   * @return step and evaluation graph, and the accumulation graph if the options want one
   * @throws dev.lathe.ir.LatheException as above; BAD_SETTING for a parameter in two groups,
   *     UNKNOWN_VALUE for a segment that ends behind no value
   */
  public static TrainingGraphs of(
      Model forward, List<Objective> objectives, TrainingOptions options, Set<String> parameters) {
    Model plain = InlineFunctions.apply(UpgradeOpset.apply(forward));
    TrainingForm form = TrainingForm.of(plain, List.copyOf(objectives), parameters);
    Optional<StepGraph> accumulation =
        switch (options.batches()) {
          case ONE -> Optional.empty();
          case SEVERAL -> Optional.of(new StepWriter(form, options.recomputation()).accumulation());
        };
    return new TrainingGraphs(
        new StepWriter(form, options.recomputation()).step(options),
        accumulation,
        form.evaluation());
  }
}

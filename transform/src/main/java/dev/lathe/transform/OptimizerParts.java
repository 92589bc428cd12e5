package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.Algebra;
import dev.lathe.transform.gradient.Draft;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the update of all parameters into a step graph. */
final class OptimizerParts {
  /** Keeps the division by the norm finite; PyTorch's. */
  private static final double NORM_EPSILON = 1e-6;

  private final Algebra algebra;
  private final TrainingOptions options;
  private final List<StateSlot> parameters = new ArrayList<>();
  private final List<StateSlot> states = new ArrayList<>();
  private final List<StateSlot> averages = new ArrayList<>();
  private final List<String> scalars;

  OptimizerParts(Draft draft, TrainingOptions options) {
    this.algebra = new Algebra(draft);
    this.options = options;
    this.scalars = options.optimizer().scalars(1, 0).keySet().stream().sorted().toList();
    scalars.forEach(name -> draft.input(name, ElementType.FLOAT, Shape.SCALAR));
  }

  /** Names of the scalar inputs, sorted. */
  List<String> scalars() {
    return scalars;
  }

  /** Names of the scalar outputs. */
  List<String> readings() {
    return options.clipping().clipsNorm() ? List.of(TrainingGraphs.GRADIENT_NORM) : List.of();
  }

  /** Slots of the parameters, then of what the optimizer remembers, then of averages. */
  List<StateSlot> slots() {
    List<StateSlot> all = new ArrayList<>(parameters);
    all.addAll(states);
    all.addAll(averages);
    return all;
  }

  /**
   * Updates parameters, which are inputs of the draft.
   *
   * @param gradients their gradients
   * @param initial their values before the first step
   */
  void update(Map<String, String> gradients, Map<String, Tensor> initial) {
    Map<String, ParameterGroup> groups = groups(gradients.keySet());
    clipped(gradients)
        .forEach(
            (parameter, gradient) -> {
              ParameterGroup group = groups.getOrDefault(parameter, ParameterGroup.REST);
              update(new Update(algebra, parameter, gradient, group), initial.get(parameter));
            });
  }

  private Map<String, ParameterGroup> groups(Set<String> trained) {
    Map<String, ParameterGroup> groups = new HashMap<>();
    for (ParameterGroup group : options.groups()) {
      for (String parameter : group.parameters()) {
        if (!trained.contains(parameter)) {
          throw new LatheException(
              TransformError.UNKNOWN_VALUE,
              "group: \"" + parameter + "\" (expected: a parameter that is trained)");
        }
        if (groups.put(parameter, group) != null) {
          throw Settings.bad("parameter \"" + parameter + "\" in two groups", "one");
        }
      }
    }
    return groups;
  }

  private Map<String, String> clipped(Map<String, String> gradients) {
    Clipping clipping = options.clipping();
    Draft draft = algebra.draft();
    Map<String, String> clipped = new LinkedHashMap<>(gradients);
    if (clipping.clipsValue()) {
      draft.scope("clip");
      clipped.replaceAll(
          (_, gradient) -> {
            String low = draft.number(-clipping.value(), gradient);
            return algebra.node("Clip", gradient, low, draft.number(clipping.value(), gradient));
          });
    }
    if (clipping.clipsNorm() && !clipped.isEmpty()) {
      draft.scope("clip");
      String[] squares = clipped.values().stream().map(algebra::sumSquare).toArray(String[]::new);
      String all = squares.length == 1 ? squares[0] : algebra.node("Sum", squares);
      String norm = algebra.node("Sqrt", all);
      draft.alias(norm, TrainingGraphs.GRADIENT_NORM);
      String bound = draft.number(clipping.norm(), norm);
      String ratio = algebra.div(bound, algebra.add(norm, NORM_EPSILON));
      String factor = algebra.node("Min", ratio, draft.number(1, ratio));
      clipped.replaceAll((_, gradient) -> algebra.mul(gradient, factor));
    }
    return clipped;
  }

  private void update(Update update, Tensor initial) {
    String parameter = update.parameter();
    Draft draft = algebra.draft();
    draft.scope("update/" + parameter);
    String output = "next/" + parameter;
    draft.alias(UpdateRules.next(options.optimizer(), update), output);
    parameters.add(new StateSlot(StateSlot.Kind.PARAMETER, parameter, parameter, output, initial));
    states.addAll(update.states());
    if (options.averaging() > 0) {
      average(parameter, initial);
    }
  }

  private void average(String parameter, Tensor initial) {
    String input = "average/" + parameter;
    String output = "next/" + input;
    Draft draft = algebra.draft();
    draft.input(input, draft.fact(parameter).element(), draft.fact(parameter).shape());
    String way = algebra.mul(algebra.sub("next/" + parameter, input), 1 - options.averaging());
    draft.alias(algebra.add(input, way), output);
    averages.add(new StateSlot(StateSlot.Kind.AVERAGE, parameter, input, output, initial));
  }
}

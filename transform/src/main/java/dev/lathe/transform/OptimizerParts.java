package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.Algebra;
import dev.lathe.transform.gradient.Draft;
import java.util.ArrayList;
import java.util.List;

/** Writes an optimizer's update of each parameter into a step graph. */
final class OptimizerParts {
  private final Algebra algebra;
  private final Optimizer optimizer;
  private final List<StateSlot> parameters = new ArrayList<>();
  private final List<StateSlot> states = new ArrayList<>();
  private final List<String> scalars;

  OptimizerParts(Draft draft, Optimizer optimizer) {
    this.algebra = new Algebra(draft);
    this.optimizer = optimizer;
    this.scalars = optimizer.scalars(1, 0).keySet().stream().sorted().toList();
    scalars.forEach(name -> draft.input(name, ElementType.FLOAT, Shape.SCALAR));
  }

  /** Names of the scalar inputs, sorted. */
  List<String> scalars() {
    return scalars;
  }

  /** Slots of the parameters, then of what the optimizer remembers. */
  List<StateSlot> slots() {
    List<StateSlot> all = new ArrayList<>(parameters);
    all.addAll(states);
    return all;
  }

  /** Updates one parameter, which is an input of the draft. */
  void update(String parameter, String gradient, Tensor initial) {
    algebra.draft().scope("update/" + parameter);
    Update update = new Update(algebra, parameter, gradient);
    String output = "next/" + parameter;
    algebra.draft().alias(UpdateRules.next(optimizer, update), output);
    parameters.add(new StateSlot(StateSlot.Kind.PARAMETER, parameter, parameter, output, initial));
    states.addAll(update.states());
  }
}

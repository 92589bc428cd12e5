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
    String next =
        switch (optimizer) {
          case Sgd sgd -> sgd(sgd, parameter, gradient);
          case Adam adam -> {
            String decayed = decayed(parameter, gradient, adam.weightDecay());
            yield algebra.sub(parameter, adamStep(parameter, decayed, adam.beta1(), adam.beta2()));
          }
          case AdamW adam -> {
            String kept =
                adam.weightDecay() == 0
                    ? parameter
                    : algebra.node("Mul", parameter, Settings.DECAY);
            yield algebra.sub(kept, adamStep(parameter, gradient, adam.beta1(), adam.beta2()));
          }
        };
    String output = "next/" + parameter;
    algebra.draft().alias(next, output);
    parameters.add(new StateSlot(StateSlot.Kind.PARAMETER, parameter, parameter, output, initial));
  }

  private String sgd(Sgd sgd, String parameter, String gradient) {
    String direction = decayed(parameter, gradient, sgd.weightDecay());
    if (sgd.momentum() > 0) {
      String buffer = state("momentum", parameter);
      String moved = algebra.add(algebra.mul(buffer, sgd.momentum()), direction);
      replace("momentum", parameter, moved);
      direction =
          sgd.nesterov() ? algebra.add(direction, algebra.mul(moved, sgd.momentum())) : moved;
    }
    return algebra.sub(parameter, algebra.node("Mul", direction, Settings.LEARNING_RATE));
  }

  private String decayed(String parameter, String gradient, double decay) {
    return decay == 0 ? gradient : algebra.add(gradient, algebra.mul(parameter, decay));
  }

  /** {@code s·m' / (√v' + ε')}, with the bias corrections inside the scalars s and ε'. */
  private String adamStep(String parameter, String gradient, double beta1, double beta2) {
    String m = state("adam_m", parameter);
    String v = state("adam_v", parameter);
    String first = algebra.add(algebra.mul(m, beta1), algebra.mul(gradient, 1 - beta1));
    String square = algebra.mul(algebra.square(gradient), 1 - beta2);
    String second = algebra.add(algebra.mul(v, beta2), square);
    replace("adam_m", parameter, first);
    replace("adam_v", parameter, second);
    String scale = algebra.node("Add", algebra.node("Sqrt", second), Settings.STEP_EPSILON);
    return algebra.node("Mul", algebra.div(first, scale), Settings.STEP_SIZE);
  }

  private String state(String kind, String parameter) {
    var fact = algebra.draft().fact(parameter);
    return algebra.draft().input(kind + "/" + parameter, fact.element(), fact.shape());
  }

  private void replace(String kind, String parameter, String value) {
    String input = kind + "/" + parameter;
    String output = "next/" + input;
    algebra.draft().alias(value, output);
    var fact = algebra.draft().fact(parameter);
    Tensor zeros = Tensor.zeros(fact.element(), fact.shape().sizes());
    states.add(new StateSlot(StateSlot.Kind.OPTIMIZER, parameter, input, output, zeros));
  }
}

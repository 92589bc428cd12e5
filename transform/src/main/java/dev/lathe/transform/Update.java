package dev.lathe.transform;

import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.Algebra;
import dev.lathe.transform.gradient.Draft;
import dev.lathe.transform.shape.Fact;
import java.util.ArrayList;
import java.util.List;

/** One parameter on its way to its next value: what a rule reads, and what it leaves behind. */
final class Update {
  private final Algebra algebra;
  private final String parameter;
  private final String gradient;
  private final ParameterGroup group;
  private final List<StateSlot> states = new ArrayList<>();

  Update(Algebra algebra, String parameter, String gradient, ParameterGroup group) {
    this.algebra = algebra;
    this.parameter = parameter;
    this.gradient = gradient;
    this.group = group;
  }

  Algebra algebra() {
    return algebra;
  }

  /** The parameter, an input of the draft. */
  String parameter() {
    return parameter;
  }

  /** The loss's gradient by it. */
  String gradient() {
    return gradient;
  }

  /** A scalar that is proportional to the learning rate, as the parameter's group has it. */
  String rate(String scalar) {
    return algebra.mul(scalar, group.rate());
  }

  /** The weight decay as the parameter's group has it. */
  double decay(double common) {
    return common * group.decay();
  }

  /** {@code 1 - η·λ} as the parameter's group has it. */
  String kept() {
    double factor = group.rate() * group.decay();
    if (factor == 1) {
      return Settings.DECAY;
    }
    return algebra.sub(1, algebra.mul(algebra.sub(1, Settings.DECAY), factor));
  }

  /** Sizes of the parameter. */
  long[] sizes() {
    return algebra.draft().shape(parameter).sizes();
  }

  /** What the optimizer remembers of the parameter under a name: zeros of its shape at first. */
  String state(String kind) {
    return state(kind, Tensor.zeros(algebra.draft().fact(parameter).element(), sizes()));
  }

  /** What the optimizer remembers of the parameter under a name, with its first value. */
  String state(String kind, Tensor initial) {
    Draft draft = algebra.draft();
    Fact first = Fact.of(initial);
    String input = draft.input(kind + "/" + parameter, first.element(), first.shape());
    states.add(new StateSlot(StateSlot.Kind.OPTIMIZER, parameter, input, "next/" + input, initial));
    return input;
  }

  /** Says what comes after a state; the name of its next value. */
  String replace(String state, String value) {
    algebra.draft().alias(value, "next/" + state);
    return "next/" + state;
  }

  /** Slots of the states asked for. */
  List<StateSlot> states() {
    return states;
  }
}

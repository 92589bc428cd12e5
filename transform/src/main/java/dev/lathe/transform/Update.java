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
  private final List<StateSlot> states = new ArrayList<>();

  Update(Algebra algebra, String parameter, String gradient) {
    this.algebra = algebra;
    this.parameter = parameter;
    this.gradient = gradient;
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

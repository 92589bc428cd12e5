package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The inputs and outputs of a stateful model that its callers do not see, and how to fill them. */
final class SequenceInputs {
  private final SequencePolicy policy;
  private final Map<String, ValueType.TensorType> types = new HashMap<>();
  private final Set<String> hiddenInputs = new HashSet<>();
  private final Set<String> hiddenOutputs;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;

  /**
   * Holds a policy against a model's signature.
   *
   * @throws LatheException BAD_OPTION if the model has no such inputs or outputs
   */
  SequenceInputs(SequencePolicy policy, List<ValueInfo> inputs, List<ValueInfo> outputs) {
    this.policy = policy;
    inputs.forEach(input -> types.put(input.name(), input.tensorType()));
    Map<String, ValueType.TensorType> given =
        outputs.stream().collect(Collectors.toMap(ValueInfo::name, ValueInfo::tensorType));
    for (SequencePolicy.State state : policy.state()) {
      hide(state.input(), false);
      ValueType.TensorType from = given.get(state.output());
      if (from == null) {
        throw bad(
            "output \"" + state.output() + "\": the model has none (expected: " + given.keySet());
      }
      if (from.element() != types.get(state.input()).element()) {
        throw bad(
            "output \""
                + state.output()
                + "\": "
                + from.element()
                + " (expected: "
                + types.get(state.input()).element()
                + ", as input \""
                + state.input()
                + "\"");
      }
    }
    SequencePolicy.Controls controls = policy.controls();
    List.of(controls.start(), controls.end(), controls.ready())
        .forEach(control -> control.ifPresent(name -> hide(name, false)));
    controls.id().ifPresent(name -> hide(name, true));
    this.hiddenOutputs =
        policy.state().stream().map(SequencePolicy.State::output).collect(Collectors.toSet());
    this.inputs = inputs.stream().filter(i -> !hiddenInputs.contains(i.name())).toList();
    this.outputs = outputs.stream().filter(o -> !hiddenOutputs.contains(o.name())).toList();
  }

  private void hide(String input, boolean text) {
    ValueType.TensorType type = types.get(input);
    if (type == null) {
      throw bad("input \"" + input + "\": the model has none (expected: " + types.keySet());
    }
    if (type.element() == ElementType.STRING && !text) {
      throw bad("input \"" + input + "\": STRING (expected: numbers");
    }
    if (!type.shape().ranked() || !type.shape().dims().stream().skip(1).allMatch(Dim::isFixed)) {
      throw bad(
          "input \"" + input + "\": " + type + " (expected: fixed sizes after the first axis");
    }
    hiddenInputs.add(input);
  }

  /** What callers give. */
  List<ValueInfo> inputs() {
    return inputs;
  }

  /** What callers get. */
  List<ValueInfo> outputs() {
    return outputs;
  }

  /**
   * All inputs of one request.
   *
   * @param request what the caller gave
   * @param state what the sequence kept; empty at its first request
   */
  Map<String, Tensor> complete(InferRequest request, Map<String, Tensor> state) {
    Map<String, Tensor> all = new LinkedHashMap<>(request.inputs());
    for (String name : request.inputs().keySet()) {
      if (hiddenInputs.contains(name)) {
        throw new LatheException(
            ServeError.BAD_INPUT, "input \"" + name + "\": is filled by the server");
      }
    }
    long rows =
        request.inputs().values().stream()
            .filter(tensor -> tensor.rank() > 0)
            .mapToLong(tensor -> tensor.dim(0))
            .findFirst()
            .orElse(1);
    for (SequencePolicy.State kept : policy.state()) {
      Tensor before = state.get(kept.output());
      all.put(kept.input(), before == null ? filled(kept.input(), rows, 0) : before);
    }
    SequenceStep step = request.options().sequence();
    SequencePolicy.Controls controls = policy.controls();
    put(all, controls.start(), rows, step.start() ? 1 : 0);
    put(all, controls.end(), rows, step.end() ? 1 : 0);
    put(all, controls.ready(), rows, 1);
    controls.id().ifPresent(name -> all.put(name, identity(name, rows, step.id())));
    return all;
  }

  private void put(Map<String, Tensor> all, Optional<String> name, long rows, long value) {
    name.ifPresent(input -> all.put(input, filled(input, rows, value)));
  }

  /** The outputs to compute: what the caller wants, and the state. Empty if it wants all. */
  Set<String> wanted(Set<String> asked) {
    if (asked.isEmpty()) {
      return Set.of();
    }
    Set<String> wanted = new HashSet<>(asked);
    wanted.addAll(hiddenOutputs);
    return wanted;
  }

  /** What the next request needs of a run's outputs, in memory of its own. */
  Map<String, Tensor> kept(Map<String, Tensor> outputs) {
    Map<String, Tensor> state = new HashMap<>();
    hiddenOutputs.forEach(name -> state.put(name, Rows.copy(outputs.get(name))));
    return state;
  }

  /** What the caller sees of a run's outputs. */
  Map<String, Tensor> shown(Map<String, Tensor> outputs, Set<String> asked) {
    Map<String, Tensor> shown = new LinkedHashMap<>(outputs);
    shown.keySet().removeIf(name -> hiddenOutputs.contains(name) && !asked.contains(name));
    return shown;
  }

  private Tensor identity(String name, long rows, SequenceStep.Id id) {
    ElementType type = types.get(name).element();
    if (type == ElementType.STRING) {
      long[] dims = dims(name, rows);
      int size = Math.toIntExact(Tensor.sizeOf(dims));
      return Tensor.ofStrings(Collections.nCopies(size, id.toString()), dims);
    }
    return switch (id) {
      case SequenceStep.Id.Numbered(long value) -> filled(name, rows, value);
      case SequenceStep.Id.Named(String text) ->
          throw new LatheException(
              ServeError.BAD_INPUT,
              "sequence \""
                  + text
                  + "\" (expected: a number, as the model's input \""
                  + name
                  + "\" takes)");
    };
  }

  private Tensor filled(String name, long rows, long value) {
    ElementType type = types.get(name).element();
    long[] dims = dims(name, rows);
    int size = Math.toIntExact(Tensor.sizeOf(dims));
    if (type == ElementType.INT64 && value != 0) {
      long[] values = new long[size];
      Arrays.fill(values, value);
      return Tensor.ofLongs(values, dims);
    }
    if (value == 0) {
      return Tensor.zeros(type, dims);
    }
    double[] values = new double[size];
    Arrays.fill(values, value);
    return Tensor.ofValues(type, values, dims);
  }

  private long[] dims(String name, long rows) {
    List<Dim> dims = types.get(name).shape().dims();
    List<Long> sizes = new ArrayList<>();
    for (Dim dim : dims) {
      sizes.add(dim.isFixed() ? dim.sizeOrMinusOne() : rows);
    }
    return sizes.stream().mapToLong(size -> size).toArray();
  }

  private static LatheException bad(String message) {
    return new LatheException(ServeError.BAD_OPTION, "sequence: " + message + ")");
  }
}

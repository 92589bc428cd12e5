package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model's signature says about requests: whether one is valid, how many rows it has, and
 * whether two may share a run.
 *
 * <p>Requests may share a run if every input and every output has the same named dimension as its
 * first axis. A first axis that is unknown but has no name is not trusted to be a batch.
 */
final class InputCheck {
  private final Map<String, ValueType.TensorType> inputs;
  private final Set<String> outputs;
  private final boolean joinable;
  private final boolean tellsSize;

  /** Axes after the first, of all inputs; 0 if their sizes are all fixed or nothing joins. */
  private final int freeAxes;

  InputCheck(List<ValueInfo> inputs, List<ValueInfo> outputs) {
    Map<String, ValueType.TensorType> types = new HashMap<>();
    inputs.forEach(input -> types.put(input.name(), input.tensorType()));
    this.inputs = Map.copyOf(types);
    this.outputs = Set.copyOf(outputs.stream().map(ValueInfo::name).toList());
    this.joinable = !inputs.isEmpty() && !outputs.isEmpty() && haveOneBatch(inputs, outputs);
    this.tellsSize = joinable || inputs.stream().allMatch(InputCheck::isFixed);
    this.freeAxes = joinable ? freeAxes(inputs) : 0;
  }

  boolean joinable() {
    return joinable;
  }

  /** Whether rows and row shape tell how large a request is. */
  boolean tellsSize() {
    return tellsSize;
  }

  /**
   * Refuses a request that the model cannot answer.
   *
   * @return rows along the batch axis; 0 if requests are not joinable
   * @throws LatheException BAD_INPUT or UNKNOWN_OUTPUT, naming what was found and expected
   */
  long rows(InferRequest request) {
    Map<String, Tensor> given = request.inputs();
    for (String name : inputs.keySet()) {
      if (!given.containsKey(name)) {
        throw bad("input \"" + name + "\": missing (given: " + given.keySet() + ")");
      }
    }
    Map<String, Long> symbols = new HashMap<>();
    given.forEach((name, tensor) -> check(name, tensor, symbols));
    for (String output : request.outputs()) {
      if (!outputs.contains(output)) {
        throw new LatheException(
            ServeError.UNKNOWN_OUTPUT,
            "output \""
                + output
                + "\": the model has none of that name (expected: "
                + outputs
                + ")");
      }
    }
    return joinable ? given.values().iterator().next().dim(0) : 0;
  }

  /** What a valid request must have in common with others to share a run with them. */
  RowShape shape(InferRequest request) {
    if (freeAxes == 0) {
      return RowShape.FIXED;
    }
    long[] sizes = new long[freeAxes];
    int next = 0;
    for (Map.Entry<String, ValueType.TensorType> input : inputs.entrySet()) {
      Tensor tensor = request.inputs().get(input.getKey());
      for (int axis = 1; axis < input.getValue().shape().rank(); axis++) {
        sizes[next] = tensor.dim(axis);
        next++;
      }
    }
    return new RowShape(sizes);
  }

  private void check(String name, Tensor tensor, Map<String, Long> symbols) {
    ValueType.TensorType type = inputs.get(name);
    if (type == null) {
      throw bad(
          "input \""
              + name
              + "\": the model has none of that name (expected: "
              + inputs.keySet()
              + ")");
    }
    if (type.element() != tensor.type()) {
      throw bad(
          "input \"" + name + "\": type " + tensor.type() + " (expected: " + type.element() + ")");
    }
    long[] dims = tensor.dims();
    if (!type.shape().accepts(dims)) {
      throw bad(
          "input \""
              + name
              + "\": shape "
              + Arrays.toString(dims)
              + " (expected: "
              + wire(type.shape())
              + ")");
    }
    for (int axis = 0; axis < type.shape().rank(); axis++) {
      if (type.shape().dim(axis) instanceof Dim.Symbol symbol) {
        Long before = symbols.putIfAbsent(symbol.name(), dims[axis]);
        if (before != null && before != dims[axis]) {
          throw bad(
              "input \""
                  + name
                  + "\": dimension "
                  + symbol
                  + " is "
                  + dims[axis]
                  + " (expected: "
                  + before
                  + ", as in another input)");
        }
      }
    }
  }

  private static boolean haveOneBatch(List<ValueInfo> inputs, List<ValueInfo> outputs) {
    Dim batch = firstDim(inputs.getFirst());
    return batch instanceof Dim.Symbol
        && inputs.stream().allMatch(value -> firstDim(value).equals(batch))
        && outputs.stream().allMatch(value -> firstDim(value).equals(batch));
  }

  private static boolean isFixed(ValueInfo input) {
    return input.tensorType().shape().dims().stream().allMatch(Dim.Fixed.class::isInstance);
  }

  private static Dim firstDim(ValueInfo value) {
    return value.type() instanceof ValueType.TensorType(var element, Shape shape)
            && shape.rank() > 0
        ? shape.dim(0)
        : Dim.UNKNOWN;
  }

  private static int freeAxes(List<ValueInfo> inputs) {
    boolean fixed =
        inputs.stream()
            .allMatch(
                value -> value.tensorType().shape().dims().stream().skip(1).allMatch(Dim::isFixed));
    return fixed ? 0 : inputs.stream().mapToInt(v -> v.tensorType().shape().rank() - 1).sum();
  }

  private static String wire(Shape shape) {
    return shape.ranked() ? Arrays.toString(shape.sizes()) : "[...]";
  }

  private static LatheException bad(String message) {
    return new LatheException(ServeError.BAD_INPUT, message);
  }
}

package dev.lathe.runtime;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.runtime.interpreter.Array;
import dev.lathe.runtime.interpreter.Call;
import dev.lathe.runtime.interpreter.Kernels;
import dev.lathe.runtime.interpreter.Scanning;
import dev.lathe.runtime.interpreter.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The slow, readable reference: runs graphs in double precision, one node after the other, and is
 * the oracle of gradient rules, rewrites and kernels.
 *
 * <p>Floating values, of whatever type, are computed as doubles and never rounded on the way, but
 * for casts to types narrower than FLOAT. Integers are exact and wrap as their type does. Values
 * larger than a share of the heap are refused. Control flow but for Scan, sequences, functions of
 * the model's own and operators of other domains are not implemented.
 */
public final class Interpreter {
  private static final long MOST_ALIVE = 4 * Sizes.MOST_ELEMENTS;

  private Interpreter() {}

  /**
   * Runs a model.
   *
   * @param model the model
   * @param inputs a tensor for every input that is no initializer; a tensor for an initializer
   *     replaces it. Where a floating type is declared, DOUBLE is accepted, too, so that a
   *     difference quotient can step finely
   * @return outputs by name in the model's order; floating ones as DOUBLE, others in their own type
   * @throws LatheException INVALID for inputs that do not fit, UNSUPPORTED for an unknown operator,
   *     EXHAUSTED for a value beyond the limit
   */
  public static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) {
    Graph graph = model.graph();
    Map<String, Array> values = new HashMap<>();
    graph.initializers().forEach((name, tensor) -> values.put(name, Array.of(tensor)));
    inputs.forEach((name, tensor) -> values.put(name, feed(graph, name, tensor)));
    for (ValueInfo input : graph.inputs()) {
      if (!values.containsKey(input.name())) {
        throw new LatheException(
            RuntimeError.UNKNOWN_INPUT,
            "input \"" + input.name() + "\": missing (expected: " + input.type() + ")");
      }
    }
    Map<String, Integer> lastUse = lastUse(graph);
    for (int i = 0; i < graph.nodes().size(); i++) {
      step(graph.nodes().get(i), values, model.opset());
      int now = i;
      values.keySet().removeIf(name -> lastUse.getOrDefault(name, -1) <= now);
      requireRoom(graph.nodes().get(i), values);
    }
    return results(graph, values);
  }

  /** All values alive at once may take no more than a few of the largest ones. */
  private static void requireRoom(Node node, Map<String, Array> values) {
    long alive = values.values().stream().mapToLong(Array::size).sum();
    if (alive > MOST_ALIVE) {
      throw new LatheException(
          RuntimeError.TOO_LARGE,
          node.describe() + ": " + alive + " elements alive (expected: <= " + MOST_ALIVE + ")");
    }
  }

  /** The node that reads a value last; outputs of the graph are read after all nodes. */
  private static Map<String, Integer> lastUse(Graph graph) {
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (String input : Scanning.reads(graph.nodes().get(i))) {
        last.put(input, i);
      }
    }
    graph.outputs().forEach(output -> last.put(output.name(), Integer.MAX_VALUE));
    return last;
  }

  private static void step(Node node, Map<String, Array> values, long opset) {
    List<Optional<Array>> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      if (!name.isEmpty() && !values.containsKey(name)) {
        throw new LatheException(
            RuntimeError.BAD_MODEL, node.describe() + ": input \"" + name + "\" is made nowhere");
      }
      inputs.add(Optional.ofNullable(values.get(name)));
    }
    List<Array> outputs = Kernels.evaluate(new Call(node, inputs, opset, values));
    for (int i = 0; i < node.outputs().size(); i++) {
      if (!node.output(i).isEmpty()) {
        values.put(node.output(i), outputs.get(i));
      }
    }
  }

  private static Map<String, Tensor> results(Graph graph, Map<String, Array> values) {
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (ValueInfo output : graph.outputs()) {
      Array value = values.get(output.name());
      if (value == null) {
        throw new LatheException(
            RuntimeError.BAD_MODEL, "output \"" + output.name() + "\" is made nowhere");
      }
      results.put(output.name(), value.toTensor(ElementType.DOUBLE));
    }
    return results;
  }

  private static Array feed(Graph graph, String name, Tensor tensor) {
    if (graph.input(name).isEmpty() && !graph.initializers().containsKey(name)) {
      throw new LatheException(
          RuntimeError.UNKNOWN_INPUT,
          "input \""
              + name
              + "\": unknown (expected: "
              + graph.inputs().stream().map(ValueInfo::name).toList()
              + ")");
    }
    ValueType declared =
        graph
            .input(name)
            .map(ValueInfo::type)
            .orElseGet(() -> graph.initializers().get(name).tensorType());
    if (!(declared instanceof ValueType.TensorType(ElementType element, Shape shape))) {
      throw new LatheException(
          RuntimeError.UNSUPPORTED,
          "input \"" + name + "\": " + declared + " (expected: a tensor)");
    }
    boolean finer = tensor.type() == ElementType.DOUBLE && element.isFloating();
    if (tensor.type() != element && !finer) {
      throw new LatheException(
          RuntimeError.WRONG_TYPE,
          "input \"" + name + "\": " + tensor.type() + " (expected: " + element + ")");
    }
    if (!shape.accepts(tensor.dims())) {
      throw new LatheException(
          RuntimeError.WRONG_SHAPE,
          "input \""
              + name
              + "\": shape "
              + Arrays.toString(tensor.dims())
              + " (expected: "
              + shape
              + ")");
    }
    return finer
        ? new Array.Reals(element, Array.of(tensor).dims(), tensor.toDoubles())
        : Array.of(tensor);
  }

  /**
   * Runs one node, for constant folding.
   *
   * @param node the node
   * @param inputs a tensor for each input that the node names, in order, none for omitted ones
   * @param opset the version of {@code ai.onnx} that the node is written in
   * @return a tensor for each output that the node lists, in order, in the element type that the
   *     operator gives it: floating values are computed as doubles and rounded once, integers exact
   * @throws LatheException UNSUPPORTED for an operator that the interpreter does not have, INVALID
   *     for inputs that do not fit it, EXHAUSTED for a value beyond the limit
   */
  public static List<Tensor> evaluate(Node node, List<Tensor> inputs, long opset) {
    long named = node.inputs().stream().filter(name -> !name.isEmpty()).count();
    if (named != inputs.size()) {
      throw new LatheException(
          RuntimeError.UNKNOWN_INPUT,
          node.describe() + ": " + inputs.size() + " inputs (expected: " + named + ")");
    }
    List<Optional<Array>> opened = new ArrayList<>();
    int next = 0;
    for (String name : node.inputs()) {
      opened.add(name.isEmpty() ? Optional.empty() : Optional.of(Array.of(inputs.get(next++))));
    }
    return Kernels.evaluate(new Call(node, opened, opset, Map.of())).stream()
        .limit(node.outputs().size())
        .map(Array::toTensor)
        .toList();
  }
}

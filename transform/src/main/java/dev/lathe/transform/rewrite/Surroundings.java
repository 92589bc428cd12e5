package dev.lathe.transform.rewrite;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.transform.InferShapes;
import dev.lathe.transform.TypedModel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a rule may know of the graph around a node. */
public final class Surroundings {
  private final TypedModel typed;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private final Set<String> outputs = new HashSet<>();

  private Surroundings(Model model) {
    typed = InferShapes.apply(model);
    for (Node node : model.graph().nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      node.inputs().forEach(input -> readers.merge(input, 1, Integer::sum));
    }
    model.graph().outputs().stream().map(ValueInfo::name).forEach(outputs::add);
  }

  static Surroundings of(Model model) {
    return new Surroundings(model);
  }

  /**
   * The node that makes a value.
   *
   * @param value the value
   * @return the node, if one does
   */
  public Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  /**
   * Whether a value has one reader alone, so that a change of it touches nothing else.
   *
   * @param value the value
   * @return false if the graph gives it to its caller, too
   */
  public boolean hasOneReader(String value) {
    return readers.getOrDefault(value, 0) == 1 && !isOutput(value);
  }

  /**
   * The data of a value that is constant.
   *
   * @param value the value
   * @return its data, if it is an initializer that no caller can replace
   */
  public Optional<Tensor> constant(String value) {
    Graph graph = typed.model().graph();
    return Optional.ofNullable(graph.initializers().get(value))
        .filter(_ -> graph.input(value).isEmpty());
  }

  /**
   * The type of a value.
   *
   * @param value the value
   * @return its type
   */
  public ValueType type(String value) {
    return typed.type(value);
  }

  /**
   * Whether two values are known to have one shape.
   *
   * @param left a value
   * @param right another
   * @return true if every size is known, by number or by symbol, and equal
   */
  public boolean sameShape(String left, String right) {
    return type(left) instanceof ValueType.TensorType(var _, Shape a)
        && type(right) instanceof ValueType.TensorType(var _, Shape b)
        && a.ranked()
        && b.ranked()
        && a.dims().equals(b.dims())
        && !a.dims().contains(dev.lathe.ir.Dim.UNKNOWN);
  }

  /** Whether the graph gives a value to its caller, by that name. */
  boolean isOutput(String value) {
    return outputs.contains(value);
  }
}

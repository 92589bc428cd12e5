package dev.lathe.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A graph: nodes in topological order over named values.
 *
 * @param name the graph's name
 * @param nodes nodes, each after those that make its inputs
 * @param inputs what a caller must give (and, in old files, initializers that a caller may replace)
 * @param outputs what a caller gets
 * @param initializers constant values by name
 * @param sparseInitializers constant sparse values by name
 * @param values types of inner values, as far as known
 * @param notes what is said about it
 */
public record Graph(
    String name,
    List<Node> nodes,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    Map<String, Tensor> initializers,
    Map<String, SparseTensor> sparseInitializers,
    List<ValueInfo> values,
    Notes notes) {
  /** Copies its collections, keeping their order. */
  public Graph {
    nodes = List.copyOf(nodes);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
    sparseInitializers = Collections.unmodifiableMap(new LinkedHashMap<>(sparseInitializers));
    values = List.copyOf(values);
  }

  /**
   * This graph with other nodes.
   *
   * @param newNodes nodes in topological order
   * @return a new graph
   */
  public Graph withNodes(List<Node> newNodes) {
    return new Graph(
        name, newNodes, inputs, outputs, initializers, sparseInitializers, values, notes);
  }

  /**
   * This graph with other initializers.
   *
   * @param newInitializers constants by name
   * @return a new graph
   */
  public Graph withInitializers(Map<String, Tensor> newInitializers) {
    return new Graph(
        name, nodes, inputs, outputs, newInitializers, sparseInitializers, values, notes);
  }

  /**
   * This graph with other inputs.
   *
   * @param newInputs inputs in order
   * @return a new graph
   */
  public Graph withInputs(List<ValueInfo> newInputs) {
    return new Graph(
        name, nodes, newInputs, outputs, initializers, sparseInitializers, values, notes);
  }

  /**
   * This graph with other outputs.
   *
   * @param newOutputs outputs in order
   * @return a new graph
   */
  public Graph withOutputs(List<ValueInfo> newOutputs) {
    return new Graph(
        name, nodes, inputs, newOutputs, initializers, sparseInitializers, values, notes);
  }

  /**
   * This graph with other types of inner values.
   *
   * @param newValues types of inner values
   * @return a new graph
   */
  public Graph withValues(List<ValueInfo> newValues) {
    return new Graph(
        name, nodes, inputs, outputs, initializers, sparseInitializers, newValues, notes);
  }

  /**
   * The inputs that a caller must give: those without an initializer.
   *
   * @return inputs in order
   */
  public List<ValueInfo> requiredInputs() {
    return inputs.stream().filter(input -> !initializers.containsKey(input.name())).toList();
  }

  /**
   * An input by name.
   *
   * @param inputName its name
   * @return the input, if there is one
   */
  public Optional<ValueInfo> input(String inputName) {
    return inputs.stream().filter(input -> input.name().equals(inputName)).findFirst();
  }

  /**
   * An output by name.
   *
   * @param outputName its name
   * @return the output, if there is one
   */
  public Optional<ValueInfo> output(String outputName) {
    return outputs.stream().filter(output -> output.name().equals(outputName)).findFirst();
  }
}

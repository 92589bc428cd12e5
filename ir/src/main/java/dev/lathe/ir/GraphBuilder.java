package dev.lathe.ir;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds a graph node by node, in topological order, with names that never collide. Not safe for
 * use by several threads.
 */
public final class GraphBuilder {
  private final String name;
  private final List<Node> nodes = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final List<ValueInfo> values = new ArrayList<>();
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final Map<String, SparseTensor> sparseInitializers = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> counters = new LinkedHashMap<>();
  private Notes notes = Notes.NONE;

  /**
   * An empty graph.
   *
   * @param name the graph's name
   */
  public GraphBuilder(String name) {
    this.name = name;
  }

  /**
   * Starts from an existing graph; all its names are taken.
   *
   * @param graph the graph
   * @return a builder that holds its parts
   */
  public static GraphBuilder from(Graph graph) {
    GraphBuilder builder = new GraphBuilder(graph.name());
    builder.notes = graph.notes();
    graph.inputs().forEach(input -> builder.taken.add(input.name()));
    builder.inputs.addAll(graph.inputs());
    builder.outputs.addAll(graph.outputs());
    builder.values.addAll(graph.values());
    graph.values().forEach(value -> builder.taken.add(value.name()));
    graph.initializers().forEach(builder::put);
    builder.sparseInitializers.putAll(graph.sparseInitializers());
    builder.taken.addAll(graph.sparseInitializers().keySet());
    graph.nodes().forEach(builder::append);
    return builder;
  }

  /**
   * A name that nothing in this graph has yet; it is taken from now on.
   *
   * @param prefix what the name starts with
   * @return the prefix itself if it is free, else the prefix with a number
   */
  public String fresh(String prefix) {
    if (taken.add(prefix)) {
      return prefix;
    }
    while (true) {
      String candidate = prefix + "_" + counters.merge(prefix, 1, Integer::sum);
      if (taken.add(candidate)) {
        return candidate;
      }
    }
  }

  /**
   * Adds an input.
   *
   * @param inputName its name, which must be free
   * @param element its element type
   * @param shape its shape
   * @return the name
   */
  public String input(String inputName, ElementType element, Shape shape) {
    claim(inputName);
    inputs.add(ValueInfo.tensor(inputName, element, shape));
    return inputName;
  }

  /**
   * Names an existing value as an output.
   *
   * @param outputName the value
   * @param element its element type
   * @param shape its shape
   * @return the name
   */
  public String output(String outputName, ElementType element, Shape shape) {
    outputs.add(ValueInfo.tensor(outputName, element, shape));
    return outputName;
  }

  /** Forgets the outputs named so far. */
  public void clearOutputs() {
    outputs.clear();
  }

  /**
   * Adds a constant.
   *
   * @param prefix its name, or what its name starts with if that is taken
   * @param tensor its data, by reference
   * @return the name given
   */
  public String initializer(String prefix, Tensor tensor) {
    String given = fresh(prefix);
    initializers.put(given, tensor);
    return given;
  }

  /**
   * Adds a node of ONNX's own domain with one output.
   *
   * @param op the operator
   * @param nodeInputs names of its inputs
   * @return the name of its output
   */
  public String add(String op, String... nodeInputs) {
    return add(op, Map.of(), nodeInputs);
  }

  /**
   * Adds a node of ONNX's own domain with attributes and one output.
   *
   * @param op the operator
   * @param attributes its attributes
   * @param nodeInputs names of its inputs
   * @return the name of its output
   */
  public String add(String op, Map<String, Attribute> attributes, String... nodeInputs) {
    String output = fresh(op.toLowerCase(java.util.Locale.ROOT));
    append(Node.of(op, List.of(nodeInputs), List.of(output)).withAttributes(attributes));
    return output;
  }

  /**
   * Appends a node as it is; its outputs are taken from now on.
   *
   * @param node a node whose inputs exist already
   */
  public void append(Node node) {
    nodes.add(node);
    taken.addAll(node.outputs());
  }

  /**
   * Tells the type of an inner value.
   *
   * @param value the value with its type
   */
  public void value(ValueInfo value) {
    values.add(value);
  }

  /**
   * Sets the graph's notes.
   *
   * @param newNotes the notes
   */
  public void notes(Notes newNotes) {
    notes = newNotes;
  }

  /**
   * The graph so far.
   *
   * @return an immutable graph
   */
  public Graph build() {
    return new Graph(name, nodes, inputs, outputs, initializers, sparseInitializers, values, notes);
  }

  private void put(String initializerName, Tensor tensor) {
    taken.add(initializerName);
    initializers.put(initializerName, tensor);
  }

  private void claim(String value) {
    if (!taken.add(value)) {
      throw new LatheException(IrError.BAD_NAME, "value \"" + value + "\" exists already");
    }
  }
}

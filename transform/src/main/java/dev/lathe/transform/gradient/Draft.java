package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Inference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A graph that grows node by node and knows the type of each of its values. Equal nodes are added
 * once; constants are shared. Not safe for use by several threads.
 */
public final class Draft {
  private record Key(String op, Map<String, Attribute> attributes, List<String> inputs) {}

  private record Constant(String name, Tensor tensor) {}

  private final Model model;
  private final GraphBuilder builder;
  private final Inference inference;
  private Map<Key, List<String>> made = new HashMap<>();
  private List<Node> appended = new ArrayList<>();
  private final Map<String, List<Constant>> constants = new HashMap<>();
  private final Map<String, Double> numbers = new HashMap<>();
  private final Set<String> generated = new HashSet<>();
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, String> aliases = new LinkedHashMap<>();
  private String scope = "graph";

  private Draft(Model model) {
    this.model = model;
    Graph graph = model.graph();
    builder = GraphBuilder.from(graph.withNodes(List.of()).withValues(List.of()));
    graph.nodes().forEach(node -> node.outputs().forEach(builder::fresh));
    inference = Inference.start(model);
  }

  /**
   * A draft with a model's inputs, outputs and initializers, and none of its nodes yet; the names
   * of all its values are taken.
   *
   * @param model the model
   * @return the draft
   */
  public static Draft of(Model model) {
    return new Draft(model);
  }

  /**
   * Sets what the names of the next nodes begin with.
   *
   * @param newScope a path such as {@code grad/conv1}
   */
  public void scope(String newScope) {
    scope = newScope;
  }

  /**
   * What the names of the next nodes begin with.
   *
   * @return the path set last
   */
  public String scope() {
    return scope;
  }

  /**
   * A name for a value that nothing has yet.
   *
   * @return a name in the scope
   */
  public String fresh() {
    return builder.fresh(scope + "/saved");
  }

  /**
   * The node that makes a value.
   *
   * @param name a value of this draft
   * @return the node, unless the value is an input or a constant
   */
  Optional<Node> maker(String name) {
    return Optional.ofNullable(makers.get(name));
  }

  /**
   * What nodes make so far.
   *
   * @return names of values
   */
  public Set<String> values() {
    return Set.copyOf(makers.keySet());
  }

  /**
   * Knowledge of a body's values, which knows nothing yet.
   *
   * @return inference by the rules of this draft's operator sets
   */
  Inference inner() {
    return Inference.start(model.withGraph(new GraphBuilder("body").build()));
  }

  /**
   * Lets a body read a value, which keeps its name from now on.
   *
   * @param name a value of this draft
   * @return the name by which a body reads it
   */
  String capture(String name) {
    generated.remove(name);
    return aliases.getOrDefault(name, name);
  }

  /**
   * The version of ONNX's operators that nodes are written in.
   *
   * @return the version
   */
  public long opset() {
    return model.opset();
  }

  /**
   * Appends a node as it is.
   *
   * @param node a node whose inputs exist
   */
  public void append(Node node) {
    inference.add(node);
    builder.append(node);
    node.outputs().forEach(output -> makers.put(output, node));
    appended.add(node);
  }

  /**
   * The nodes that some work adds. None of them is shared with nodes from before, so that all that
   * the work makes is among them; later nodes may share them.
   *
   * @param work adds nodes
   * @return what it added, in order
   */
  public List<Node> apart(Runnable work) {
    Map<Key, List<String>> before = made;
    List<Node> earlier = appended;
    made = new HashMap<>();
    appended = new ArrayList<>();
    work.run();
    List<Node> added = appended;
    made.forEach(before::putIfAbsent);
    made = before;
    earlier.addAll(added);
    appended = earlier;
    return added;
  }

  /**
   * Adds an input.
   *
   * @param name its name, which must be free
   * @param element element type
   * @param shape shape
   * @return the name
   * @throws LatheException BAD_NAME if the graph has a value of that name
   */
  public String input(String name, ElementType element, Shape shape) {
    builder.input(name, element, shape);
    inference.put(name, Fact.of(element, shape));
    return name;
  }

  /**
   * Adds a node with one output.
   *
   * @param op the operator
   * @param inputs names of its inputs; trailing empty ones are dropped
   * @return the name of its output
   */
  public String node(String op, String... inputs) {
    return node(op, Map.of(), inputs);
  }

  /**
   * Adds a node with attributes and one output.
   *
   * @param op the operator
   * @param attributes its attributes
   * @param inputs names of its inputs
   * @return the name of its output
   */
  public String node(String op, Map<String, Attribute> attributes, String... inputs) {
    return nodes(op, attributes, 1, inputs).getFirst();
  }

  /**
   * Adds a node with several outputs.
   *
   * @param op the operator
   * @param attributes its attributes
   * @param count the number of outputs
   * @param inputs names of its inputs
   * @return the names of its outputs
   */
  public List<String> nodes(
      String op, Map<String, Attribute> attributes, int count, String... inputs) {
    List<String> given = new ArrayList<>(Arrays.asList(inputs));
    while (!given.isEmpty() && given.getLast().isEmpty()) {
      given.removeLast();
    }
    Key key = new Key(op, Map.copyOf(attributes), List.copyOf(given));
    List<String> known = made.get(key);
    if (known != null && known.size() == count) {
      return known;
    }
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outputs.add(builder.fresh(scope + "/" + op.toLowerCase(Locale.ROOT)));
    }
    Node node = Node.of(op, given, outputs).withAttributes(attributes);
    append(node.withName(outputs.getFirst()));
    made.put(key, outputs);
    generated.addAll(outputs);
    return outputs;
  }

  /**
   * What is known of a value.
   *
   * @param name the value
   * @return its type and content
   */
  public Fact fact(String name) {
    return inference.fact(name);
  }

  /**
   * The shape of a value.
   *
   * @param name the value
   * @return its shape
   */
  public Shape shape(String name) {
    return fact(name).shape();
  }

  /**
   * A constant, by content shared with equal ones.
   *
   * @param label what its name says
   * @param tensor its value
   * @return its name
   */
  public String constant(String label, Tensor tensor) {
    List<Constant> alike = constants.computeIfAbsent(label, _ -> new ArrayList<>());
    for (Constant known : alike) {
      if (known.tensor().sameContent(tensor)) {
        return known.name();
      }
    }
    String name = builder.initializer("const/" + label, tensor);
    inference.put(name, Fact.of(tensor));
    alike.add(new Constant(name, tensor));
    return name;
  }

  /**
   * A scalar of the element type of another value.
   *
   * @param value its value
   * @param like the other value
   * @return its name
   */
  public String number(double value, String like) {
    ElementType type = fact(like).element();
    if (!type.isFixedWidth()) {
      type = ElementType.FLOAT;
    }
    String label =
        value == Math.rint(value) && Math.abs(value) < 1e6
            ? Long.toString((long) value)
            : Double.toString(value);
    String name = constant(label, Tensor.ofValues(type, new double[] {value}));
    numbers.put(name, value);
    return name;
  }

  /**
   * A vector of INT64.
   *
   * @param values its elements
   * @return its name
   */
  public String longs(long... values) {
    String label = Arrays.toString(values).replace(" ", "");
    return constant(label, Tensor.ofLongs(values, values.length));
  }

  /**
   * Whether a value is a scalar constant of a given value.
   *
   * @param name the value
   * @param value the number
   * @return true if so
   */
  public boolean is(String name, double value) {
    Double number = numbers.get(name);
    return number != null && number == value;
  }

  /**
   * The constant data of an initializer that no caller can replace.
   *
   * @param name the value
   * @return its data, if it is one
   */
  public Optional<Tensor> data(String name) {
    return Optional.ofNullable(model.graph().initializers().get(name))
        .filter(_ -> model.graph().input(name).isEmpty());
  }

  /**
   * Gives a value another name, by which it can be used from now on; it keeps the old one too until
   * the graph is built.
   *
   * @param value a value
   * @param name the name, which no node makes
   */
  public void alias(String value, String name) {
    boolean renameable = generated.contains(value) && !aliases.containsKey(value);
    if (renameable) {
      aliases.put(value, name);
      inference.put(name, inference.fact(value));
      makers.put(name, makers.get(value));
    } else {
      append(Node.of("Identity", List.of(value), List.of(name)).withName(name));
    }
  }

  /**
   * The model with the nodes so far.
   *
   * @param outputs names of its outputs
   * @return a model that imports what the first one did
   */
  public Model build(List<String> outputs) {
    Graph graph = builder.build();
    List<ValueInfo> typed = new ArrayList<>();
    for (String output : outputs) {
      typed.add(ValueInfo.of(aliases.getOrDefault(output, output), fact(output).type()));
    }
    List<Node> nodes = graph.nodes().stream().map(this::renamed).toList();
    return model.withGraph(graph.withNodes(nodes).withOutputs(typed));
  }

  private Node renamed(Node node) {
    boolean touched =
        node.inputs().stream().anyMatch(aliases::containsKey)
            || node.outputs().stream().anyMatch(aliases::containsKey);
    if (!touched) {
      return node;
    }
    boolean own = aliases.containsKey(node.name());
    return node.withInputs(node.inputs().stream().map(v -> aliases.getOrDefault(v, v)).toList())
        .withOutputs(node.outputs().stream().map(v -> aliases.getOrDefault(v, v)).toList())
        .withName(own ? aliases.get(node.name()) : node.name());
  }
}

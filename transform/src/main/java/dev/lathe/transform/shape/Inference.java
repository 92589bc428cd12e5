package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the values of one graph, node after node. Not safe for use by several threads.
 */
public final class Inference {
  private final Map<String, Long> opsets;
  private final Map<String, ValueType> declared = new HashMap<>();
  private final Map<String, Fact> facts = new LinkedHashMap<>();

  private Inference(Map<String, Long> opsets) {
    this.opsets = opsets;
  }

  /**
   * Starts from a model's inputs, initializers and declared types; its nodes are not looked at.
   *
   * @param model the model
   * @return what is known before the first node
   */
  public static Inference start(Model model) {
    Inference inference = new Inference(model.opsets());
    Graph graph = model.graph();
    graph.values().forEach(value -> inference.declared.put(value.name(), value.type()));
    graph.outputs().forEach(value -> inference.declared.put(value.name(), value.type()));
    graph.inputs().forEach(input -> inference.facts.put(input.name(), Fact.of(input.type())));
    graph
        .initializers()
        .forEach((name, tensor) -> inference.constant(name, graph, Fact.of(tensor)));
    graph.sparseInitializers().forEach((name, sparse) -> inference.facts.put(name, Fact.UNKNOWN));
    return inference;
  }

  private void constant(String name, Graph graph, Fact fact) {
    Optional<ValueInfo> input = graph.input(name);
    if (input.isPresent()) {
      // A caller may replace it: only what the input declares is sure, and it must agree.
      Fact merged = merge("initializer \"" + name + "\"", fact, input.get().type());
      facts.put(name, Fact.of(merged.element(), merged.shape()));
    } else {
      facts.put(name, fact);
    }
  }

  /**
   * States what is known of a value that no node makes.
   *
   * @param name the value
   * @param fact what is known
   */
  public void put(String name, Fact fact) {
    facts.put(name, fact);
  }

  /**
   * Takes in a node: works out its outputs.
   *
   * @param node the next node in topological order
   * @throws LatheException SHAPE_MISMATCH if the node contradicts its inputs, BAD_GRAPH if an input
   *     is not made yet
   */
  public void add(Node node) {
    ShapeCall call = new ShapeCall(node, inputs(node), opsets.getOrDefault(node.domain(), 1L));
    List<Fact> outputs =
        node.qualifiedOp().equals("Constant") ? List.of(ShapeRules.constant(node)) : infer(call);
    for (int i = 0; i < node.outputs().size(); i++) {
      String name = node.output(i);
      if (!name.isEmpty()) {
        Fact fact = i < outputs.size() ? outputs.get(i) : Fact.UNKNOWN;
        ValueType type = declared.getOrDefault(name, ValueType.UNKNOWN);
        facts.put(name, merge(node.describe() + ": output \"" + name + "\"", fact, type));
      }
    }
  }

  private List<Fact> inputs(Node node) {
    List<Fact> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      Fact fact = name.isEmpty() ? Fact.UNKNOWN : facts.get(name);
      if (fact == null) {
        throw new LatheException(
            TransformError.BAD_GRAPH,
            node.describe() + ": input \"" + name + "\" (expected: a value made before)");
      }
      inputs.add(fact);
    }
    return inputs;
  }

  private static List<Fact> infer(ShapeCall call) {
    Optional<ShapeRule> rule = ShapeRules.find(call.node());
    if (rule.isEmpty()) {
      return List.of();
    }
    boolean ranked = true;
    for (int i = 0; i < call.inputs().size(); i++) {
      ranked &= !call.has(i) || call.shape(i).ranked();
    }
    int count = call.node().outputs().size();
    List<Shape> shapes =
        ranked ? rule.get().shapes().of(call) : Collections.nCopies(count, Shape.UNRANKED);
    List<Fact> outputs = new ArrayList<>();
    for (int i = 0; i < Math.min(count, shapes.size()); i++) {
      ElementType element = rule.get().elements().of(call, i);
      Optional<List<Term>> content =
          i == 0 && ranked && (element == ElementType.INT64 || element == ElementType.INT32)
              ? rule.get().content().of(call)
              : Optional.empty();
      outputs.add(
          Fact.of(
              element, shapes.get(i), content.filter(terms -> terms.size() <= Fact.CONTENT_LIMIT)));
    }
    return outputs;
  }

  /** What was worked out, made more precise by what the graph declares. */
  private static Fact merge(String where, Fact fact, ValueType type) {
    Fact said = Fact.of(type);
    if (said.element() == ElementType.UNDEFINED) {
      return fact;
    }
    boolean known = fact.element() != ElementType.UNDEFINED;
    if (known && fact.element() != said.element()) {
      throw contradiction(where, fact, said);
    }
    if (!fact.shape().ranked() || !said.shape().ranked()) {
      Shape shape = fact.shape().ranked() ? fact.shape() : said.shape();
      return new Fact(said.element(), shape, fact.content(), fact.numbers());
    }
    if (fact.shape().rank() != said.shape().rank()) {
      throw contradiction(where, fact, said);
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < said.shape().rank(); i++) {
      dims.add(merge(where, fact, said, i));
    }
    return new Fact(said.element(), Shape.of(dims), fact.content(), fact.numbers());
  }

  private static Dim merge(String where, Fact fact, Fact said, int axis) {
    Dim found = fact.shape().dim(axis);
    Dim expected = said.shape().dim(axis);
    if (found.isFixed() && expected.isFixed() && !found.equals(expected)) {
      throw contradiction(where, fact, said);
    }
    return found.isFixed() || expected.equals(Dim.UNKNOWN)
        ? found
        : expected.isFixed() || found.equals(Dim.UNKNOWN) ? expected : found;
  }

  private static LatheException contradiction(String where, Fact found, Fact expected) {
    return new LatheException(
        TransformError.SHAPE_MISMATCH,
        where + ": " + found.type() + " (expected: " + expected.type() + ", as declared)");
  }

  /**
   * What is known of a value.
   *
   * @param name the value
   * @return the fact, {@link Fact#UNKNOWN} if there is no such value
   */
  public Fact fact(String name) {
    return facts.getOrDefault(name, Fact.UNKNOWN);
  }

  /**
   * All types known so far.
   *
   * @return types by value, in the order of the graph
   */
  public Map<String, ValueType> types() {
    Map<String, ValueType> types = new LinkedHashMap<>();
    facts.forEach((name, fact) -> types.put(name, fact.type()));
    return types;
  }
}

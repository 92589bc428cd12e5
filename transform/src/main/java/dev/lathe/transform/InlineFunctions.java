package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the bodies of a model's own functions in the place of the nodes that call them, in bodies of
 * control flow too, until none is called. The model is left with no functions.
 */
public final class InlineFunctions {
  /** Functions call functions at most this deep; a circle has no end. */
  private static final int DEEPEST = 64;

  private record Key(String domain, String name, String overload) {}

  private final Model model;
  private final Map<Key, Function> functions = new HashMap<>();
  private final FreshNames names;

  private InlineFunctions(Model model) {
    this.model = model;
    this.names = new FreshNames(model);
    for (Function function : model.functions()) {
      functions.put(new Key(function.domain(), function.name(), function.overload()), function);
    }
  }

  /**
   * Inlines.
   *
   * @param model the model
   * @return a model without functions, or the same object if it has none
   * @throws LatheException UNSUPPORTED_FORM if functions call each other in a circle, or are
   *     written in another version of {@code ai.onnx} than the model; BAD_GRAPH if a call does not
   *     fit
   */
  public static Model apply(Model model) {
    if (model.functions().isEmpty()) {
      return model;
    }
    Model inlined = new InlineFunctions(model).inline();
    return new Model(
        inlined.irVersion(),
        inlined.opsets(),
        inlined.producer(),
        inlined.domain(),
        inlined.version(),
        inlined.graph(),
        List.of(),
        inlined.notes());
  }

  private Model inline() {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>();
    graph.nodes().forEach(node -> add(node, nodes, 0));
    return model.withGraph(graph.withNodes(nodes));
  }

  private void add(Node node, List<Node> nodes, int depth) {
    Function function = functions.get(new Key(node.domain(), node.op(), node.overload()));
    if (function == null) {
      nodes.add(Bodies.map(node, body -> inlined(body, depth)));
      return;
    }
    require(node, function, depth);
    Map<String, String> renames = new HashMap<>();
    for (int i = 0; i < function.inputs().size(); i++) {
      renames.put(function.inputs().get(i), node.input(i));
    }
    for (int i = 0; i < function.outputs().size(); i++) {
      String output = node.output(i);
      String inner = function.outputs().get(i);
      renames.putIfAbsent(inner, output.isEmpty() ? fresh(node, inner) : output);
    }
    for (Node part : function.nodes()) {
      part.outputs().forEach(output -> renames.computeIfAbsent(output, o -> fresh(node, o)));
      Node bound = bound(part, new Scope(arguments(node, function), renames));
      String name = part.name().isEmpty() ? part.op() : part.name();
      add(bound.withName(label(node) + "/" + name), nodes, depth + 1);
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.output(i);
      String known = renames.get(function.outputs().get(i));
      if (!output.isEmpty() && !output.equals(known)) {
        // An input of the function that is its output, too, or a value that is two outputs.
        nodes.add(Node.of("Identity", List.of(known), List.of(output)).withName(output));
      }
    }
  }

  private static String label(Node node) {
    return node.name().isEmpty() ? node.output(0) : node.name();
  }

  private String fresh(Node node, String inner) {
    return inner.isEmpty() ? "" : names.of(label(node) + "/" + inner);
  }

  private void require(Node node, Function function, int depth) {
    if (depth > DEEPEST) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          node.describe() + ": functions call each other deeper than " + DEEPEST);
    }
    long own = function.opsets().getOrDefault("", model.opset());
    if (own != model.opset()) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          node.describe()
              + ": its function is written in version "
              + own
              + " of ai.onnx (expected: "
              + model.opset()
              + ", as the model)");
    }
    boolean fits =
        node.inputs().size() <= function.inputs().size()
            && node.outputs().size() <= function.outputs().size();
    if (!fits) {
      throw new LatheException(
          TransformError.BAD_GRAPH,
          node.describe()
              + ": "
              + node.inputs().size()
              + " inputs, "
              + node.outputs().size()
              + " outputs (expected: at most "
              + function.inputs().size()
              + " and "
              + function.outputs().size()
              + ")");
    }
  }

  /** Defaults, then what the caller sets. */
  private static Map<String, Attribute> arguments(Node node, Function function) {
    Map<String, Attribute> arguments = new HashMap<>(function.defaults());
    arguments.putAll(node.attributes());
    return arguments;
  }

  /**
   * What names mean inside a function.
   *
   * @param arguments attributes that its nodes may refer to
   * @param renames its values, as the caller knows them
   */
  private record Scope(Map<String, Attribute> arguments, Map<String, String> renames) {
    String value(String name) {
      return renames.getOrDefault(name, name);
    }
  }

  /** The scope inside a body of control flow, whose own values get names of their own. */
  private Scope inside(Graph body, Scope scope) {
    Map<String, String> inner = new HashMap<>(scope.renames);
    body.inputs().forEach(input -> inner.put(input.name(), names.of(input.name())));
    body.initializers().keySet().forEach(name -> inner.put(name, names.of(name)));
    for (Node node : body.nodes()) {
      node.outputs().forEach(name -> inner.put(name, name.isEmpty() ? "" : names.of(name)));
    }
    return new Scope(scope.arguments, inner);
  }

  private Node bound(Node node, Scope scope) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    node.attributes()
        .forEach(
            (key, value) -> {
              Attribute given =
                  value instanceof Attribute.Reference reference
                      ? scope.arguments.get(reference.name())
                      : value;
              if (given != null) {
                attributes.put(key, given);
              }
            });
    Node bound =
        node.withInputs(node.inputs().stream().map(scope::value).toList())
            .withOutputs(node.outputs().stream().map(scope::value).toList())
            .withAttributes(attributes);
    return Bodies.map(bound, body -> bound(body, inside(body, scope)));
  }

  private Graph bound(Graph body, Scope scope) {
    Map<String, Tensor> initializers = new LinkedHashMap<>();
    body.initializers().forEach((name, tensor) -> initializers.put(scope.value(name), tensor));
    return body.withNodes(body.nodes().stream().map(node -> bound(node, scope)).toList())
        .withInputs(renamed(body.inputs(), scope))
        .withOutputs(renamed(body.outputs(), scope))
        .withInitializers(initializers)
        .withValues(List.of());
  }

  private static List<ValueInfo> renamed(List<ValueInfo> values, Scope scope) {
    return values.stream()
        .map(value -> ValueInfo.of(scope.value(value.name()), value.type()))
        .toList();
  }

  private Graph inlined(Graph body, int depth) {
    List<Node> nodes = new ArrayList<>();
    body.nodes().forEach(node -> add(node, nodes, depth));
    return body.withNodes(nodes);
  }
}

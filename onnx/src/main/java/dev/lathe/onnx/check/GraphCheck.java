package dev.lathe.onnx.check;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks a graph: every value made once, before its first use; inputs, initializers, outputs. */
final class GraphCheck {
  /** The first version of the format in which initializers need not be inputs. */
  private static final long IR_WITH_FREE_INITIALIZERS = 4;

  private final Scope.Rules rules;
  private final Problems problems;
  private final NodeCheck nodeCheck;

  /**
   * A check of graphs under rules.
   *
   * @param rules what holds around the graph
   * @param parameters attributes of the function around it that a node may refer to
   */
  GraphCheck(Scope.Rules rules, Set<String> parameters) {
    this.rules = rules;
    this.problems = rules.problems();
    this.nodeCheck = new NodeCheck(rules, parameters, this);
  }

  void check(Graph graph, Scope scope) {
    String where = "graph \"" + graph.name() + "\"";
    if (graph.name().isEmpty()) {
      problems.add("graph", "has no name");
    }
    inputs(where, graph, scope);
    initializers(where, graph, scope);
    nodes(where, graph.nodes(), scope);
    outputs(where, graph, scope);
  }

  /** Checks a body: nodes in order within a scope that has its inputs. */
  void nodes(String where, List<Node> nodes, Scope scope) {
    Map<String, String> later = new HashMap<>();
    nodes.forEach(
        node -> node.outputs().forEach(output -> later.putIfAbsent(output, node.describe())));
    for (Node node : nodes) {
      String place = where + ", " + node.describe();
      for (String input : node.inputs()) {
        if (!input.isEmpty() && scope.maker(input).isEmpty()) {
          problems.add(
              place, "input \"" + input + "\" " + whyMissing(later.getOrDefault(input, "")));
        }
      }
      nodeCheck.check(place, node, scope);
      outputsOf(place, node, scope);
    }
  }

  private static String whyMissing(String maker) {
    return maker.isEmpty()
        ? "is made by nothing (expected: an input, an initializer or an earlier node's output)"
        : "is made later, by " + maker + " (expected: nodes in topological order)";
  }

  private void outputsOf(String place, Node node, Scope scope) {
    for (String output : node.outputs()) {
      if (output.isEmpty()) {
        continue;
      }
      String maker = scope.maker(output);
      if (!maker.isEmpty()) {
        problems.add(
            place, "output \"" + output + "\" is made already, by " + maker + " (expected: once)");
      }
      scope.define(output, node.describe());
    }
  }

  private void inputs(String where, Graph graph, Scope scope) {
    for (ValueInfo input : graph.inputs()) {
      if (input.name().isEmpty()) {
        problems.add(where, "an input has no name");
      } else if (!scope.makerHere(input.name()).isEmpty()) {
        problems.add(where, "input \"" + input.name() + "\" stands twice");
      }
      if (scope.isOutermost()) {
        type(where + ", input \"" + input.name() + "\"", input.type());
      }
      scope.define(input.name(), "an input");
    }
  }

  private void type(String where, ValueType type) {
    switch (type) {
      case ValueType.TensorType tensor -> element(where, tensor.element());
      case ValueType.SparseTensorType tensor -> element(where, tensor.element());
      case ValueType.SequenceType sequence -> type(where, sequence.element());
      case ValueType.OptionalType optional -> type(where, optional.element());
      case ValueType.MapType map -> {
        if (!map.key().isInteger() && map.key() != ElementType.STRING) {
          problems.add(
              where, "keys of type " + map.key() + " (expected: an integer type or STRING)");
        }
        type(where, map.value());
      }
      case ValueType.UnknownType unknown -> {
        if (unknown.extras().isEmpty()) {
          problems.add(where, "has no type");
        }
      }
    }
  }

  private void element(String where, ElementType element) {
    if (element == ElementType.UNDEFINED) {
      problems.add(where, "has no element type");
    }
  }

  private void initializers(String where, Graph graph, Scope scope) {
    graph.initializers().forEach((name, tensor) -> initializer(where, graph, name, tensor));
    graph
        .sparseInitializers()
        .forEach((name, tensor) -> sparse(where + ", sparse initializer \"" + name + "\"", tensor));
    Set<String> names = new HashSet<>(graph.initializers().keySet());
    names.addAll(graph.sparseInitializers().keySet());
    if (names.size() < graph.initializers().size() + graph.sparseInitializers().size()) {
      problems.add(where, "a name stands for a dense and a sparse initializer");
    }
    for (String name : names) {
      if (rules.irVersion() < IR_WITH_FREE_INITIALIZERS && scope.makerHere(name).isEmpty()) {
        problems.add(
            where, "initializer \"" + name + "\" is no input (expected: one, below ir_version 4)");
      }
      scope.define(name, "an initializer");
    }
  }

  private void initializer(String where, Graph graph, String name, Tensor tensor) {
    if (name.isEmpty()) {
      problems.add(where, "an initializer has no name");
    }
    graph
        .input(name)
        .filter(
            input ->
                input.type() instanceof ValueType.TensorType(var element, var shape)
                    && (element != tensor.type() || !shape.accepts(tensor.dims())))
        .ifPresent(
            input ->
                problems.add(
                    where + ", input \"" + name + "\"",
                    "its initializer is " + tensor + " (expected: " + input.type() + ")"));
  }

  void sparse(String where, SparseTensor tensor) {
    Tensor values = tensor.values();
    Tensor indices = tensor.indices();
    long rank = tensor.dims().size();
    boolean linear = indices.rank() == 1;
    boolean coordinates = indices.rank() == 2 && indices.dim(1) == rank;
    if (rank == 0 || tensor.dims().stream().anyMatch(size -> size <= 0)) {
      problems.add(where, "shape " + tensor.dims() + " (expected: positive sizes)");
    } else if (values.rank() != 1) {
      problems.add(where, "values " + values + " (expected: rank 1)");
    } else if (indices.type() != ElementType.INT64
        || !(linear || coordinates)
        || indices.dim(0) != values.dim(0)) {
      problems.add(
          where,
          "indices "
              + indices
              + " (expected: INT64["
              + values.dim(0)
              + "] or INT64["
              + values.dim(0)
              + ", "
              + rank
              + "])");
    } else {
      places(where, tensor, linear);
    }
  }

  /** Places must lie in the shape and go upwards. */
  private void places(String where, SparseTensor tensor, boolean linear) {
    long[] dims = tensor.dims().stream().mapToLong(Long::longValue).toArray();
    long size;
    try {
      size = Tensor.sizeOf(dims);
    } catch (dev.lathe.ir.LatheException e) {
      problems.add(where, String.valueOf(e.getMessage()));
      return;
    }
    long before = -1;
    for (long i = 0; i < tensor.values().size(); i++) {
      long place = linear ? tensor.indices().longAt(i) : linearPlace(tensor.indices(), i, dims);
      if (place <= before || place >= size) {
        problems.add(
            where,
            "index " + i + " is " + place + " (expected: rising, within " + tensor.dims() + ")");
        return;
      }
      before = place;
    }
  }

  private static long linearPlace(Tensor indices, long row, long[] dims) {
    long place = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      long index = indices.longAt(row * dims.length + axis);
      if (index < 0 || index >= dims[axis]) {
        return -1;
      }
      place = place * dims[axis] + index;
    }
    return place;
  }

  private void outputs(String where, Graph graph, Scope scope) {
    Set<String> seen = new HashSet<>();
    for (ValueInfo output : graph.outputs()) {
      String name = output.name();
      if (!seen.add(name)) {
        problems.add(where, "output \"" + name + "\" stands twice");
      }
      if (scope.maker(name).isEmpty()) {
        problems.add(
            where,
            "output \"" + name + "\" is made by nothing (expected: a node, input or initializer)");
      }
      if (scope.isOutermost() && !(output.type() instanceof ValueType.UnknownType)) {
        type(where + ", output \"" + name + "\"", output.type());
      }
    }
  }
}

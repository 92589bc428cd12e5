package dev.lathe.onnx;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares models by content, tensors by their elements. Says where they differ. */
final class Same {
  private final List<String> differences = new ArrayList<>();

  private Same() {}

  static List<String> models(Model one, Model other) {
    Same same = new Same();
    same.equal("ir_version", one.irVersion(), other.irVersion());
    same.equal("opsets", one.opsets(), other.opsets());
    same.equal("producer", one.producer(), other.producer());
    same.equal("domain", one.domain(), other.domain());
    same.equal("version", one.version(), other.version());
    same.equal("notes", one.notes(), other.notes());
    same.graphs("graph", one.graph(), other.graph());
    same.equal("functions", one.functions().size(), other.functions().size());
    for (int i = 0; i < Math.min(one.functions().size(), other.functions().size()); i++) {
      same.functions(one.functions().get(i), other.functions().get(i));
    }
    return same.differences;
  }

  private void functions(Function one, Function other) {
    String where = "function " + one.name();
    equal(where, bare(one), bare(other));
    nodes(where, one.nodes(), other.nodes());
    attributes(where, one.defaults(), other.defaults());
  }

  private static Function bare(Function of) {
    return new Function(
        of.name(),
        of.domain(),
        of.overload(),
        of.inputs(),
        of.outputs(),
        of.attributes(),
        Map.of(),
        List.of(),
        of.opsets(),
        of.values(),
        of.notes());
  }

  private void graphs(String where, Graph one, Graph other) {
    equal(where, one.name(), other.name());
    equal(where + " inputs", one.inputs(), other.inputs());
    equal(where + " outputs", one.outputs(), other.outputs());
    equal(where + " values", one.values(), other.values());
    equal(where + " notes", one.notes(), other.notes());
    equal(
        where + " initializers",
        List.copyOf(one.initializers().keySet()),
        List.copyOf(other.initializers().keySet()));
    one.initializers()
        .forEach((name, tensor) -> tensors(name, tensor, other.initializers().get(name)));
    equal(
        where + " sparse", one.sparseInitializers().keySet(), other.sparseInitializers().keySet());
    one.sparseInitializers()
        .forEach((name, tensor) -> sparse(name, tensor, other.sparseInitializers().get(name)));
    nodes(where, one.nodes(), other.nodes());
  }

  private void nodes(String where, List<Node> one, List<Node> other) {
    equal(where + " nodes", one.size(), other.size());
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      String node = where + " " + one.get(i).describe();
      equal(node, one.get(i).withAttributes(Map.of()), other.get(i).withAttributes(Map.of()));
      attributes(node, one.get(i).attributes(), other.get(i).attributes());
    }
  }

  private void attributes(String where, Map<String, Attribute> one, Map<String, Attribute> other) {
    equal(where, List.copyOf(one.keySet()), List.copyOf(other.keySet()));
    one.forEach((key, value) -> attribute(where + "." + key, value, other.get(key)));
  }

  private void attribute(String where, Attribute one, @Nullable Attribute other) {
    if (other == null) {
      differences.add(where + ": " + one + " and nothing");
      return;
    }
    switch (one) {
      case Attribute.OfTensor(Tensor tensor) when other instanceof Attribute.OfTensor(Tensor b) ->
          tensors(where, tensor, b);
      case Attribute.OfTensors(List<Tensor> list)
          when other instanceof Attribute.OfTensors(List<Tensor> b) && b.size() == list.size() -> {
        for (int i = 0; i < list.size(); i++) {
          tensors(where, list.get(i), b.get(i));
        }
      }
      case Attribute.OfSparseTensor(SparseTensor tensor)
          when other instanceof Attribute.OfSparseTensor(SparseTensor b) ->
          sparse(where, tensor, b);
      case Attribute.OfSparseTensors(List<SparseTensor> list)
          when other instanceof Attribute.OfSparseTensors(List<SparseTensor> b)
              && b.size() == list.size() -> {
        for (int i = 0; i < list.size(); i++) {
          sparse(where, list.get(i), b.get(i));
        }
      }
      case Attribute.OfGraph(Graph graph) when other instanceof Attribute.OfGraph(Graph b) ->
          graphs(where, graph, b);
      case Attribute.OfGraphs(List<Graph> list)
          when other instanceof Attribute.OfGraphs(List<Graph> b) && b.size() == list.size() -> {
        for (int i = 0; i < list.size(); i++) {
          graphs(where, list.get(i), b.get(i));
        }
      }
      default -> equal(where, one, other);
    }
  }

  private void sparse(String where, SparseTensor one, @Nullable SparseTensor other) {
    if (other == null) {
      differences.add(where + ": " + one + " and nothing");
      return;
    }
    tensors(where + " values", one.values(), other.values());
    tensors(where + " indices", one.indices(), other.indices());
    equal(where, one.dims(), other.dims());
  }

  private void tensors(String where, Tensor one, @Nullable Tensor other) {
    if (other == null) {
      differences.add(where + ": " + one + " and nothing");
      return;
    }
    if (!one.sameContent(other)) {
      differences.add(where + ": elements of " + one + " and " + other);
    }
    equal(where + " notes", one.notes(), other.notes());
  }

  private void equal(String where, Object one, Object other) {
    if (!one.equals(other)) {
      differences.add(where + ": " + one + " and " + other);
    }
  }
}

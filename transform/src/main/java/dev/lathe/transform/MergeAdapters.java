package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Folds adapters into the weights that they belong to: {@code W' = W + α/r · B·A}. */
public final class MergeAdapters {
  private MergeAdapters() {}

  /**
   * Merges.
   *
   * @param adapted a model with adapters as {@link InsertAdapters} inserts them, whatever the
   *     values of its initializers
   * @return the model that it was before: the same nodes, inputs, outputs and names, the weights
   *     changed, computed in double precision and rounded once
   * @throws LatheException UNKNOWN_VALUE if it has no adapters; BAD_GRAPH if their nodes are not as
   *     they were inserted
   */
  public static Model apply(Model adapted) {
    Model model = adapted;
    for (Adapter adapter : Adapter.require(adapted)) {
      model = merge(model, adapter);
    }
    return model;
  }

  private static Model merge(Model model, Adapter adapter) {
    Graph graph = model.graph();
    Map<String, String> outputs = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (adapter.adds(node)) {
        outputs.put(node.input(0), node.output(0));
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String output = outputs.remove(node.output(0));
      if (output != null) {
        List<String> restored = new ArrayList<>(node.outputs());
        restored.set(0, output);
        nodes.add(node.withOutputs(restored));
      } else if (!adapter.owns(node)) {
        nodes.add(node);
      }
    }
    if (!outputs.isEmpty()) {
      throw new LatheException(
          TransformError.BAD_GRAPH,
          "adapter of weight \""
              + adapter.weight()
              + "\" (expected: nodes named "
              + adapter.scope()
              + "..., as they were inserted)");
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    Tensor down = initializers.remove(adapter.down());
    Tensor up = initializers.remove(adapter.up());
    double scale = initializers.remove(adapter.scale()).doubleAt(0);
    initializers.keySet().removeIf(name -> name.startsWith(adapter.scope()));
    AdapterForm form = AdapterSite.form(graph.withNodes(nodes), adapter.weight());
    initializers.computeIfPresent(
        adapter.weight(), (_, weight) -> form.merged(weight, down, up, scale));
    return model.withGraph(graph.withNodes(nodes).withInitializers(initializers));
  }
}

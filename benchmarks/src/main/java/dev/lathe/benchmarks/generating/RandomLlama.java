package dev.lathe.benchmarks.generating;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A Llama with random weights. All layers have the weights of the first, so that a large one can be
 * made in little memory; in another form each layer gets weights of its own.
 */
final class RandomLlama {
  private static final String FIRST = "model.layers.0.";

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final Set<String> made = new HashSet<>();

  private RandomLlama() {}

  static Model build(Scale scale) {
    Llama.Size size = scale.size();
    Llama.Size one = new Llama.Size(size.width(), size.inner(), 1, size.heads(), size.keyHeads());
    Model model =
        new Llama(scale.vocabulary(), scale.capacity(), one, Llama.Constants.STANDARD, Gpt.Head.OWN)
            .build(1);
    return new RandomLlama().repeat(model, size.layers());
  }

  private Model repeat(Model model, int layers) {
    Graph graph = model.graph();
    weights.putAll(graph.initializers());
    int first = index(graph, FIRST + "input_layernorm");
    int behind = index(graph, "model.norm");
    List<Node> layer = graph.nodes().subList(first, behind);
    layer.forEach(node -> made.addAll(node.outputs()));
    String before = layer.getFirst().input(0);
    String last = layer.getLast().output(0);
    nodes.addAll(graph.nodes().subList(0, behind));
    String rows = last;
    for (int i = 1; i < layers; i++) {
      for (Node node : layer) {
        add(node, i, Map.of(before, rows));
      }
      rows = at(last, i);
    }
    for (Node node : graph.nodes().subList(behind, graph.nodes().size())) {
      add(node, 0, Map.of(last, rows));
    }
    return model.withGraph(graph.withNodes(nodes).withInitializers(weights));
  }

  private static int index(Graph graph, String name) {
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (graph.nodes().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalStateException(name);
  }

  private void add(Node node, int layer, Map<String, String> read) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      String name = read.containsKey(input) ? read.get(input) : at(input, layer);
      if (weights.containsKey(input)) {
        weights.putIfAbsent(name, weights.get(input));
      }
      inputs.add(name);
    }
    List<String> outputs = node.outputs().stream().map(output -> at(output, layer)).toList();
    nodes.add(node.withInputs(inputs).withOutputs(outputs).withName(""));
  }

  /** What a value of the first layer is called in another one. */
  private String at(String value, int layer) {
    if (layer == 0) {
      return value;
    }
    if (value.startsWith(FIRST) && weights.containsKey(value)) {
      return "model.layers." + layer + "." + value.substring(FIRST.length());
    }
    return made.contains(value) ? value + "@" + layer : value;
  }
}

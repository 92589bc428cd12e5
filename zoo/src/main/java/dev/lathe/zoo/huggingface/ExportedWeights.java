package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights in a graph that an exporter wrote, under the names that they have in PyTorch: those
 * that initializers still bear, and else those that follow from the names of the nodes that read
 * them, such as {@code /model/layers.0/mlp/up_proj/MatMul}.
 */
final class ExportedWeights {
  private final Map<String, Stored> weights = new LinkedHashMap<>();
  private final Map<String, Stored> derived = new LinkedHashMap<>();

  private ExportedWeights() {}

  static Map<String, Stored> read(Path file) {
    Graph graph = OnnxFile.read(file).graph();
    ExportedWeights found = new ExportedWeights();
    Map<String, Tensor> known = new HashMap<>(graph.initializers());
    for (Node node : graph.nodes()) {
      Tensor same = known.get(node.input(0));
      if (node.op().equals("Identity") && same != null) {
        known.put(node.output(0), same);
      }
    }
    known.forEach(
        (name, tensor) -> {
          if (tensor.type().isFloating()) {
            found.weights.put(name, Stored.of(name, tensor));
          }
        });
    graph.nodes().forEach(node -> found.derive(node, known));
    Map<String, Stored> all = new LinkedHashMap<>(found.derived);
    all.putAll(found.weights);
    return all;
  }

  private void derive(Node node, Map<String, Tensor> initializers) {
    String[] path = node.name().split("/");
    if (path.length < 3 || !path[0].isEmpty()) {
      return;
    }
    String layer = String.join(".", java.util.Arrays.copyOfRange(path, 1, path.length - 1));
    switch (node.op()) {
      case "MatMul" -> put(layer + ".weight", initializers.get(node.input(1)), true);
      case "Gemm" -> {
        boolean turned = node.intAttribute("transB", 0) == 0;
        put(layer + ".weight", initializers.get(node.input(1)), turned);
        put(layer + ".bias", initializers.get(node.input(2)), false);
      }
      case "Gather" -> put(layer + ".weight", initializers.get(node.input(0)), false);
      case "LayerNormalization" -> {
        put(layer + ".weight", initializers.get(node.input(1)), false);
        put(layer + ".bias", initializers.get(node.input(2)), false);
      }
      case "Mul" ->
          node.inputs().forEach(name -> putRow(layer + ".weight", initializers.get(name)));
      case "Add" -> node.inputs().forEach(name -> putRow(layer + ".bias", initializers.get(name)));
      default -> {}
    }
  }

  private void putRow(String name, @Nullable Tensor tensor) {
    if (tensor != null && tensor.rank() == 1) {
      put(name, tensor, false);
    }
  }

  private void put(String name, @Nullable Tensor tensor, boolean turned) {
    if (tensor == null || !tensor.type().isFloating()) {
      return;
    }
    Stored stored = Stored.of(name, tensor);
    derived.putIfAbsent(name, turned && tensor.rank() == 2 ? new Turned(stored) : stored);
  }
}

package dev.lathe.transform;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The adapter of one weight in a model, known by its names: initializers {@code
 * <stem>.lora_A.weight}, {@code <stem>.lora_B.weight}, {@code <stem>.lora_scale}, nodes {@code
 * <stem>/lora/...}. The stem is the weight's name without {@code .weight}.
 *
 * @param weight the name of the weight
 */
record Adapter(String weight) {
  static final String DOWN = ".lora_A.weight";
  static final String UP = ".lora_B.weight";
  private static final String SCALE = ".lora_scale";
  private static final String WEIGHT = ".weight";

  /** The adapters that a model has, in the order of its initializers. */
  static List<Adapter> of(Model model) {
    Map<String, Tensor> initializers = model.graph().initializers();
    List<Adapter> adapters = new ArrayList<>();
    for (String name : initializers.keySet()) {
      if (name.endsWith(DOWN)) {
        String stem = name.substring(0, name.length() - DOWN.length());
        weight(stem, initializers)
            .map(Adapter::new)
            .filter(adapter -> initializers.containsKey(adapter.up()))
            .filter(adapter -> initializers.containsKey(adapter.scale()))
            .ifPresent(adapters::add);
      }
    }
    return adapters;
  }

  /** As {@link #of}; a model without any is refused. */
  static List<Adapter> require(Model model) {
    List<Adapter> adapters = of(model);
    if (adapters.isEmpty()) {
      throw new LatheException(
          TransformError.UNKNOWN_VALUE,
          "no adapters (expected: initializers named ..." + DOWN + ")");
    }
    return adapters;
  }

  /** The weight that a stem stands for. */
  static Optional<String> weight(String stem, Map<String, Tensor> initializers) {
    return initializers.containsKey(stem + WEIGHT)
        ? Optional.of(stem + WEIGHT)
        : Optional.of(stem).filter(initializers::containsKey);
  }

  String stem() {
    return weight.endsWith(WEIGHT)
        ? weight.substring(0, weight.length() - WEIGHT.length())
        : weight;
  }

  String down() {
    return stem() + DOWN;
  }

  String up() {
    return stem() + UP;
  }

  String scale() {
    return stem() + SCALE;
  }

  /** What the names of all nodes of the adapter begin with. */
  String scope() {
    return stem() + "/lora/";
  }

  /** The name of the node that adds the adapter to a node's output. */
  String sum() {
    return scope() + "add";
  }

  boolean owns(Node node) {
    return node.name().startsWith(scope());
  }

  boolean adds(Node node) {
    return node.op().equals("Add") && node.name().startsWith(sum());
  }
}

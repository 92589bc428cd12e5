package dev.lathe.cli.input;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.JsonFault;
import dev.lathe.server.VersionDetails.Port;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as an input: a request of the Open Inference Protocol, an object with one value for each
 * input, or the nested arrays of the only input.
 *
 * @param ports the inputs of the model
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 */
record JsonInput(List<Port> ports) {
  private static final int DEEPEST = 16;

  Map<String, Tensor> read(byte[] json, String where) {
    JsonNode root = parse(json, where);
    if (root.isArray()) {
      return Map.of(only(where).name(), tensor(only(where), root, where));
    }
    if (root.get("inputs") instanceof JsonNode inputs && inputs.isArray()) {
      return request(inputs, where);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      tensors.put(entry.getKey(), tensor(port(entry.getKey(), where), entry.getValue(), where));
    }
    return tensors;
  }

  private static JsonNode parse(byte[] json, String where) {
    try {
      return JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      throw Inputs.bad(JsonFault.describe(e, where), e);
    }
  }

  private Map<String, Tensor> request(JsonNode inputs, String where) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (JsonNode input : inputs) {
      String name = input.path("name").asString("");
      Port port = port(name, where);
      Tensor tensor = tensor(port, input.path("data"), where);
      if (input.path("shape").isArray()) {
        long[] dims = new long[input.path("shape").size()];
        for (int i = 0; i < dims.length; i++) {
          dims[i] = input.path("shape").get(i).asLong(-1);
        }
        tensor = tensor.reshaped(dims);
      }
      tensors.put(name, tensor);
    }
    return tensors;
  }

  private Tensor tensor(Port port, JsonNode value, String where) {
    List<Long> dims = new ArrayList<>();
    List<JsonNode> leaves = new ArrayList<>();
    JsonNode level = value;
    while (level.isArray() && dims.size() < DEEPEST) {
      dims.add((long) level.size());
      level = level.isEmpty() ? level : level.get(0);
    }
    collect(value, new Nest(dims, leaves, "input \"" + port.name() + "\" of " + where), 0);
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    if (port.datatype().equals("BYTES")) {
      return Tensor.ofStrings(leaves.stream().map(JsonNode::asString).toList(), shape);
    }
    double[] numbers = leaves.stream().mapToDouble(JsonInput::number).toArray();
    Tensor rounded = new Batch(port).of(numbers, shape);
    return rounded.type() == ElementType.INT64
        ? Tensor.ofLongs(leaves.stream().mapToLong(JsonNode::asLong).toArray(), rounded.dims())
        : rounded;
  }

  private record Nest(List<Long> dims, List<JsonNode> leaves, String where) {}

  private static void collect(JsonNode node, Nest nest, int depth) {
    if (depth == nest.dims().size()) {
      if (!node.isNumber() && !node.isBoolean() && !node.isString()) {
        throw Inputs.bad(nest.where() + ": " + node + " (expected: a number)", null);
      }
      nest.leaves().add(node);
      return;
    }
    if (!node.isArray() || node.size() != nest.dims().get(depth)) {
      throw Inputs.bad(
          nest.where()
              + ": ragged arrays on axis "
              + depth
              + " (expected: "
              + nest.dims().get(depth)
              + " elements everywhere)",
          null);
    }
    for (JsonNode child : node) {
      collect(child, nest, depth + 1);
    }
  }

  private static double number(JsonNode leaf) {
    if (leaf.isBoolean()) {
      return leaf.asBoolean() ? 1 : 0;
    }
    if (!leaf.isNumber()) {
      throw Inputs.bad(leaf + " (expected: a number)", null);
    }
    return leaf.asDouble();
  }

  private Port only(String where) {
    if (ports.size() != 1) {
      throw Inputs.bad(
          where + ": an array (expected: an object with the inputs " + names() + ")", null);
    }
    return ports.getFirst();
  }

  private Port port(String name, String where) {
    return ports.stream()
        .filter(port -> port.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> Inputs.bad(where + ": input \"" + name + "\" (expected: " + names() + ")", null));
  }

  private List<String> names() {
    return ports.stream().map(Port::name).toList();
  }
}

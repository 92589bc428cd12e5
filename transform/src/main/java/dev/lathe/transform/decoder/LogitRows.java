package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Has a decoder's head work on the rows wanted alone: of a prompt's tokens only the last one's
 * logits are of use, and the head is as large as several layers.
 */
final class LogitRows {
  private static final Set<String> ELEMENTWISE =
      Set.of("Add", "Sub", "Mul", "Div", "Tanh", "Cast", "Identity", "Clip");
  private static final Set<String> HEAD = Set.of("MatMul", "Gemm");

  private final List<Node> nodes;
  private final Extents extents;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();

  LogitRows(List<Node> nodes, Extents extents) {
    this.nodes = nodes;
    this.extents = extents;
    for (Node node : nodes) {
      node.outputs().forEach(output -> producers.put(output, node));
      node.inputs().forEach(input -> readers.merge(input, 1, Integer::sum));
    }
  }

  /** The nodes with {@code logits} [R, V] made of the rows wanted. */
  List<Node> pick(String logits) {
    List<Node> behind = new ArrayList<>();
    String value = logits;
    boolean isHead = false;
    while (!isHead && producers.get(value) instanceof Node node && isAlone(value, logits)) {
      int data = data(node);
      if (data < 0) {
        break;
      }
      isHead = HEAD.contains(node.op());
      behind.add(node);
      value = node.input(data);
    }
    List<Node> all = new ArrayList<>(nodes);
    all.removeAll(behind);
    String rows = all.isEmpty() ? value : gather(value, all);
    String last = rows;
    for (Node node : behind.reversed()) {
      if (!node.op().equals("Reshape")) {
        all.add(reading(node, last));
        last = node.output(0);
      }
    }
    all.add(renaming(all.removeLast(), last));
    return all;
  }

  /** A value that nothing else reads. */
  private boolean isAlone(String value, String logits) {
    return readers.getOrDefault(value, 0) <= (value.equals(logits) ? 0 : 1);
  }

  /** Which input of a node has the rows, if the node works as well on rows picked; else -1. */
  private int data(Node node) {
    if (!node.domain().isEmpty()) {
      return -1;
    }
    if (HEAD.contains(node.op()) || node.op().equals("Reshape")) {
      boolean plain = extents.isRowPerToken(node.input(0)) && extents.isRowPerToken(node.output(0));
      return plain ? 0 : -1;
    }
    if (!ELEMENTWISE.contains(node.op())) {
      return -1;
    }
    int data = -1;
    for (int i = 0; i < node.inputs().size(); i++) {
      if (extents.of(node.input(i)).isPerToken()) {
        if (data >= 0) {
          return -1;
        }
        data = i;
      } else if (extents.fact(node.input(i)).shape().rank() > 1) {
        return -1;
      }
    }
    return data;
  }

  private String gather(String value, List<Node> all) {
    String rows = value;
    Shape shape = extents.fact(value).shape();
    if (!(shape.dim(-1) instanceof Dim.Fixed(long width)) || !extents.isRowPerToken(value)) {
      throw TokenRules.refuse(
          producers.get(value), "\"" + value + "\" " + shape + " (expected: [N, T, W])");
    }
    if (extents.of(value) == Extent.TOKENS) {
      String sizes = value + "/rows_shape";
      all.add(
          Node.of("Constant", List.of(), List.of(sizes))
              .with("value", Attribute.of(Tensor.ofLongs(new long[] {-1, width}, 2))));
      rows = value + "/rows";
      all.add(Node.of("Reshape", List.of(value, sizes), List.of(rows)));
    }
    String picked = value + "/picked";
    all.add(
        Node.of("Gather", List.of(rows, CacheNames.ROWS), List.of(picked))
            .with("axis", Attribute.of(0L)));
    return picked;
  }

  private Node reading(Node node, String value) {
    int data = data(node);
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(data, value);
    return node.withInputs(inputs);
  }

  private static Node renaming(Node node, String last) {
    return node.withOutputs(
        node.outputs().stream()
            .map(output -> output.equals(last) ? CacheNames.LOGITS : output)
            .toList());
  }
}

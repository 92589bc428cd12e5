package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Attention to an encoder, whose keys and values come with heads as an axis of their own.
 *
 * @param node the node, heads in the last axis
 * @param heads H, of queries as of keys
 * @param size features of a head
 */
record AcrossForm(Node node, long heads, long size) {
  /** The first version of the operators that has attention. */
  private static final long FIRST_WITH_ATTENTION = 23;

  /** Refuses heads that do not go together. */
  static AcrossForm of(Node node, Extents extents) {
    long heads = node.intAttribute("q_num_heads", 0);
    if (!(extents.fact(node.input(0)).shape().dim(2) instanceof Dim.Fixed(long width))
        || heads < 1
        || heads != node.intAttribute("kv_num_heads", 0)
        || width % heads != 0) {
      throw TokenRules.refuse(node, "heads of queries and of an encoder's keys that differ");
    }
    return new AcrossForm(node, heads, width / heads);
  }

  /** Keys and values as they are given. */
  Shape given() {
    return Shape.of(List.of(Dim.of("B"), Dim.of(heads), Dim.of("M"), Dim.of(size)));
  }

  /** The same for queries [B, S, H·D] of another name, in a version of the operators. */
  List<Node> write(String queries, long opset) {
    List<Node> nodes = new ArrayList<>();
    String output = node.output(0);
    String apart = constant(output + "/heads", Tensor.ofLongs(apart(), 4), nodes);
    String query = output + "/query";
    nodes.add(Node.of("Reshape", List.of(queries, apart), List.of(query)));
    nodes.add(turned(query, query + "/by_head", 0, 2, 1, 3));
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, query + "/by_head");
    String mixed = output + "/mixed";
    if (opset < FIRST_WITH_ATTENTION) {
      writeOut(inputs, mixed, nodes);
    } else {
      Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
      attributes.remove("q_num_heads");
      attributes.remove("kv_num_heads");
      nodes.add(node.withInputs(inputs).withOutputs(List.of(mixed)).withAttributes(attributes));
    }
    nodes.add(turned(mixed, mixed + "/by_token", 0, 2, 1, 3));
    Tensor together = Tensor.ofLongs(new long[] {0, 0, heads * size}, 3);
    String joined = constant(output + "/joined", together, nodes);
    nodes.add(Node.of("Reshape", List.of(mixed + "/by_token", joined), List.of(output)));
    return nodes;
  }

  private long[] apart() {
    return new long[] {0, 0, heads, size};
  }

  /** The products that {@link WrittenOut} read: they always have a mask and a scale. */
  private void writeOut(List<String> inputs, String mixed, List<Node> nodes) {
    String scores = mixed + "/scores";
    float usual = (float) (1 / Math.sqrt(size));
    Tensor scale = Tensor.scalar(node.floatAttribute("scale", usual));
    nodes.add(turned(inputs.get(1), mixed + "/keys", 0, 1, 3, 2));
    nodes.add(Node.of("MatMul", List.of(inputs.get(0), mixed + "/keys"), List.of(scores)));
    String by = constant(mixed + "/scale", scale, nodes);
    nodes.add(Node.of("Mul", List.of(scores, by), List.of(scores + "/scaled")));
    nodes.add(
        Node.of("Add", List.of(scores + "/scaled", inputs.get(3)), List.of(scores + "/masked")));
    nodes.add(
        Node.of("Softmax", List.of(scores + "/masked"), List.of(mixed + "/weights"))
            .with("axis", Attribute.of(3L)));
    nodes.add(Node.of("MatMul", List.of(mixed + "/weights", inputs.get(2)), List.of(mixed)));
  }

  private static String constant(String name, Tensor value, List<Node> nodes) {
    nodes.add(Node.of("Constant", List.of(), List.of(name)).with("value", Attribute.of(value)));
    return name;
  }

  private static Node turned(String from, String to, long... order) {
    return Node.of("Transpose", List.of(from), List.of(to)).with("perm", Attribute.ofInts(order));
  }
}

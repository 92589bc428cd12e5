package dev.lathe.onnx.check;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;

/**
 * Checks that the bodies of control flow take and give what their node does.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__If.html">ONNX If, Loop</a>
 */
final class Bodies {
  /** A Loop's body takes the iteration and the condition before its own values. */
  private static final int LOOP_HEAD = 2;

  private Bodies() {}

  static void check(String where, Node node, Problems problems) {
    if (!node.domain().isEmpty()) {
      return;
    }
    switch (node.op()) {
      case "If" -> {
        branch(where, node, "then_branch", problems);
        branch(where, node, "else_branch", problems);
      }
      case "Loop" -> loop(where, node, problems);
      default -> {}
    }
  }

  private static void branch(String where, Node node, String key, Problems problems) {
    if (node.attributes().get(key) instanceof Attribute.OfGraph(Graph body)) {
      String place = where + ", attribute \"" + key + "\"";
      count(place + ": inputs", body.inputs().size(), 0, problems);
      count(place + ": outputs", body.outputs().size(), node.outputs().size(), problems);
    }
  }

  private static void loop(String where, Node node, Problems problems) {
    if (node.attributes().get("body") instanceof Attribute.OfGraph(Graph body)) {
      String place = where + ", attribute \"body\"";
      int inputs = Math.max(LOOP_HEAD, node.inputs().size());
      count(place + ": inputs", body.inputs().size(), inputs, problems);
      count(place + ": outputs", body.outputs().size(), node.outputs().size() + 1, problems);
    }
  }

  private static void count(String where, int found, int expected, Problems problems) {
    if (found != expected) {
      problems.add(where, found + " values (expected: " + expected + ")");
    }
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/**
 * ONNX's losses over classes, as what they are made of. Scores are [N, C, ...], labels [N, ...],
 * weights of classes [C].
 */
final class OnnxLosses {
  private static final Map<String, Attribute> CLASSES = Map.of("axis", Attribute.of(1L));

  private OnnxLosses() {}

  static List<String> softmaxCrossEntropy(Algebra g, Node node) {
    String logs = g.draft().node("LogSoftmax", CLASSES, node.input(0));
    return List.of(loss(g, node, logs), logs).subList(0, node.outputs().size());
  }

  static List<String> negativeLogLikelihood(Algebra g, Node node) {
    return List.of(loss(g, node, node.input(0)));
  }

  /** Each label's number, negated and weighted; labels to be ignored count 0, and not at all. */
  private static String loss(Algebra g, Node node, String logs) {
    boolean ignores = node.attribute("ignore_index").isPresent();
    String labels = node.input(1);
    String valid = ignores ? valid(g, node, labels) : "";
    String known = ignores ? g.mask(valid, labels) : labels;
    String rows = g.node("Unsqueeze", known, g.draft().longs(1));
    String picked = g.draft().node("GatherElements", CLASSES, logs, rows);
    String losses = g.neg(g.node("Squeeze", picked, g.draft().longs(1)));
    String weights = node.input(2).isEmpty() ? "" : g.node("Gather", node.input(2), known);
    if (ignores) {
      String all = weights.isEmpty() ? g.draft().number(1, losses) : weights;
      weights = g.mask(valid, all);
    }
    if (!weights.isEmpty()) {
      losses = g.mul(losses, weights);
    }
    return switch (node.stringAttribute("reduction", "mean")) {
      case "none" -> losses;
      case "sum" -> total(g, losses);
      case "mean" ->
          weights.isEmpty()
              ? g.draft().node("ReduceMean", Map.of("keepdims", Attribute.of(0L)), losses)
              : g.div(total(g, losses), total(g, weights));
      default -> throw TrainingForms.refuse(node, "reduction (expected: none, sum, mean)");
    };
  }

  private static String total(Algebra g, String value) {
    return g.draft().node("ReduceSum", Map.of("keepdims", Attribute.of(0L)), value);
  }

  private static String valid(Algebra g, Node node, String labels) {
    ElementType type = g.draft().fact(labels).element();
    double ignored = node.intAttribute("ignore_index", 0);
    String label = "ignored/" + (long) ignored;
    String number = g.draft().constant(label, Tensor.ofValues(type, new double[] {ignored}));
    return g.node("Not", g.node("Equal", labels, number));
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Why operators of {@code ai.onnx} have no gradient here, in words that follow a node's name. */
final class Refusals {
  static final String UNKNOWN = "no gradient rule for the operator";

  private static final int NAMED_AT_MOST = 5;
  private static final Map<String, String> REASONS = reasons();

  private Refusals() {}

  /** Reasons by operator. */
  static Map<String, String> table() {
    return REASONS;
  }

  private static Map<String, String> reasons() {
    Map<String, String> reasons = new TreeMap<>();
    put(reasons, "control flow is not differentiated", "If Loop Scan SequenceMap");
    put(
        reasons,
        "sequences and optional values are not differentiated",
        "SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength"
            + " ConcatFromSequence SplitToSequence Optional OptionalGetElement OptionalHasElement");
    put(
        reasons,
        "quantized arithmetic is not differentiated; train the model that it was quantized from",
        "QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul"
            + " ConvInteger MatMulInteger");
    put(reasons, "how many elements it reads depends on the values of its regions", "MaxRoiPool");
    put(reasons, "an element of its output stands for several of its input", "Unique");
    put(reasons, "it reads the bits of numbers", "BitCast");
    put(
        reasons,
        "it is newer than what the engine runs",
        "CausalConvWithState LinearAttention SwiGLU");
    return Collections.unmodifiableMap(reasons);
  }

  private static void put(Map<String, String> reasons, String reason, String operators) {
    for (String operator : operators.split(" ")) {
      reasons.put(operator, reason);
    }
  }

  /**
   * The error for nodes on the way that have no gradient: all of one reason together, the first few
   * named.
   */
  static LatheException of(List<Node> nodes) {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    for (Node node : nodes) {
      String reason = REASONS.getOrDefault(node.qualifiedOp(), UNKNOWN);
      byReason.computeIfAbsent(reason, _ -> new ArrayList<>()).add(node.describe());
    }
    List<String> parts = new ArrayList<>();
    byReason.forEach(
        (reason, named) -> {
          List<String> first = named.subList(0, Math.min(NAMED_AT_MOST, named.size()));
          int rest = named.size() - first.size();
          String more = rest > 0 ? ", and " + rest + " more" : "";
          parts.add(String.join(", ", first) + more + ": " + reason);
        });
    return new LatheException(TransformError.NO_GRADIENT, String.join("; ", parts));
  }

  /** The error for a node on the way that computes with fewer digits than a training step needs. */
  static LatheException narrow(Node node, ElementType element) {
    return new LatheException(
        TransformError.NO_GRADIENT,
        node.describe()
            + ": it computes in "
            + element
            + " (expected: FLOAT; train the model before it is made smaller)");
  }
}

package dev.lathe.transform.gradient;

import static java.util.Map.entry;

import dev.lathe.ir.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Operators that are differentiated as what they are made of: where their gradient is wanted they
 * are written as nodes of simpler operators, each of which has a rule.
 */
final class Decompositions {
  /** What an operator is made of. */
  @FunctionalInterface
  interface Body {
    /** Writes nodes to the draft; returns a value for each output that the node names. */
    List<String> write(Algebra g, Node node);
  }

  private static final Map<String, Body> TABLE =
      Map.ofEntries(
          entry("AffineGrid", SamplingGradients::affineGrid),
          entry("Attention", AttentionGradients::body),
          entry("CumProd", RunningGradients::product),
          entry("DeformConv", RegionGradients::deformed),
          entry("RoiAlign", RegionGradients::aligned),
          entry("GridSample", SamplingGradients::gridSample),
          entry("STFT", FourierGradients::shortTime),
          entry("TensorScatter", RunningGradients::cache),
          entry("NegativeLogLikelihoodLoss", OnnxLosses::negativeLogLikelihood),
          entry("SoftmaxCrossEntropyLoss", OnnxLosses::softmaxCrossEntropy));

  private Decompositions() {}

  static Optional<Body> find(Node node) {
    return Optional.ofNullable(TABLE.get(node.qualifiedOp()));
  }

  /** The operators of the table. */
  static Set<String> operators() {
    return TABLE.keySet();
  }
}

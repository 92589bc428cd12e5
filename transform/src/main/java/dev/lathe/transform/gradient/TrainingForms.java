package dev.lathe.transform.gradient;

import static java.util.Map.entry;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How operators are written where their gradient is wanted: with more outputs, or spelled out so
 * that inner values can be used again on the way back. Also spells out the operators of {@link
 * #DOMAIN}, which never leave this room.
 */
public final class TrainingForms {
  /** Operators that stand for a group of nodes until they are written. */
  public static final String DOMAIN = "dev.lathe.training";

  private static final Map<String, Form> TABLE =
      Map.ofEntries(
          entry("MaxPool", TrainingForms::maxPool),
          entry("LSTM", RecurrentGradients::form),
          entry("GRU", RecurrentGradients::form),
          entry("RNN", RecurrentGradients::form),
          entry("Gelu", ElementwiseGradients::geluForm),
          entry("TopK", (g, node) -> append(g, node, 2)),
          entry("LayerNormalization", NormalizationGradients::layerForm),
          entry("Dropout", TrainingForms::dropout),
          entry("BatchNormalization", NormalizationGradients::batchForm),
          entry("InstanceNormalization", GroupGradients::form),
          entry("GroupNormalization", GroupGradients::form),
          entry("RMSNormalization", GroupGradients::rootMeanSquareForm),
          entry(DOMAIN + ".Dropout", DropoutForm::write),
          entry(DOMAIN + ".BatchNormalization", NormalizationGradients::batchForm),
          entry(DOMAIN + ".CrossEntropy", ClassLossGradients::form),
          entry(DOMAIN + ".MeanSquaredError", LossGradients::form),
          entry(DOMAIN + ".AbsoluteError", LossGradients::form),
          entry(DOMAIN + ".Huber", LossGradients::form),
          entry(DOMAIN + ".BinaryCrossEntropy", LossGradients::form),
          entry(DOMAIN + ".KullbackLeibler", LossGradients::form),
          entry(DOMAIN + ".Ctc", CtcGradients::form));

  private TrainingForms() {}

  /** Writes a node to a draft. */
  @FunctionalInterface
  interface Form {
    /** Returns the node as the gradient rule will see it, saved values among its outputs. */
    Node write(Algebra g, Node node);
  }

  static Optional<Form> find(Node node) {
    return Optional.ofNullable(TABLE.get(node.qualifiedOp()));
  }

  /**
   * Writes nodes that are not differentiated; those of {@link #DOMAIN} are spelled out.
   *
   * @param draft the draft
   * @param nodes the nodes in topological order
   */
  public static void write(Draft draft, List<Node> nodes) {
    Algebra algebra = new Algebra(draft);
    for (Node node : nodes) {
      draft.scope(node.name().isEmpty() ? node.output(0) : node.name());
      if (node.domain().equals(DOMAIN)) {
        find(node).orElseThrow().write(algebra, node);
      } else {
        draft.append(node);
      }
    }
  }

  /** MaxPool tells where each maximum was, unless that can be found by comparing. */
  private static Node maxPool(Algebra g, Node node) {
    if (TiledPool.fits(g, node)) {
      return append(g, node, 1);
    }
    if (node.intAttribute("storage_order", 0) != 0) {
      throw refuse(node, "storage_order 1");
    }
    return append(g, node, 2);
  }

  /** Dropout is the identity unless its training mode is on. */
  private static Node dropout(Algebra g, Node node) {
    boolean off =
        node.input(2).isEmpty()
            || g.draft().data(node.input(2)).filter(mode -> mode.longAt(0) == 0).isPresent();
    if (!off) {
      throw refuse(node, "a training_mode that is on, or not constant");
    }
    return append(g, node, node.outputs().size());
  }

  static LatheException refuse(Node node, String why) {
    return new LatheException(
        TransformError.NO_GRADIENT, node.describe() + ": no gradient: " + why);
  }

  private static Node append(Algebra g, Node node, int outputs) {
    List<String> names = new ArrayList<>(node.outputs());
    for (int i = 0; i < outputs; i++) {
      if (i >= names.size()) {
        names.add(g.draft().fresh());
      } else if (names.get(i).isEmpty()) {
        names.set(i, g.draft().fresh());
      }
    }
    Node more = node.withOutputs(names);
    g.draft().append(more);
    return more;
  }

  /** A node with the output of another formula under the first name. */
  static void name(Algebra g, Node node, int output, String value) {
    if (!node.output(output).isEmpty()) {
      g.draft().alias(value, node.output(output));
    }
  }

  static Node saving(Node node, List<String> saved) {
    List<String> names = new ArrayList<>(node.outputs());
    names.addAll(saved);
    return node.withOutputs(names);
  }

  static Attribute.OfInts ints(long... values) {
    return (Attribute.OfInts) Attribute.ofInts(values);
  }
}

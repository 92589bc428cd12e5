package dev.lathe.transform.gradient;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.transform.TransformError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reverse-mode differentiation, as a graph.
 *
 * <p>Forward, each node is written to the draft, in the form that its gradient needs, and recorded
 * if it lies on a path from the values that are differentiated by to the loss. Backward, the record
 * is walked from its end; a value used several times gets the sum of what its uses give. Only
 * cotangents that somebody asked for are computed; integers and truth values end a path.
 */
public final class Backward {
  private static final Set<ElementType> NARROW = Set.of(ElementType.FLOAT16, ElementType.BFLOAT16);

  private final Draft draft;
  private final Algebra algebra;
  private final Set<String> towardsLoss;
  private final Set<String> active;
  private final List<Node> tape = new ArrayList<>();
  private final Map<String, List<String>> parts = new HashMap<>();

  private Backward(Draft draft, Set<String> towardsLoss, Set<String> by) {
    this.draft = draft;
    this.algebra = new Algebra(draft);
    this.towardsLoss = towardsLoss;
    this.active = new HashSet<>(by);
  }

  /**
   * Writes a list of nodes to a draft and gets ready to go back.
   *
   * @param draft the draft; it holds none of the nodes yet
   * @param nodes nodes in topological order; those of domain {@link TrainingForms#DOMAIN} are
   *     spelled out
   * @param losses the values to differentiate
   * @param by the values to differentiate by
   * @return ready to go back
   * @throws LatheException NO_GRADIENT naming the nodes on the way that have no rule, or one that
   *     computes in half precision
   */
  public static Backward forward(
      Draft draft, List<Node> nodes, Set<String> losses, Set<String> by) {
    Backward backward = new Backward(draft, ancestors(nodes, losses), by);
    backward.requireRules(nodes);
    nodes.forEach(backward::record);
    return backward;
  }

  private static Set<String> ancestors(List<Node> nodes, Set<String> losses) {
    Set<String> reached = new HashSet<>(losses);
    for (Node node : nodes.reversed()) {
      if (node.outputs().stream().anyMatch(reached::contains)) {
        reached.addAll(node.inputs());
      }
    }
    reached.remove("");
    return reached;
  }

  /** Before anything is written: every node that may lie on the way must have a rule. */
  private void requireRules(List<Node> nodes) {
    Set<String> reached = new HashSet<>(active);
    List<Node> missing = new ArrayList<>();
    for (Node node : nodes) {
      boolean onWay =
          node.inputs().stream().anyMatch(reached::contains)
              && node.outputs().stream().anyMatch(towardsLoss::contains);
      if (onWay && !GradientRules.endsPath(node)) {
        reached.addAll(node.outputs());
        if (GradientRules.find(node).isEmpty() && Decompositions.find(node).isEmpty()) {
          missing.add(node);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw Refusals.of(missing);
    }
  }

  private void record(Node node) {
    boolean onWay =
        node.inputs().stream().anyMatch(active::contains)
            && node.outputs().stream().anyMatch(towardsLoss::contains);
    draft.scope(label(node));
    Optional<TrainingForms.Form> form = TrainingForms.find(node);
    Optional<Decompositions.Body> body = Decompositions.find(node);
    boolean mustSpellOut = node.domain().equals(TrainingForms.DOMAIN);
    if (onWay && body.isPresent()) {
      parts(node, body.get()).forEach(part -> recordIf(reached(part), part));
    } else if (form.isPresent() && (onWay || mustSpellOut)) {
      Node written = form.get().write(algebra, node);
      recordIf(onWay, written);
    } else {
      draft.append(node);
      recordIf(onWay, node);
    }
  }

  private boolean reached(Node node) {
    return node.inputs().stream().anyMatch(active::contains);
  }

  /** The nodes that an operator is made of; the last ones make its outputs. */
  private List<Node> parts(Node node, Decompositions.Body body) {
    Map<String, String> names = new HashMap<>();
    List<Node> added =
        draft.apart(
            () -> {
              List<String> values = body.write(algebra, node);
              for (int i = 0; i < node.outputs().size(); i++) {
                if (!node.output(i).isEmpty()) {
                  draft.alias(values.get(i), node.output(i));
                  names.putIfAbsent(values.get(i), node.output(i));
                }
              }
            });
    names.values().removeIf(name -> added.stream().anyMatch(n -> n.outputs().contains(name)));
    return added.stream().map(part -> renamed(part, names)).toList();
  }

  private static Node renamed(Node node, Map<String, String> names) {
    return node.withInputs(node.inputs().stream().map(v -> names.getOrDefault(v, v)).toList())
        .withOutputs(node.outputs().stream().map(v -> names.getOrDefault(v, v)).toList());
  }

  private void recordIf(boolean onWay, Node node) {
    if (!onWay || GradientRules.endsPath(node)) {
      return;
    }
    tape.add(node);
    for (String output : node.outputs()) {
      ElementType element = draft.fact(output).element();
      if (NARROW.contains(element)) {
        throw Refusals.narrow(node, element);
      }
      if (!output.isEmpty() && (element.isFloating() || element == ElementType.UNDEFINED)) {
        active.add(output);
      }
    }
  }

  private static String label(Node node) {
    return node.name().isEmpty() ? node.output(0) : node.name();
  }

  /**
   * Goes back.
   *
   * @param seeds for each value to differentiate, which has one element, the name of what its
   *     gradient is multiplied by, a scalar; the products are added up
   * @param by the values to differentiate by, as given to {@link #forward}
   * @return the name of each one's gradient, of the value's own shape
   * @throws LatheException NO_GRADIENT if an operator is used in a way that its rule does not
   *     cover, NO_PATH if the loss does not depend on one of the values
   */
  public Map<String, String> gradients(Map<String, String> seeds, Set<String> by) {
    seeds.forEach(
        (loss, seed) -> {
          draft.scope("grad/" + loss);
          give(loss, algebra.expandLike(seed, loss));
        });
    for (Node node : tape.reversed()) {
      reverse(node);
    }
    Map<String, String> gradients = new LinkedHashMap<>();
    for (String value : by) {
      draft.scope("grad/" + value);
      String gradient = cotangent(value);
      if (gradient.isEmpty()) {
        throw new LatheException(
            TransformError.NO_PATH,
            "\""
                + value
                + "\": the loss does not depend on it (expected: a path of differentiable"
                + " operators)");
      }
      gradients.put(value, gradient);
    }
    return gradients;
  }

  private void reverse(Node node) {
    draft.scope("grad/" + label(node));
    List<String> cotangents = node.outputs().stream().map(this::cotangent).toList();
    if (cotangents.stream().allMatch(String::isEmpty)) {
      return;
    }
    Reverse reverse = new Reverse(draft, node, cotangents, i -> active.contains(node.input(i)));
    GradientRules.Entry entry = GradientRules.find(node).orElseThrow();
    for (int i = entry.outputs(); i < cotangents.size(); i++) {
      if (!cotangents.get(i).isEmpty()) {
        throw reverse.refuse("the loss depends on output " + i + ", \"" + node.output(i) + "\"");
      }
    }
    if (entry.outputs() == 1 && cotangents.getFirst().isEmpty()) {
      return;
    }
    entry.rule().apply(algebra, reverse);
    for (int i = 0; i < node.inputs().size(); i++) {
      if (reverse.wants(i) && !reverse.given().containsKey(i)) {
        throw reverse.refuse("by input " + i + ", \"" + node.input(i) + "\"");
      }
    }
    reverse.given().forEach((input, cotangent) -> give(node.input(input), cotangent));
  }

  private void give(String value, String cotangent) {
    if (!cotangent.isEmpty()) {
      parts.computeIfAbsent(value, _ -> new ArrayList<>()).add(cotangent);
    }
  }

  /** The sum of what the uses of a value gave; empty if nothing. */
  private String cotangent(String value) {
    List<String> given = parts.getOrDefault(value, List.of());
    return switch (given.size()) {
      case 0 -> "";
      case 1 -> given.getFirst();
      case 2 -> draft.node("Add", given.getFirst(), given.getLast());
      default -> draft.node("Sum", given.toArray(new String[0]));
    };
  }
}

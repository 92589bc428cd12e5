package dev.lathe.transform.decoder;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.shape.Fact;
import dev.lathe.transform.shape.Inference;
import dev.lathe.transform.shape.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what a plain decoder decides by the length of its tokens, {@code Where(Greater(T, near),
 * far, 0)}, once and for all: with a cache a sequence grows, and what is in the cache must not be
 * other than what comes.
 *
 * @param model the model without that choice
 * @param longest tokens of a sequence for which it was decided; {@link Long#MAX_VALUE} for all
 */
record ForLength(Model model, long longest) {
  private static final Term LENGTH = Term.of(Dim.of("T"));

  static ForLength of(Model model, String tokens, long capacity) {
    Inference inference = Inference.start(model);
    Shape shape = Shape.of(List.of(Dim.of("N"), Dim.of("T")));
    inference.put(tokens, Fact.of(ElementType.INT64, shape));
    Map<String, Node> producers = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    long longest = Long.MAX_VALUE;
    boolean changed = false;
    for (Node node : model.graph().nodes()) {
      inference.add(node);
      producers.put(node.output(0), node);
      Optional<Long> near = near(node, producers, inference);
      if (near.isEmpty()) {
        nodes.add(node);
        continue;
      }
      boolean far = capacity > near.get();
      longest = far ? longest : Math.min(longest, near.get());
      long value = inference.fact(node.input(far ? 1 : 2)).constants().orElseThrow()[0];
      nodes.add(
          Node.of("Constant", List.of(), node.outputs())
              .with("value", Attribute.of(Tensor.scalar(value))));
      changed = true;
    }
    return changed
        ? new ForLength(model.withGraph(model.graph().withNodes(nodes)), longest)
        : new ForLength(model, longest);
  }

  /** The length up to which the second choice holds, if a node chooses so. */
  private static Optional<Long> near(Node where, Map<String, Node> producers, Inference inference) {
    Node greater = producers.get(where.input(0));
    boolean chooses =
        where.qualifiedOp().equals("Where")
            && greater != null
            && greater.qualifiedOp().equals("Greater")
            && isOne(inference, where.input(1))
            && isOne(inference, where.input(2))
            && isOne(inference, greater.input(1))
            && inference
                .fact(greater.input(0))
                .content()
                .filter(List.of(LENGTH)::equals)
                .isPresent();
    return chooses
        ? inference.fact(greater.input(1)).constants().map(values -> values[0])
        : Optional.empty();
  }

  private static boolean isOne(Inference inference, String value) {
    Fact fact = inference.fact(value);
    return fact.element() == ElementType.INT64
        && fact.constants().filter(values -> values.length == 1).isPresent();
  }
}

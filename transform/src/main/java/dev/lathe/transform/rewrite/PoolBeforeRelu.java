package dev.lathe.transform.rewrite;

import dev.lathe.ir.Node;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The maximum of what is cut off at zero is the maximum, cut off at zero. With the maximum first,
 * Relu and its gradient see fewer elements. For training: inference has Relu inside the Conv before
 * it.
 */
public final class PoolBeforeRelu implements Rule {
  @Override
  public Set<String> operators() {
    return Set.of("MaxPool");
  }

  @Override
  public Optional<Change> apply(Node pool, Surroundings surroundings) {
    Optional<Node> relu =
        surroundings.producer(pool.input(0)).filter(node -> node.qualifiedOp().equals("Relu"));
    if (relu.isEmpty() || !surroundings.hasOneReader(pool.input(0)) || !pool.output(1).isEmpty()) {
      return Optional.empty();
    }
    String maximum = pool.output(0) + "/before_relu";
    Node first = pool.withInputs(relu.get().inputs()).withOutputs(List.of(maximum));
    Node second = relu.get().withInputs(List.of(maximum)).withOutputs(List.of(pool.output(0)));
    return Optional.of(new Change.ReplaceByTwo(first, second));
  }
}

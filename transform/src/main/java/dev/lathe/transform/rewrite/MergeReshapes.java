package dev.lathe.transform.rewrite;

import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/** A Reshape after a Reshape needs no Reshape before, unless it copies sizes from it. */
public final class MergeReshapes implements Rule {
  @Override
  public Set<String> operators() {
    return Set.of("Reshape");
  }

  @Override
  public Optional<Change> apply(Node node, Surroundings surroundings) {
    Optional<Node> before =
        surroundings.producer(node.input(0)).filter(n -> n.qualifiedOp().equals("Reshape"));
    Optional<Tensor> sizes = surroundings.constant(node.input(1));
    if (before.isEmpty()
        || sizes.isEmpty()
        || LongStream.of(sizes.get().toLongs()).anyMatch(size -> size == 0)) {
      return Optional.empty();
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, before.get().input(0));
    return Optional.of(new Change.Replace(node.withInputs(inputs)));
  }
}

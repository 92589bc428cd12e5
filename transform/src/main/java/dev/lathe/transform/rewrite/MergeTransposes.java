package dev.lathe.transform.rewrite;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Two Transposes in a row are one. */
public final class MergeTransposes implements Rule {
  @Override
  public Set<String> operators() {
    return Set.of("Transpose");
  }

  @Override
  public Optional<Change> apply(Node node, Surroundings surroundings) {
    Optional<Node> before =
        surroundings.producer(node.input(0)).filter(n -> n.qualifiedOp().equals("Transpose"));
    if (before.isPresent()
        && node.attributes().get("perm") instanceof Attribute.OfInts(List<Long> outer)
        && before.get().attributes().get("perm") instanceof Attribute.OfInts(List<Long> inner)) {
      List<Long> both = outer.stream().map(axis -> inner.get(axis.intValue())).toList();
      Node merged =
          node.withInputs(List.of(before.get().input(0))).with("perm", new Attribute.OfInts(both));
      return Optional.of(new Change.Replace(merged));
    }
    return Optional.empty();
  }
}

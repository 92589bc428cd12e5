package dev.lathe.transform.rewrite;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A change of shape that changes nothing, and a Transpose in the order that there is already. */
public final class RemoveIdleLayout implements Rule {
  @Override
  public Set<String> operators() {
    return Set.of("Reshape", "Flatten", "Expand", "Transpose");
  }

  @Override
  public Optional<Change> apply(Node node, Surroundings surroundings) {
    boolean idle =
        node.op().equals("Transpose")
            ? inOrder(node)
            : surroundings.sameShape(node.input(0), node.output(0));
    return idle ? Optional.of(new Change.Bypass(node.input(0))) : Optional.empty();
  }

  private static boolean inOrder(Node node) {
    if (!(node.attributes().get("perm") instanceof Attribute.OfInts(List<Long> perm))) {
      return false;
    }
    for (int i = 0; i < perm.size(); i++) {
      if (perm.get(i) != i) {
        return false;
      }
    }
    return true;
  }
}

package dev.lathe.transform.rewrite;

import dev.lathe.ir.Node;
import java.util.Optional;
import java.util.Set;

/** Identity, and Dropout that is not in training, give their input as it is. */
public final class RemoveIdentity implements Rule {
  @Override
  public Set<String> operators() {
    return Set.of("Identity", "Dropout");
  }

  @Override
  public Optional<Change> apply(Node node, Surroundings surroundings) {
    boolean plain = node.outputs().size() == 1 || node.output(1).isEmpty();
    boolean off =
        node.input(2).isEmpty()
            || surroundings.constant(node.input(2)).filter(m -> m.longAt(0) == 0).isPresent();
    return plain && off ? Optional.of(new Change.Bypass(node.input(0))) : Optional.empty();
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Moves axes, and undoes moves before it makes new ones. */
final class Axes {
  /** Operators that keep the elements and their order. */
  private static final Set<String> SHAPING =
      Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

  private final Draft draft;

  Axes(Draft draft) {
    this.draft = draft;
  }

  /** A value with its axes in another order; two moves in a row are one. */
  String transpose(String value, long... perm) {
    if (IntStream.range(0, perm.length).allMatch(i -> perm[i] == i)) {
      return value;
    }
    String bare = bare(value);
    Optional<Node> moved =
        draft
            .maker(bare)
            .filter(n -> n.op().equals("Transpose") && n.attribute("perm").isPresent());
    if (moved.isEmpty()) {
      return draft.node("Transpose", Map.of("perm", Attribute.ofInts(perm)), bare);
    }
    long[] before = moved.get().intsAttribute("perm");
    long[] joined = Arrays.stream(perm).map(axis -> before[(int) axis]).toArray();
    return transpose(moved.get().input(0), joined);
  }

  /** A value without an axis of size 1: what it was before the axis was put in, if it was. */
  String squeeze(String value, int axis) {
    List<Dim> dims = new ArrayList<>(draft.shape(value).dims());
    dims.remove(axis);
    Shape narrow = Shape.of(dims);
    return shaped(value)
        .filter(before -> Algebra.agree(draft.shape(before), narrow))
        .orElseGet(() -> draft.node("Squeeze", value, draft.longs(axis)));
  }

  /** The first value of the same shape from which only changes of shape lead to this one. */
  private String bare(String value) {
    String found = value;
    Optional<String> before = shaped(value);
    while (before.isPresent()) {
      if (Algebra.agree(draft.shape(before.get()), draft.shape(value))) {
        found = before.get();
      }
      before = shaped(before.get());
    }
    return found;
  }

  private Optional<String> shaped(String value) {
    return draft
        .maker(value)
        .filter(node -> SHAPING.contains(node.qualifiedOp()))
        .map(node -> node.input(0));
  }
}

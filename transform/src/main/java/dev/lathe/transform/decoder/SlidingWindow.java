package dev.lathe.transform.decoder;

import dev.lathe.ir.Node;
import java.util.Optional;

/**
 * The mask of a sliding window: token q sees token k if {@code q - k < W}. Beside it attention is
 * causal.
 */
final class SlidingWindow {
  private SlidingWindow() {}

  /**
   * Reads a mask.
   *
   * @param mask the value
   * @param extents what is known of the graph
   * @return W, unless the mask is another one
   */
  static Optional<Long> of(String mask, Extents extents) {
    Node less = made(mask, "Less", extents).orElse(null);
    if (less == null) {
      return Optional.empty();
    }
    Node difference = made(less.input(0), "Sub", extents).orElse(null);
    boolean pairs =
        difference != null
            && isPlaces(difference.input(0), 1, extents)
            && isPlaces(difference.input(1), 0, extents);
    return pairs
        ? extents
            .constant(less.input(1))
            .filter(w -> w.size() == 1 && w.type().isInteger())
            .map(w -> w.longAt(0))
            .filter(w -> w > 0)
        : Optional.empty();
  }

  /** Places as a column (axis 1 added) or as a row (axis 0 added). */
  private static boolean isPlaces(String value, long axis, Extents extents) {
    return made(value, "Unsqueeze", extents)
        .filter(node -> extents.isPlaces(node.input(0)))
        .filter(node -> extents.fact(node.input(0)).shape().rank() == 1)
        .flatMap(node -> extents.fact(node.input(1)).constants())
        .filter(axes -> axes.length == 1 && (axes[0] == axis || axes[0] == axis - 2))
        .isPresent();
  }

  private static Optional<Node> made(String value, String op, Extents extents) {
    return extents.producer(value).filter(node -> node.qualifiedOp().equals(op));
  }
}

package dev.lathe.transform.decoder;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.Optional;

/**
 * Attention of a plain decoder, as the kernel with a cache takes it: causal, heads in the last
 * axis, all heads of one size.
 *
 * @param node the node
 * @param heads heads of queries
 * @param keyHeads heads of keys and values
 * @param size features of a head
 * @param mask what is seen beside what comes before
 */
record AttentionForm(Node node, long heads, long keyHeads, long size, Mask mask) {
  /** The kernel reads heads in blocks of this many features. */
  private static final long HEAD_BLOCK = 8;

  /** Rotated heads, and the part of them that is rotated, come in blocks of this many. */
  private static final long ROTATED_BLOCK = 16;

  private static final String QUERY_HEADS = "q_num_heads";
  private static final String KEY_HEADS = "kv_num_heads";

  /** Whether a node attends to what an encoder gave, which needs no cache. */
  static boolean isAcross(Node node, Extents extents) {
    return extents.of(node.input(1)) == Extent.MEMORY && extents.of(node.input(2)) == Extent.MEMORY;
  }

  /** Refuses attention to an encoder that is written in another way than whole heads by whole. */
  static void requireAcross(Node node, Extents extents) {
    boolean plain =
        extents.of(node.input(0)) == Extent.TOKENS
            && extents.fact(node.input(0)).shape().rank() == 3
            && node.intAttribute("is_causal", 0) == 0
            && node.inputs().stream().skip(4).allMatch(String::isEmpty)
            && node.outputs().stream().skip(1).allMatch(String::isEmpty)
            && (node.input(3).isEmpty() || extents.of(node.input(3)) == Extent.MEMORY);
    if (!plain) {
      throw TokenRules.refuse(
          node, "attention to an encoder (expected: [N, T, H·D], a mask of the encoder's alone)");
    }
  }

  /** Refuses attention that has no form with a cache. */
  static AttentionForm of(Node node, Extents extents) {
    for (int i = 0; i < 3; i++) {
      Shape shape = extents.fact(node.input(i)).shape();
      if (extents.of(node.input(i)) != Extent.TOKENS || shape.rank() != 3) {
        throw TokenRules.refuse(
            node, "\"" + node.input(i) + "\" " + shape + " (expected: [N, T, H·D])");
      }
    }
    if (node.intAttribute("is_causal", 0) == 0) {
      throw TokenRules.refuse(node, "is_causal 0 (expected: 1, no token sees a later one)");
    }
    if (!node.input(4).isEmpty() || !node.input(5).isEmpty() || !node.input(6).isEmpty()) {
      throw TokenRules.refuse(node, "it has a past of its own (expected: none)");
    }
    if (node.outputs().stream().skip(1).anyMatch(output -> !output.isEmpty())) {
      throw TokenRules.refuse(node, "outputs beside the first (expected: none is used)");
    }
    long size = requireSize(node, extents);
    return new AttentionForm(
        node,
        node.intAttribute(QUERY_HEADS, 0),
        node.intAttribute(KEY_HEADS, 0),
        size,
        Mask.of(node, extents));
  }

  private static long requireSize(Node node, Extents extents) {
    long heads = node.intAttribute(QUERY_HEADS, 0);
    long keyHeads = node.intAttribute(KEY_HEADS, 0);
    Optional<Long> q = width(node.input(0), extents);
    Optional<Long> k = width(node.input(1), extents);
    boolean known = q.isPresent() && k.isPresent() && heads > 0 && keyHeads > 0;
    if (!known || q.get() % heads != 0 || heads % keyHeads != 0) {
      throw TokenRules.refuse(
          node, "heads " + heads + " and " + keyHeads + " (expected: parts of known widths)");
    }
    long size = q.get() / heads;
    if (!k.get().equals(size * keyHeads) || !k.equals(width(node.input(2), extents))) {
      throw TokenRules.refuse(
          node, "heads of keys and values of other sizes than those of queries, " + size);
    }
    if (size % HEAD_BLOCK != 0) {
      throw TokenRules.refuse(
          node, "heads of " + size + " features (expected: a multiple of " + HEAD_BLOCK + ")");
    }
    return size;
  }

  private static Optional<Long> width(String value, Extents extents) {
    return extents.fact(value).shape().dim(2) instanceof dev.lathe.ir.Dim.Fixed(long width)
        ? Optional.of(width)
        : Optional.empty();
  }

  /**
   * What limits or weighs what a token sees, beside that it comes before.
   *
   * @param window how many tokens each sees, itself among them; -1 for all
   * @param bias what is added to scores by places, FLOAT [1, H, T, T]; empty for nothing
   */
  record Mask(long window, String bias) {
    static Mask of(Node node, Extents extents) {
      String mask = node.input(3);
      if (mask.isEmpty()) {
        return new Mask(-1, "");
      }
      Optional<Long> window = SlidingWindow.of(mask, extents);
      if (window.isPresent()) {
        return new Mask(window.get(), "");
      }
      boolean bias =
          extents.of(mask) == Extent.PAIRS
              && extents.fact(mask).element() == ElementType.FLOAT
              && extents.fact(mask).shape().rank() == 4;
      if (bias) {
        return new Mask(-1, mask);
      }
      throw TokenRules.refuse(
          node,
          "mask \""
              + mask
              + "\" (expected: none, Less(Sub(places as a column, places as a row), window), or a"
              + " FLOAT bias [1, H, T, T] by places)");
    }
  }

  /**
   * How queries and keys are turned, where the kernel can do so itself.
   *
   * @param query what the queries are before they are turned
   * @param key what the keys are
   * @param cosine the table of cosines [places, half of the turned features]
   * @param sine the table of sines
   * @param interleaved 1 if pairs lie side by side, 0 if half a head apart
   * @param offset the row of the tables that is for place 0
   */
  record Rotation(
      String query, String key, String cosine, String sine, long interleaved, long offset) {}

  /** The rotation before this attention, if the kernel can do it: the same for both, not odd. */
  Optional<Rotation> rotation(Extents extents) {
    Node query = rotated(node.input(0), extents);
    Node key = rotated(node.input(1), extents);
    if (query == null || key == null || size % ROTATED_BLOCK != 0) {
      return Optional.empty();
    }
    long interleaved = query.intAttribute("interleaved", 0);
    boolean alike =
        interleaved == key.intAttribute("interleaved", 0)
            && query.intAttribute("num_heads", heads) == heads
            && key.intAttribute("num_heads", keyHeads) == keyHeads
            && same(query.input(1), key.input(1), extents)
            && same(query.input(2), key.input(2), extents);
    long turned =
        extents
            .constant(query.input(1))
            .filter(t -> t.rank() == 2)
            .map(t -> 2 * t.dim(1))
            .orElse(0L);
    boolean fits = turned > 0 && turned <= size && turned % ROTATED_BLOCK == 0;
    long offset = extents.placeOffset(query.input(3)).orElse(-1L);
    boolean apart = extents.placeOffset(key.input(3)).orElse(-1L) != offset || offset < 0;
    return alike && fits && !apart
        ? Optional.of(
            new Rotation(
                query.input(0), key.input(0), query.input(1), query.input(2), interleaved, offset))
        : Optional.empty();
  }

  private static @org.jspecify.annotations.Nullable Node rotated(String value, Extents extents) {
    return extents
        .producer(value)
        .filter(made -> made.qualifiedOp().equals("RotaryEmbedding"))
        .orElse(null);
  }

  private static boolean same(String left, String right, Extents extents) {
    Optional<Tensor> a = extents.constant(left);
    Optional<Tensor> b = extents.constant(right);
    return left.equals(right) || a.isPresent() && b.isPresent() && a.get().sameContent(b.get());
  }
}

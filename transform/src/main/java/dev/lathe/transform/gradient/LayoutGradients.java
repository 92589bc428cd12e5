package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Gradients of operators that lay elements out anew. */
final class LayoutGradients {
  private LayoutGradients() {}

  static void transpose(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] reversed = IntStream.range(0, rank).mapToLong(i -> rank - 1L - i).toArray();
    long[] perm = r.node().intsAttribute("perm", reversed);
    long[] back = new long[rank];
    for (int i = 0; i < rank; i++) {
      back[(int) perm[i]] = i;
    }
    r.give(0, () -> g.transpose(r.dy(), back));
  }

  /** Concat: the cotangent is split again. */
  static void concat(Algebra g, Reverse r) {
    int axis = CutGradients.axis(r, r.node().intAttribute("axis", 0));
    int count = r.node().inputs().size();
    if (count == 1) {
      r.give(0, r::dy);
      return;
    }
    String[] sizes = new String[count];
    boolean fixed = true;
    for (int i = 0; i < count; i++) {
      fixed &= r.shape(i).dim(axis).isFixed();
    }
    for (int i = 0; i < count; i++) {
      sizes[i] = fixed ? "" : sizeAlong(g, r.in(i), axis);
    }
    String lengths =
        fixed
            ? g.draft().longs(IntStream.range(0, count).mapToLong(i -> r.size(i, axis)).toArray())
            : g.draft().node("Concat", Map.of("axis", Attribute.of(0L)), sizes);
    List<String> pieces =
        g.draft().nodes("Split", Map.of("axis", Attribute.of((long) axis)), count, r.dy(), lengths);
    for (int i = 0; i < count; i++) {
      int input = i;
      r.give(i, () -> pieces.get(input));
    }
  }

  private static String sizeAlong(Algebra g, String value, int axis) {
    return g.node("Gather", g.shapeOf(value), g.draft().longs(axis));
  }

  /** Split: the cotangents are joined again, zeros where the loss does not depend on a piece. */
  static void split(Algebra g, Reverse r) {
    long axis = r.node().intAttribute("axis", 0);
    r.give(
        0,
        () -> {
          List<String> pieces = new ArrayList<>();
          for (int i = 0; i < r.node().outputs().size(); i++) {
            pieces.add(r.dy(i).isEmpty() ? g.zerosLike(r.out(i)) : r.dy(i));
          }
          return g.draft()
              .node("Concat", Map.of("axis", Attribute.of(axis)), pieces.toArray(new String[0]));
        });
  }

  /** Tile: [r₀·d₀, ...] seen as [r₀, d₀, ...] and summed over the repeats. */
  static void tile(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] repeats = r.constants("repeats", 1);
    long open = r.shape(0).dims().stream().filter(dim -> !dim.isFixed()).count();
    if (open > 1) {
      throw r.refuse("input " + r.shape(0) + " (expected: at most one open size)");
    }
    long[] sizes = new long[2 * rank];
    long[] axes = new long[rank];
    for (int i = 0; i < rank; i++) {
      sizes[2 * i] = repeats[i];
      sizes[2 * i + 1] = r.shape(0).dim(i) instanceof Dim.Fixed(long size) ? size : -1;
      axes[i] = 2L * i;
    }
    r.give(0, () -> g.reshapeLike(g.sum(g.reshape(r.dy(), sizes), 0, axes), r.x()));
  }

  static void trilu(Algebra g, Reverse r) {
    r.give(0, () -> g.draft().node("Trilu", r.node().attributes(), r.dy(), r.in(1)));
  }

  /** DepthToSpace: [N, C, H·b, W·b] seen as [N, C, H, b, W, b] and put back in the node's order. */
  static void depthToSpace(Algebra g, Reverse r) {
    long block = r.node().intAttribute("blocksize", 1);
    boolean depthFirst = r.node().stringAttribute("mode", "DCR").equals("DCR");
    r.give(
        0,
        () -> {
          if (depthFirst) {
            Map<String, Attribute> size = Map.of("blocksize", Attribute.of(block));
            return g.draft().node("SpaceToDepth", size, r.dy());
          }
          long channels = r.size(0, 1) / (block * block);
          long[] parts = {-1, channels, r.size(0, 2), block, r.size(0, 3), block};
          return g.reshapeLike(g.transpose(g.reshape(r.dy(), parts), 0, 1, 3, 5, 2, 4), r.x());
        });
  }

  static void spaceToDepth(Algebra g, Reverse r) {
    Map<String, Attribute> size =
        Map.of("blocksize", Attribute.of(r.node().intAttribute("blocksize", 1)));
    r.give(0, () -> g.draft().node("DepthToSpace", size, r.dy()));
  }

  /** ReverseSequence undoes itself. */
  static void reverseSequence(Algebra g, Reverse r) {
    r.give(0, () -> g.draft().node("ReverseSequence", r.node().attributes(), r.dy(), r.in(1)));
  }
}

package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gradients of operators that put elements at places, and of those that pick by a choice of their
 * own: the places that the forward run used are used again.
 */
final class ScatterGradients {
  private ScatterGradients() {}

  /** How a scatter's places are read and written: by element along an axis, or by whole slices. */
  private record Places(Algebra g, Node node, String indices) {
    static Places of(Algebra g, Reverse r) {
      return new Places(g, r.node(), r.in(1));
    }

    private boolean byElement() {
      return node.op().equals("ScatterElements");
    }

    private Map<String, Attribute> axis() {
      return byElement() ? Map.of("axis", Attribute.of(node.intAttribute("axis", 0))) : Map.of();
    }

    /** What a value of the data's shape holds at the places, in the shape of the updates. */
    String read(String value) {
      return g.draft().node(byElement() ? "GatherElements" : "GatherND", axis(), value, indices);
    }

    /** A value of the data's shape with updates put, or combined, at the places. */
    String write(String value, String updates, String reduction) {
      Map<String, Attribute> attributes = new TreeMap<>(axis());
      if (!reduction.equals("none")) {
        attributes.put("reduction", Attribute.of(reduction));
      }
      return g.draft().node(node.op(), attributes, value, indices, updates);
    }
  }

  /** ScatterElements, ScatterND: data, indices, updates. */
  static void scatter(Algebra g, Reverse r) {
    Places places = Places.of(g, r);
    String reduction = r.node().stringAttribute("reduction", "none");
    switch (reduction) {
      case "none" -> {
        r.give(0, () -> places.write(r.dy(), g.zerosLike(r.in(2)), "none"));
        r.give(2, () -> places.read(r.dy()));
      }
      case "add" -> {
        r.give(0, r::dy);
        r.give(2, () -> places.read(r.dy()));
      }
      case "mul" -> product(g, r, places);
      case "max", "min" -> extreme(g, r, places);
      default -> throw r.refuse("reduction \"" + reduction + "\"");
    }
  }

  /**
   * Each factor's slope is the product of all others at its place. Zeros are counted apart, so that
   * nothing is divided by them.
   */
  private static void product(Algebra g, Reverse r, Places places) {
    String zeroData = g.castLike(isZero(g, r.in(0)), r.in(0));
    String zeroUpdates = g.castLike(isZero(g, r.in(2)), r.in(0));
    String safeData = g.add(r.in(0), zeroData);
    String safeUpdates = g.add(r.in(2), zeroUpdates);
    String product = places.write(safeData, safeUpdates, "mul");
    String zeros = places.write(zeroData, zeroUpdates, "add");
    r.give(
        0,
        () -> {
          String others = g.node("Equal", zeros, zeroData);
          return g.mask(others, g.mul(r.dy(), g.div(product, safeData)));
        });
    r.give(
        2,
        () -> {
          String others = g.node("Equal", places.read(zeros), zeroUpdates);
          String slope = g.div(places.read(product), safeUpdates);
          return g.mask(others, g.mul(places.read(r.dy()), slope));
        });
  }

  static String isZero(Algebra g, String value) {
    return g.node("Equal", value, g.draft().number(0, value));
  }

  /** To what is extreme at its place; equal ones share. */
  private static void extreme(Algebra g, Reverse r, Places places) {
    String fromData = g.castLike(g.node("Equal", r.in(0), r.y()), r.y());
    String fromUpdates = g.castLike(g.node("Equal", r.in(2), places.read(r.y())), r.y());
    String share = g.div(r.dy(), places.write(fromData, fromUpdates, "add"));
    r.give(0, () -> g.mul(share, fromData));
    r.give(2, () -> g.mul(places.read(share), fromUpdates));
  }

  /** TopK: to where each value came from. */
  static void topK(Algebra g, Reverse r) {
    Map<String, Attribute> axis = Map.of("axis", Attribute.of(r.node().intAttribute("axis", -1)));
    r.give(0, () -> g.draft().node("ScatterElements", axis, g.zerosLike(r.x()), r.out(1), r.dy()));
  }

  /** Compress: rows that were picked get theirs, others 0; without an axis, of all elements. */
  static void compress(Algebra g, Reverse r) {
    String found = g.node("Squeeze", g.node("NonZero", r.in(1)), g.draft().longs(0));
    r.give(
        0,
        () -> {
          if (r.node().attribute("axis").isEmpty()) {
            String count = g.node("Reshape", g.node("Size", r.x()), g.draft().longs(1));
            Map<String, Attribute> first = Map.of("axis", Attribute.of(0L));
            String flat =
                g.draft().node("ScatterElements", first, g.zeros(count, r.x()), found, r.dy());
            return g.reshapeLike(flat, r.x());
          }
          int axis = CutGradients.axis(r, r.node().intAttribute("axis", 0));
          return IndexGradients.rows(g, r, axis, found);
        });
  }

  /** MaxUnpool: each value's cotangent is read where the value was put. */
  static void maxUnpool(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          String places = g.reshape(r.in(1), -1);
          return g.reshapeLike(g.node("Gather", g.reshape(r.dy(), -1), places), r.x());
        });
  }

  /** OneHot by its two values: what is hot went to the second, the rest to the first. */
  static void oneHot(Algebra g, Reverse r) {
    r.give(
        2,
        () -> {
          Tensor ends = Tensor.ofValues(g.draft().fact(r.in(2)).element(), new double[] {0, 1}, 2);
          String zeroOne = g.draft().constant("off_on", ends);
          String hot = g.draft().node("OneHot", r.node().attributes(), r.in(0), r.in(1), zeroOne);
          String on = total(g, g.mul(r.dy(), hot));
          String off = total(g, g.mul(r.dy(), g.sub(1, hot)));
          return g.draft().node("Concat", Map.of("axis", Attribute.of(0L)), off, on);
        });
  }

  private static String total(Algebra g, String value) {
    return g.sum(g.reshape(value, -1), 1, 0);
  }

  /** Range: {@code yᵢ = start + i·delta}; the limit only says how many. */
  static void range(Algebra g, Reverse r) {
    r.give(0, () -> g.reshapeLike(total(g, r.dy()), r.in(0)));
    if (r.wants(1)) {
      r.stop(1);
    }
    r.give(
        2,
        () -> {
          String steps = g.castLike(counting(g, r.y()), r.dy());
          return g.reshapeLike(total(g, g.mul(r.dy(), steps)), r.in(2));
        });
  }

  /** 0, 1, 2, ... along a vector, INT64. */
  private static String counting(Algebra g, String vector) {
    return range(g, g.node("Squeeze", g.node("Shape", vector), g.draft().longs(0)));
  }

  /** 0, 1, 2, ... up to a scalar, INT64. */
  private static String range(Algebra g, String limit) {
    String zero = g.draft().constant("0", Tensor.scalar(0L));
    return g.node("Range", zero, limit, g.draft().constant("1", Tensor.scalar(1L)));
  }

  /**
   * Indices of GatherND with batch axes as indices without: the batch's own coordinates in front.
   *
   * @param batch how many axes data and indices share
   */
  static String withBatch(Algebra g, Reverse r, int batch) {
    String indices = r.in(1);
    int rank = r.rank(1);
    String[] all = new String[batch + 1];
    for (int axis = 0; axis < batch; axis++) {
      long[] shape = new long[rank];
      Arrays.fill(shape, 1);
      shape[axis] = -1;
      String size = g.node("Gather", g.shapeOf(indices), scalar(g, axis));
      Extents like = new Extents(g).of(indices, 0, rank - 1).sizes(1);
      all[axis] = like.expand(g.reshape(range(g, size), shape));
    }
    all[batch] = indices;
    return g.draft().node("Concat", Map.of("axis", Attribute.of(rank - 1L)), all);
  }

  private static String scalar(Algebra g, long value) {
    return g.draft().constant(Long.toString(value), Tensor.scalar(value));
  }

  /** ReduceProd: each factor's slope is the product of the others; zeros are counted apart. */
  static void product(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          long[] axes = ReductionGradients.axes(r);
          String dy = ReductionGradients.kept(g, r, r.dy());
          if (axes.length == 0) {
            return dy;
          }
          String zero = g.castLike(isZero(g, r.x()), r.x());
          String safe = g.add(r.x(), zero);
          String product = g.node("ReduceProd", safe, g.draft().longs(axes));
          String others = g.node("Equal", g.sum(zero, 1, axes), zero);
          return g.mask(others, g.mul(dy, g.div(product, safe)));
        });
  }
}

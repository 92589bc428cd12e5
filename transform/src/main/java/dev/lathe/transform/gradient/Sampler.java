package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads images at places between their elements: for each place a sum of elements nearby, the taps,
 * by weights that depend on where between them it lies. The taps are picked by index, so that what
 * goes back to an image is added up where it came from, and what goes back to a place goes through
 * the weights.
 *
 * @param g formulas
 * @param mode {@code nearest}, {@code linear} or {@code cubic}
 * @param padding what lies outside: {@code zeros}, {@code border} or {@code reflection}
 * @param corners whether reflection is at the outer elements themselves, not half an element beyond
 */
record Sampler(Algebra g, String mode, String padding, boolean corners) {
  private static final Map<String, Attribute> PLACES = Map.of("axis", Attribute.of(1L));
  private static final Map<String, Attribute> ELEMENTS = Map.of("axis", Attribute.of(2L));

  /** One tap of one axis: an index INT64 [N, P], and a weight [N, P], empty for 1. */
  private record Tap(String at, String weight) {}

  /**
   * Reads.
   *
   * @param images [N, C, elements], the axes of space in one
   * @param spatial their sizes
   * @param places for each axis of space the places [N, P], counted in elements from the first
   * @return [N, C, P]
   */
  String read(String images, long[] spatial, List<String> places) {
    List<Tap> taps = List.of(new Tap("", ""));
    for (int axis = 0; axis < spatial.length; axis++) {
      List<Tap> more = taps(places.get(axis), spatial[axis]);
      List<Tap> all = new ArrayList<>();
      for (Tap one : taps) {
        for (Tap other : more) {
          all.add(joined(one, other, spatial[axis]));
        }
      }
      taps = all;
    }
    String at = together(taps.stream().map(Tap::at).toList());
    String wide =
        new Extents(g)
            .of(images, 0, 2)
            .of(at, 1)
            .expand(g.node("Unsqueeze", at, g.draft().longs(1)));
    String picked = g.draft().node("GatherElements", ELEMENTS, images, wide);
    if (!taps.getFirst().weight().isEmpty()) {
      String weights = together(taps.stream().map(Tap::weight).toList());
      picked = g.mul(picked, g.node("Unsqueeze", weights, g.draft().longs(1)));
    }
    if (taps.size() == 1) {
      return picked;
    }
    String split = new Extents(g).of(images, 0, 2).sizes(taps.size(), -1).reshape(picked);
    return g.sum(split, 0, 2);
  }

  private String together(List<String> values) {
    return values.size() == 1
        ? values.getFirst()
        : g.draft().node("Concat", PLACES, values.toArray(new String[0]));
  }

  private Tap joined(Tap one, Tap other, long size) {
    if (one.at().isEmpty()) {
      return other;
    }
    String row = g.node("Mul", one.at(), g.draft().number(size, one.at()));
    String weight =
        one.weight().isEmpty()
            ? other.weight()
            : other.weight().isEmpty() ? one.weight() : g.mul(one.weight(), other.weight());
    return new Tap(g.node("Add", row, other.at()), weight);
  }

  private List<Tap> taps(String place, long size) {
    if (mode.equals("nearest")) {
      return List.of(tap(g.node("Round", place), "", size));
    }
    String floor = g.node("Floor", place);
    String part = g.sub(place, floor);
    String rest = g.sub(1, part);
    List<Tap> taps = new ArrayList<>();
    if (mode.equals("cubic")) {
      taps.add(tap(g.add(floor, -1), outer(g.add(part, 1)), size));
      taps.add(tap(floor, inner(part), size));
      taps.add(tap(g.add(floor, 1), inner(rest), size));
      taps.add(tap(g.add(floor, 2), outer(g.add(rest, 1)), size));
    } else {
      taps.add(tap(floor, rest, size));
      taps.add(tap(g.add(floor, 1), part, size));
    }
    return taps;
  }

  /** Keys' kernel with a = -0.75, for distances up to 1. */
  private String inner(String x) {
    String cubic = g.mul(g.add(g.mul(x, 1.25), -2.25), g.square(x));
    return g.add(cubic, 1);
  }

  /** Keys' kernel for distances from 1 to 2. */
  private String outer(String x) {
    String square = g.mul(g.add(g.mul(x, -0.75), 3.75), x);
    return g.add(g.mul(g.add(square, -6), x), 3);
  }

  /** The tap at a whole place, which may lie outside. */
  private Tap tap(String place, String weight, long size) {
    String first = g.draft().number(0, place);
    String last = g.draft().number(size - 1.0, place);
    String within = padding.equals("reflection") ? reflected(place, size) : place;
    String clipped = g.node("Clip", within, first, last);
    Map<String, Attribute> toIndex = Map.of("to", Attribute.of((long) ElementType.INT64.code()));
    String at = g.draft().node("Cast", toIndex, clipped);
    if (!padding.equals("zeros")) {
      return new Tap(at, weight);
    }
    String inside = g.castLike(g.node("Equal", place, clipped), place);
    return new Tap(at, weight.isEmpty() ? inside : g.mul(weight, inside));
  }

  private String reflected(String place, long size) {
    int shared = corners ? 1 : 0;
    double period = 2.0 * (size - shared);
    if (period == 0) {
      return place;
    }
    String turns = g.node("Floor", g.mul(place, 1 / period));
    String phase = g.sub(place, g.mul(turns, period));
    String back = g.sub(period - 1 + shared, phase);
    return g.where(g.node("Less", phase, g.draft().number(size, phase)), phase, back);
  }
}

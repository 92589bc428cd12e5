package dev.lathe.transform;

import java.util.List;

/**
 * What a step computes a second time on its way back instead of keeping it from the forward run.
 * Memory shrinks to what lies between the segments and one segment at a time; the forward part of
 * all segments but the last is paid twice. Gradients are the same, bit for bit, as long as the
 * engine fuses the same nodes.
 *
 * @param way how the forward run is cut into segments
 * @param boundaries names of values of the forward model, each the end of a segment; for {@link
 *     Way#BY_NAME} only
 * @see <a href="https://arxiv.org/abs/1604.06174">Chen et al., Training Deep Nets with Sublinear
 *     Memory Cost</a>
 */
public record Recomputation(Way way, List<String> boundaries) {
  /** Everything that the way back needs is kept. */
  public static final Recomputation NOTHING = new Recomputation(Way.NOTHING, List.of());

  /** Segments are chosen so that as little as possible is kept. */
  public static final Recomputation SEGMENTS = new Recomputation(Way.BY_SIZE, List.of());

  /** How the forward run is cut. */
  public enum Way {
    /** Not at all. */
    NOTHING,
    /** Where little is kept: about as many segments as each has layers. */
    BY_SIZE,
    /** Behind values that are named. */
    BY_NAME
  }

  /** Copies the list. */
  public Recomputation {
    boundaries = List.copyOf(boundaries);
    if ((way == Way.BY_NAME) == boundaries.isEmpty()) {
      throw Settings.bad("boundaries " + boundaries + " for " + way, "names for BY_NAME only");
    }
  }

  /**
   * Segments that end behind values.
   *
   * @param values names of values of the forward model
   * @return what to recompute
   */
  public static Recomputation behind(List<String> values) {
    return new Recomputation(Way.BY_NAME, values);
  }
}

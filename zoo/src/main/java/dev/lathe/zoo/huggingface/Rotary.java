package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.ZooError;

/**
 * Rotary positions: which angle a pair of features turns by at each place. Angles are computed in
 * FLOAT, as PyTorch computes them, since models have learned with these.
 *
 * @param features how many features of a head turn, even; the others stay as they are
 * @param places how many places there are
 * @param turns the angle of each pair from one place to the next
 * @param scale what cosine and sine are multiplied with
 * @param far the angles of a text longer than {@code near}; the same as {@code turns} if none
 * @param near the longest text that turns by {@code turns}
 */
@SuppressWarnings("ArrayRecordComponent")
record Rotary(int features, int places, float[] turns, float scale, float[] far, int near) {
  /** Two tables of 2²⁷ numbers are 1 GiB. */
  private static final long MOST_ANGLES = 1L << 27;

  /** Refuses tables that are too large. */
  Rotary {
    long angles = (long) places * turns.length * (near < places ? 2 : 1);
    if (angles > MOST_ANGLES) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "max_position_embeddings: "
              + places
              + " places of "
              + turns.length
              + " angles (supported: "
              + MOST_ANGLES
              + " in all)");
    }
  }

  /** The same angles for texts of any length. */
  static Rotary of(int features, int places, float[] turns, float scale) {
    return new Rotary(features, places, turns, scale, turns, places);
  }

  /** Whether long texts turn by other angles. */
  boolean hasFar() {
    return near < places;
  }

  /** Places, cosines and sines as values of a graph. */
  record Placed(Rotary rotary, String places, String cosine, String sine) {}

  /** Writes the tables, and the place of each of the tokens INT64 [N, T]. */
  Placed place(Draft draft, String tokens) {
    String places = draft.places(tokens);
    if (hasFar()) {
      String count = draft.add("Squeeze", draft.size(tokens, 1));
      String shift =
          draft.add(
              "Where",
              draft.add("Greater", count, draft.whole(near)),
              draft.whole(this.places),
              draft.whole(0));
      places = draft.add("Add", places, shift);
    }
    String all = draft.add("Expand", places, draft.add("Shape", tokens));
    return new Placed(
        this, all, draft.constant(table(StrictMath::cos)), draft.constant(table(StrictMath::sin)));
  }

  /** [places, features / 2], and the same for long texts below it. */
  private Tensor table(java.util.function.DoubleUnaryOperator wave) {
    int half = turns.length;
    int rows = places * (hasFar() ? 2 : 1);
    float[] values = new float[rows * half];
    for (int row = 0; row < rows; row++) {
      float[] used = row < places ? turns : far;
      for (int i = 0; i < half; i++) {
        float angle = row % places * used[i];
        values[row * half + i] = (float) wave.applyAsDouble(angle) * scale;
      }
    }
    return Tensor.ofFloats(values, rows, half);
  }
}

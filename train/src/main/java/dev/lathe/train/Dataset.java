package dev.lathe.train;

import dev.lathe.ir.Tensor;
import dev.lathe.train.data.DrawnDigits;
import dev.lathe.train.data.Given;
import java.util.List;

/**
 * Examples in memory.
 *
 * @param x raw features, FLOAT [N, ...]
 * @param y targets: INT64 [N] class indices, or FLOAT [N, K] numbers
 * @param labels class names by index; empty where targets are numbers
 * @param source where they came from, for people
 * @param sha256 digest of where they came from, lower-case hexadecimal
 * @param leftOut how many could not be decoded and were left out
 */
public record Dataset(
    Tensor x, Tensor y, List<String> labels, String source, String sha256, int leftOut) {
  /** Copies the labels. */
  public Dataset {
    labels = List.copyOf(labels);
  }

  /**
   * Examples of which none was left out.
   *
   * @param x raw features, FLOAT [N, ...]
   * @param y targets: INT64 [N] class indices, or FLOAT [N, K] numbers
   * @param labels class names by index; empty where targets are numbers
   * @param source where they came from, for people
   * @param sha256 digest of where they came from, lower-case hexadecimal
   */
  public Dataset(Tensor x, Tensor y, List<String> labels, String source, String sha256) {
    this(x, y, labels, source, sha256, 0);
  }

  /**
   * Examples that a program has made.
   *
   * @param x raw features, FLOAT [N, ...]
   * @param y targets: INT64 [N] class indices from 0, or FLOAT [N] or [N, K] numbers
   * @return the examples
   * @throws dev.lathe.ir.LatheException BAD_DATA if types or sizes do not fit, or a feature is not
   *     finite
   */
  public static Dataset of(Tensor x, Tensor y) {
    return Given.dataset(x, y);
  }

  /**
   * Synthetic drawings of the digits 0 to 9 by writers that no training drawing comes from.
   *
   * @param count number of drawings, above 0
   * @param seed what they are drawn from
   * @return features FLOAT [N, 1, 28, 28] of 0 to 255, targets INT64 [N], labels "0" to "9"
   */
  public static Dataset drawnDigits(int count, long seed) {
    return DrawnDigits.draw(DrawnDigits.Part.TEST, count, seed);
  }

  /**
   * The number of examples.
   *
   * @return N
   */
  public int size() {
    return Math.toIntExact(x.dim(0));
  }
}

package dev.lathe.server;

import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Why a model answered so.
 *
 * @param model its name
 * @param version the version that was asked
 * @param input the input that is explained
 * @param output the output that is explained
 * @param method how
 * @param rows one explanation for each row
 */
public record Explained(
    String model, String version, String input, String output, String method, List<Row> rows) {
  /** Copies the rows. */
  public Explained {
    rows = List.copyOf(rows);
  }

  /**
   * The explanation of a row.
   *
   * @param target the class that is explained, from 0
   * @param label its name; absent if classes have none
   * @param score what the output says for the row
   * @param baselineScore what it says for the baseline
   * @param gap what the attributions leave of the difference
   * @param attributions what each element of the example added, in its shape
   */
  public record Row(
      int target,
      Optional<String> label,
      double score,
      double baselineScore,
      double gap,
      Tensor attributions) {}
}

package dev.lathe.generate.beam;

import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;

/** Rows of tokens, filled up to the longest. */
final class SourceRows {
  private SourceRows() {}

  /** INT64 [N, L]. */
  static Tensor filled(List<long[]> rows, long filler) {
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    long[] all = new long[Math.multiplyExact(rows.size(), longest)];
    Arrays.fill(all, filler);
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * longest, rows.get(i).length);
    }
    return Tensor.ofLongs(all, rows.size(), longest);
  }

  /** INT64 [N, L]: 1 where a row has a token. */
  static Tensor present(List<long[]> rows) {
    return filled(
        rows.stream()
            .map(
                row -> {
                  long[] ones = new long[row.length];
                  Arrays.fill(ones, 1);
                  return ones;
                })
            .toList(),
        0);
  }
}

package dev.lathe.generate;

import dev.lathe.ir.Tensor;
import java.util.List;

/**
 * What a model thinks comes next after targets in the making. Search asks again and again: each
 * line of a call goes on from a line of the call before it, so that whoever keeps a cache can
 * reorder it.
 */
@FunctionalInterface
public interface NextScores {
  /**
   * A target in the making.
   *
   * @param source which of the sources it is for
   * @param parent which line of the last call it is with one token more; -1 for one that begins
   * @param tokens all of its tokens, from the start token on
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Line(int source, int parent, int[] tokens) {}

  /**
   * Scores of the token that follows.
   *
   * @param lines at least one
   * @return logits FLOAT [R, V]: a row for each line
   */
  Tensor after(List<Line> lines);
}

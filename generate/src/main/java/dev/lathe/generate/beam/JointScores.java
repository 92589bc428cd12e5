package dev.lathe.generate.beam;

import dev.lathe.generate.NextScores;
import java.util.Map;

/**
 * Scores of what is written for sources that come and go between steps. Not safe for use by several
 * threads.
 */
public interface JointScores extends NextScores {
  /**
   * Takes in sources; lines may name them from now on.
   *
   * @param sources their tokens, by the numbers that lines name them by
   */
  void begin(Map<Integer, long[]> sources);

  /**
   * Forgets a source; no line names it any more.
   *
   * @param source its number
   */
  void end(int source);

  /**
   * What it holds beside the model.
   *
   * @return bytes of keys and values
   */
  long bytes();
}

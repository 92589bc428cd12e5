package dev.lathe.generate;

import dev.lathe.transform.WeightForm;
import java.util.List;

/**
 * How a text model is held in memory.
 *
 * @param weights the form of its weights
 * @param arenas the places for texts, in one or more sizes
 * @param cacheBytes what these take of the memory
 */
public record TextForm(WeightForm weights, List<TextOptions.Arena> arenas, long cacheBytes) {
  /** Copies the places. */
  public TextForm {
    arenas = List.copyOf(arenas);
  }

  /**
   * Texts that are written at once.
   *
   * @return the places of all sizes
   */
  public int slots() {
    return arenas.stream().mapToInt(TextOptions.Arena::slots).sum();
  }

  /**
   * The longest text.
   *
   * @return tokens of prompt and answer together
   */
  public int context() {
    return arenas.stream().mapToInt(TextOptions.Arena::capacity).max().orElse(0);
  }
}

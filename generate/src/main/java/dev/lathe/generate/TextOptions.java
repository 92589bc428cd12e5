package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.List;

/**
 * How a decoder is kept in memory and shared.
 *
 * @param arenas places for texts, in one or more sizes
 * @param waiting the most sequences that wait for a slot
 * @param chunk the most tokens of a prompt that are computed between two steps of the others
 * @param draft the most tokens that are guessed ahead while few sequences run; 0 for none
 * @param threads threads that compute
 */
public record TextOptions(List<Arena> arenas, int waiting, int chunk, int draft, int threads) {
  /**
   * Places for texts of one size.
   *
   * @param slots how many texts
   * @param capacity the most tokens of each
   */
  public record Arena(int slots, int capacity) {
    /**
     * Refuses numbers out of range.
     *
     * @throws LatheException BAD_OPTION
     */
    public Arena {
      require("slots", slots, 1, 1024);
      require("capacity", capacity, 2, 1 << 22);
    }
  }

  /**
   * Refuses numbers out of range.
   *
   * @throws LatheException BAD_OPTION
   */
  public TextOptions {
    require("arenas", arenas.size(), 1, 8);
    require("waiting", waiting, 0, 1 << 16);
    require("chunk", chunk, 1, 1 << 16);
    require("draft", draft, 0, 64);
    require("threads", threads, 1, 256);
    arenas = List.copyOf(arenas);
  }

  private static void require(String what, int found, int least, int most) {
    if (found < least || found > most) {
      throw new LatheException(
          GenerateError.BAD_OPTION,
          what + ": " + found + " (expected: " + least + " to " + most + ")");
    }
  }

  /**
   * One size of places.
   *
   * @param slots how many texts at once
   * @param capacity the most tokens of each
   * @return options with usual numbers for the rest
   */
  public static TextOptions of(int slots, int capacity) {
    return new TextOptions(List.of(new Arena(slots, capacity)), 256, 256, 4, 1);
  }
}

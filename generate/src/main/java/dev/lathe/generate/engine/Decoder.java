package dev.lathe.generate.engine;

import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.ir.LatheException;
import java.util.List;

/**
 * What computes scores, and holds the cache: the only part that knows a model. For one thread.
 *
 * <p>The cache has rows in arenas. What a row holds beyond the length that a run names is of no
 * importance: a run with a shorter length takes tokens back.
 */
public interface Decoder extends AutoCloseable {
  /** Tokens of a block. */
  int BLOCK = 32;

  /**
   * The number of tokens.
   *
   * @return V, the length of scores
   */
  int vocabulary();

  /**
   * The longest text that the model knows places for.
   *
   * @return tokens
   */
  int context();

  /**
   * The rows of the cache.
   *
   * @return in rising order of capacity
   */
  List<Arena> arenas();

  /**
   * The most places of a run whose scores can be had.
   *
   * @return as many as an arena has rows, at least
   */
  int mostScored();

  /**
   * Appends tokens to rows and computes scores.
   *
   * @param run one token for each of several neighbouring rows, or several for one row
   * @throws LatheException what the engine says; the rows of the run then hold nothing
   */
  void run(Run run);

  /**
   * Scores of the last run.
   *
   * @param index which of those wanted
   * @param into [V], filled
   */
  void read(int index, float[] into);

  /**
   * Copies what one row holds of some places into another.
   *
   * @param from a row
   * @param to another row
   * @param begin the first place
   * @param end after the last place
   */
  void copy(Spot from, Spot to, int begin, int end);

  /**
   * Lets two rows of one arena change their contents.
   *
   * @param one a row
   * @param other another
   * @param length the places of the longer content
   */
  void exchange(Spot one, Spot other, int length);

  /**
   * Places outside the rows, in blocks of {@link #BLOCK} tokens.
   *
   * @return how many blocks; 0 if nothing can be kept outside the rows
   */
  int blocks();

  /**
   * What a block takes of the memory.
   *
   * @return bytes
   */
  long blockBytes();

  /**
   * Places of a block.
   *
   * @param block which, from 0
   * @param offset the first place
   * @param count how many
   */
  record Part(int block, int offset, int count) {}

  /**
   * Copies what a row holds into a block.
   *
   * @param from a row
   * @param begin its first place that is copied
   * @param to where to
   */
  void save(Spot from, int begin, Part to);

  /**
   * Copies what a block holds into a row.
   *
   * @param from where from
   * @param to a row
   * @param begin its first place that is written
   */
  void load(Part from, Spot to, int begin);

  /**
   * Who hears that {@link #refresh} has something to do.
   *
   * @param listener called on any thread
   */
  default void onChange(Runnable listener) {}

  /** Does what others asked for meanwhile. Called before each run, and soon after a change. */
  default void refresh() {}

  @Override
  void close();
}

package dev.lathe.train.data;

import java.util.List;

/** A part of the data, as the network sees it: examples that are read one after the other. */
public interface Part {
  /** The column of a network with one input. */
  String FEATURES = "x";

  /** The column of what should be predicted. */
  String TARGET = "target";

  /**
   * The number of examples.
   *
   * @return N; 0 for a part that does not exist
   */
  int size();

  /**
   * How many different tokens the features are made of.
   *
   * @return V; 0 where features are numbers
   */
  default int vocabulary() {
    return 0;
  }

  /**
   * What an example has.
   *
   * @return the columns, in the order in which {@link Cursor#next} writes them; where batches
   *     differ in size ({@link Cursor#shaped}), the largest
   */
  List<Column> columns();

  /**
   * Reads in the order that the data has.
   *
   * @return at the first example; the caller closes it
   */
  Cursor inOrder();

  /**
   * Reads in an order that depends on seed and epoch only.
   *
   * @param seed the run's seed
   * @param epoch the epoch, from 0
   * @return at the first example of the epoch; the caller closes it
   */
  Cursor shuffled(long seed, int epoch);

  /**
   * Whether reading an example costs no more than copying it, so that nothing is won by reading
   * ahead on another thread.
   *
   * @return true if so
   */
  boolean isInMemory();
}

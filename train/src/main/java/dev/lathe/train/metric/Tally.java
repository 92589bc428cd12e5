package dev.lathe.train.metric;

import java.util.Map;

/** Sums over places or examples, from which some metrics are made. */
interface Tally {
  /** Adds a batch. */
  void add(Answers answers);

  /** Puts all that it knows, by metric name; a metric that has no value is left out. */
  void put(Map<String, Double> metrics);

  /**
   * All that {@link #add} changes, live: what is written into it is taken up. Empty for what cannot
   * be taken up.
   */
  double[] sums();
}

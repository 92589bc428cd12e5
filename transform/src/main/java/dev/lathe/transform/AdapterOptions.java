package dev.lathe.transform;

import java.util.List;

/**
 * How low-rank adapters are made.
 *
 * @param rank r, how many directions an adapter can change; 1 to {@value #MOST}
 * @param alpha α; what an adapter adds is multiplied by {@code α/r}
 * @param dropout the part of an adapter's input that training drops, 0 to below 1
 * @param targets patterns of the names of the weights that get one, {@code *} for any characters
 *     and {@code ?} for one
 * @param seed what the random starting values are made from, together with a weight's name
 */
public record AdapterOptions(
    int rank, double alpha, double dropout, List<String> targets, long seed) {
  /** The largest rank. */
  public static final int MOST = 4096;

  /** Checks the ranges and copies the patterns. */
  public AdapterOptions {
    targets = List.copyOf(targets);
    Settings.requireWithin("rank", rank, 1, MOST + 1.0);
    Settings.requireAbove0("alpha", alpha);
    Settings.requireWithin("dropout", dropout, 0, 1);
    if (targets.isEmpty()) {
      throw Settings.bad("no target", "patterns of names of weights");
    }
  }
}

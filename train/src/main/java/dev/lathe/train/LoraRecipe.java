package dev.lathe.train;

import java.util.List;

/**
 * Low-rank adapters beside weights, which are all that is trained.
 *
 * @param rank how many directions an adapter can change; 0 trains the weights themselves
 * @param alpha what an adapter adds is multiplied by {@code alpha/rank}
 * @param dropout the part of an adapter's input that training drops, 0 to below 1
 * @param targets patterns of the weights of MatMul, Gemm and Conv that get one; {@code *} stands
 *     for any characters, {@code ?} for one
 * @param release what becomes of the adapters
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
public record LoraRecipe(
    int rank, double alpha, double dropout, List<String> targets, Release release) {
  /** No adapters. */
  public static final LoraRecipe NONE = new LoraRecipe(0, 1, 0, List.of("*"), Release.MERGED);

  /** Copies the patterns. */
  public LoraRecipe {
    targets = List.copyOf(targets);
  }

  /**
   * Adapters of all weights, merged when released.
   *
   * @param rank how many directions an adapter can change, from 1
   * @return adapters with alpha twice the rank
   */
  public static LoraRecipe of(int rank) {
    return new LoraRecipe(rank, 2.0 * rank, 0, List.of("*"), Release.MERGED);
  }

  /**
   * Whether there are adapters.
   *
   * @return false if the weights themselves are trained
   */
  public boolean isWanted() {
    return rank > 0;
  }

  /** What becomes of trained adapters; in either case they are a file beside the model, too. */
  public enum Release {
    /** They are folded into the weights, so that the graph is as it was. */
    MERGED,
    /** They stay beside the weights as nodes of the graph; no weight is changed. */
    APART
  }
}

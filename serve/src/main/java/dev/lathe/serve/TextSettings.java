package dev.lathe.serve;

import dev.lathe.generate.TextOptions;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.Serving;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How text models are held in memory where their deployments say nothing else.
 *
 * @param adapters the most adapters in memory beside each
 * @param usual weights, places and cache
 * @param forms where forms of weights are kept that were made; absent if weights are held as
 *     released
 */
public record TextSettings(int adapters, Serving.Text usual, Optional<Path> forms) {
  private static final long LEAST_CACHE = 16L << 20;
  private static final int MEBIBYTE = 20;
  private static final String RELEASED = "FLOAT32";

  /** As released, in what fits. */
  public static final TextSettings USUAL =
      new TextSettings(TextOptions.usual().adapters(), Serving.Text.NONE, Optional.empty());

  /**
   * How a model is held.
   *
   * @param said what its deployment says
   * @param machine what there is to share
   * @throws LatheException BAD_OPTION if weights are to be held in a form for which there is no
   *     folder
   */
  TextOptions options(Serving.Text said, Machine machine) {
    Serving.Text all = said.or(usual);
    TextOptions standard = TextOptions.usual();
    long cache =
        all.cacheMib()
            .map(most -> (long) most << MEBIBYTE)
            .orElseGet(
                () ->
                    Math.max(
                        LEAST_CACHE, Math.min(standard.room().cacheBytes(), machine.memory() / 8)));
    return standard
        .withThreads(Math.min(256, machine.threads()))
        .withAdapters(adapters)
        .with(TextOptions.Weights.named(all.weights().orElse(RELEASED), forms))
        .with(new TextOptions.Room(whole(all.slots()), whole(all.context()), cache))
        .withPrefixBytes(cache / 4);
  }

  /**
   * What models share.
   *
   * @param threads threads that compute
   * @param memory bytes that all models together may take
   */
  record Machine(int threads, long memory) {}

  private static OptionalInt whole(Optional<Integer> given) {
    return given.isPresent() ? OptionalInt.of(given.get()) : OptionalInt.empty();
  }
}

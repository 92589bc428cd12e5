package dev.lathe.benchmarks.generating;

import dev.lathe.zoo.Llama;
import java.util.List;

/**
 * How large a decoder is measured, and how long.
 *
 * @param vocabulary tokens
 * @param size width, depth and heads
 * @param prompts lengths of prompts
 * @param streams texts that grow side by side
 * @param steps steps that count, for each number of streams; tokens of a text that is asked for
 * @param requests texts that are asked for at random times
 */
public record Scale(
    int vocabulary,
    Llama.Size size,
    List<Integer> prompts,
    List<Integer> streams,
    int steps,
    int requests) {
  /** The shape of Llama 3.2 1B with 32,000 tokens: 1.04·10⁹ weights. */
  public static final Scale BILLION =
      new Scale(
          32_000,
          new Llama.Size(2048, 8192, 16, 32, 8),
          List.of(128, 512),
          List.of(1, 4, 16),
          24,
          40);

  /**
   * As large as a model that `lathe quickstart --text` trains, to see what copies cost at least.
   */
  public static final Scale SMALL =
      new Scale(
          4096,
          new Llama.Size(256, 688, 4, 8, 4),
          List.of(16, 32, 128, 512),
          List.of(1, 4),
          24,
          40);

  /** For a test that the benchmark still runs. */
  public static final Scale SMOKE =
      new Scale(500, new Llama.Size(64, 96, 2, 4, 2), List.of(16), List.of(1, 4), 3, 6);

  /** Copies the lists. */
  public Scale {
    prompts = List.copyOf(prompts);
    streams = List.copyOf(streams);
  }

  /** The most tokens of a text here. */
  int capacity() {
    return prompts.getLast() + Math.max(steps, 64) + 8;
  }

  /** Tokens that are there before texts are measured while they grow. */
  int begun() {
    return prompts.getFirst();
  }

  /** Weights of the projections, the head among them. */
  long weights() {
    long head = size.width() / size.heads();
    long attention = 2L * size.width() * size.width() + 2L * size.width() * size.keyHeads() * head;
    long layer = attention + 3L * size.width() * size.inner();
    return size.layers() * layer + (long) vocabulary * size.width();
  }
}

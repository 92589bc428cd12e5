package dev.lathe.checks.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Recipes on drawn digits that train in seconds. */
public final class Recipes {
  /** What has a state of its own in a training. */
  private static final String STATEFUL =
      """
      seed: 5
      optimizer: { kind: adamw, learning_rate: 0.003, weight_decay: 0.1 }
      schedule: { kind: cosine, warmup: 20 }
      update: { clip_norm: 1.0, decay: matrices, batches: 3, average: 0.99 }
      steps: %d
      checkpoint: { every: 11 }
      """;

  private Recipes() {}

  /** A small network on few drawings: for what is not about accuracy. */
  public static Path small(Path folder, String model, int seed, int epochs) {
    return write(
        folder.resolve("small-" + seed + ".yaml"),
        """
        model: %s
        task: classification
        seed: %d
        data: { format: drawn_digits, train: 1500, test: 300, normalize: standard_all }
        architecture: { kind: cnn, stages: [{ channels: 4, kernel: 3, pool: 2 }], hidden: [16] }
        optimizer: { kind: adam, learning_rate: 0.002 }
        epochs: %d
        batch: 32
        checkpoint: { every: 20 }
        """
            .formatted(model, seed, epochs));
  }

  /** A network with dropout, trained by steps of several batches whose weights are averaged. */
  public static Path stateful(Path folder, String model, int steps) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    while (text.length() < 20_000) {
      text.append("the a one other turns sees cuts wheel tool part ".split(" ")[random.nextInt(10)])
          .append(' ');
    }
    write(folder.resolve("text.txt"), text.toString());
    return write(
        folder.resolve("stateful.yaml"),
        """
        model: %s
        task: language_model
        data: { format: text, train: text.txt, length: 16, validation: 0.1 }
        architecture: { kind: gpt, width: 32, layers: 2, heads: 2, dropout: 0.2 }
        batch: 4
        """
                .formatted(model)
            + STATEFUL.formatted(steps));
  }

  /** The same on a table that does not fit into the window that is kept of it. */
  public static Path streamed(Path folder, String model, int steps) {
    Random random = new Random(2);
    StringBuilder table = new StringBuilder();
    while (table.length() < 3 << 20) {
      int label = random.nextInt(3);
      for (int i = 0; i < 16; i++) {
        double centre = i % 3 == label ? 1 : 0;
        table.append((float) (centre + random.nextGaussian())).append(',');
      }
      table.append("abc".charAt(label)).append('\n');
    }
    write(folder.resolve("table.csv"), table.toString());
    return write(
        folder.resolve("streamed.yaml"),
        """
        model: %s
        task: classification
        data: { format: csv, train: table.csv, window: 1, validation: 0.1, normalize: standard }
        architecture: { kind: mlp, hidden: [64, 64], dropout: 0.2 }
        batch: 32
        """
                .formatted(model)
            + STATEFUL.formatted(steps));
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

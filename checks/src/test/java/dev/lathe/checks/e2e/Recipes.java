package dev.lathe.checks.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Recipes on drawn digits that train in seconds. */
public final class Recipes {
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

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

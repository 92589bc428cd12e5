package dev.lathe.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Releases to publish. Their graphs are random bytes: the registry does not look into them. */
final class Samples {
  static final ModelName DIGITS = ModelName.parse("demo/digits");

  private Samples() {}

  static byte[] graph(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Metadata metadata(double accuracy) {
    return new Metadata(
        "classification",
        List.of("zero", "one", "yes", "null", "3.0"),
        new Signature(
            List.of(new TensorSpec("x", "FP32", List.of(-1L, 1L, 8L, 8L))),
            List.of(
                new TensorSpec("probabilities", "FP32", List.of(-1L, 5L)),
                new TensorSpec("label", "INT64", List.of(-1L)))),
        new Lineage(
            "train",
            List.of(),
            Release.RECIPE,
            List.of(new DataDigest("train", Sha256.of(new byte[] {1}).hex(), 3823)),
            Map.of("accuracy", accuracy),
            42,
            "lathe 0.1.0",
            Instant.parse("2026-01-02T03:04:05Z")));
  }

  static Release release(long seed) {
    return Release.of(
            Content.of(graph(seed, 50_000)), metadata(0.9 + seed / 1000.0), "Train, seed " + seed)
        .with(Release.RECIPE, Content.of("model: demo/digits\nseed: " + seed + "\n"));
  }
}

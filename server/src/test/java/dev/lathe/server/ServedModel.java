package dev.lathe.server;

import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.DataDigest;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Sha256;
import dev.lathe.registry.Signature;
import dev.lathe.zoo.Linear;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A data directory with a real, small model in it: {@code demo/linear}, 4 inputs, 2 outputs. */
public final class ServedModel {
  /** The model's name. */
  public static final ModelName NAME = ModelName.parse("demo/linear");

  private ServedModel() {}

  /**
   * Publishes versions and makes the first one live in {@code prod}.
   *
   * @param data the data directory
   * @param versions how many
   */
  public static void publish(Path data, int versions) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      for (int seed = 1; seed <= versions; seed++) {
        registry.publish(NAME, release(graph(seed), seed));
      }
      registry.deploy(NAME, "v1", "prod");
    }
  }

  /**
   * Publishes a model and makes it live in {@code prod}.
   *
   * @param registry where
   * @param name its name
   * @param graph the model
   */
  public static void publish(Registry registry, ModelName name, Model graph) {
    registry.publish(name, release(graph, 1));
    registry.deploy(name, "v1", "prod");
  }

  /**
   * The graph of a version.
   *
   * @param seed the version's number
   * @return the graph
   */
  public static Model graph(int seed) {
    return new Linear(4, 2).build(seed);
  }

  private static Release release(Model graph, int seed) {
    Lineage lineage =
        new Lineage(
            "train",
            List.of(),
            Release.RECIPE,
            List.of(new DataDigest("train", Sha256.of(new byte[] {1}).hex(), 100)),
            Map.of("test_loss", 0.25),
            seed,
            Tool.NAME,
            Instant.parse("2026-01-02T03:04:05Z"));
    Metadata metadata = new Metadata("regression", List.of(), Signature.of(graph), lineage);
    return Release.of(Content.of(OnnxFile.toBytes(graph)), metadata, "Train, seed " + seed)
        .with(Release.RECIPE, Content.of("model: demo/linear\nseed: " + seed + "\n"));
  }
}

package dev.lathe.checks.conformance;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.HuggingFace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A data directory with the Llama that has read Shakespeare, as {@code bard/llama}. */
final class ShakespeareModel {
  static final String NAME = "bard/llama";

  private ShakespeareModel() {}

  static void publish(Path data) {
    Path folder = Shared.path("fixtures/text/shakespeare-llama");
    HuggingFace imported = HuggingFace.read(folder);
    Metadata metadata =
        new Metadata(
            imported.task().key(),
            List.of(),
            Signature.of(imported.model()),
            Metadata.NONE.lineage(),
            Map.of());
    Release release =
        Release.of(Content.of(OnnxFile.toBytes(imported.model())), metadata, "For a test");
    for (Path file : imported.files()) {
      release = release.with(String.valueOf(file.getFileName()), Content.of(file));
    }
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.publish(ModelName.parse(NAME), release);
      registry.deploy(ModelName.parse(NAME), "v1", "prod");
    }
  }
}

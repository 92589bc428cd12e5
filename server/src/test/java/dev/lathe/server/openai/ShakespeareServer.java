package dev.lathe.server.openai;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.server.Lathe;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A data directory with the Llama that has read Shakespeare, as {@code bard/llama}. */
final class ShakespeareServer {
  static final String NAME = "bard/llama";
  static final String VECTORS = "demo/vectors";

  private ShakespeareServer() {}

  static void publish(Path data) {
    publish(data, file -> true);
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.deploy(ModelName.parse(NAME), "v1", "prod");
    }
  }

  /** Another version of it, with some of the files. */
  static void publish(Path data, Predicate<String> kept) {
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
      String name = String.valueOf(file.getFileName());
      if (kept.test(name)) {
        release = release.with(name, Content.of(file));
      }
    }
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.publish(ModelName.parse(NAME), release);
    }
  }

  /**
   * A tiny encoder beside it, as {@link #VECTORS}, with a tokenizer of numbers: "7 8" are the
   * tokens 7 and 8.
   */
  static void publishVectors(Path data, Path scratch) throws IOException {
    Path from = Shared.path("fixtures/hf/bert-embed");
    Path folder = Files.createDirectories(scratch.resolve("bert-embed"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(from.resolve(name), folder.resolve(name));
    }
    String words =
        IntStream.range(0, 512)
            .mapToObj(i -> "\"" + i + "\":" + i)
            .collect(Collectors.joining(","));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
         "decoder": null, "model": {"type": "WordLevel", "unk_token": "3", "vocab": {%s}}}
        """
            .formatted(words));
    try (Lathe lathe = Lathe.open(data)) {
      lathe.importModel(VECTORS, folder.toString(), "");
      lathe.deploy(VECTORS, "v1", "prod");
    }
  }
}

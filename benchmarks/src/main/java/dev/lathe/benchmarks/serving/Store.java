package dev.lathe.benchmarks.serving;

import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Lathe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A server's data directory with models in it.
 *
 * @param data the directory
 */
public record Store(Path data) implements AutoCloseable {
  private static final String NAMESPACE = "bench";

  /**
   * An empty one in a new folder, which goes when it is closed.
   *
   * @return the store
   */
  public static Store temporary() {
    try {
      return new Store(Files.createTempDirectory("lathe-bench"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Publishes a model's next version and makes it live. */
  Store with(String name, Model model) {
    Lineage lineage =
        new Lineage("build", List.of(), "", List.of(), Map.of(), 1, "benchmark", Instant.EPOCH);
    Metadata metadata = new Metadata("regression", List.of(), Signature.of(model), lineage);
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      ModelName full = ModelName.parse(NAMESPACE + "/" + name);
      String version =
          registry
              .publish(
                  full,
                  Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "for a benchmark"))
              .version();
      registry.deploy(full, version, "prod");
    }
    return this;
  }

  /** Publishes a task's model, and writes it as a file for servers of other kinds. */
  Store with(Task task) {
    Model model = task.model();
    try {
      Files.createDirectories(models());
      Files.write(models().resolve(task.id() + ".onnx"), OnnxFile.toBytes(model));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return with(task.id(), model);
  }

  /** A key that may ask every model. */
  String key() {
    try (Lathe lathe = Lathe.open(data)) {
      return lathe
          .keys()
          .create(new KeyWish("bench", List.of("infer"), Optional.empty(), Optional.empty()))
          .key();
    }
  }

  /** Where a task's model answers. */
  static String path(Task task) {
    return "/v2/models/" + NAMESPACE + "/" + task.id() + "/infer";
  }

  /** Where the files for other servers are. */
  Path models() {
    return data.resolve("models");
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(data)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

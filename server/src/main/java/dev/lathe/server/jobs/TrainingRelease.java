package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.ExternalData;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.registry.Content;
import dev.lathe.registry.DataDigest;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.Tool;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.LoraRecipe;
import dev.lathe.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a training result a version of a model. The graph is written to a file, the file is read
 * back and must answer as the trained model does; only then is it published.
 */
public final class TrainingRelease {
  /** The name of the commit's last line that says which job made it. */
  private static final String TRAILER = "Lathe-Job: ";

  private static final String FILE = "release.onnx";
  private static final String WEIGHTS = "model.onnx.data";

  /** Models with more bytes of weights keep them in a file of their own, which is mapped. */
  private static final long MOST_INSIDE = 64L << 20;

  private static final String ADAPTERS = "adapters.safetensors";

  private final Registry registry;
  private final InstantSource clock;

  /**
   * Releases into a registry.
   *
   * @param registry where versions go
   * @param clock where times come from
   */
  public TrainingRelease(Registry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /**
   * The version that a job has made, if it got that far.
   *
   * @param model the model
   * @param job the job's id
   * @return the version
   */
  public Optional<VersionInfo> find(ModelName model, String job) {
    return registry.exists(model)
        ? registry.log(model).stream().filter(version -> madeBy(version, job)).findFirst()
        : Optional.empty();
  }

  /**
   * Publishes a result as the model's next version.
   *
   * @param model the model
   * @param result what training has made
   * @param folder where the file is written on its way; it is removed afterwards
   * @param job the job's id; empty if no job made it
   * @return the version
   * @throws LatheException EXPORT_DIFFERS if the file does not answer as the trained model does;
   *     whatever the checker or the registry refuses. Nothing is published then
   */
  public VersionInfo publish(ModelName model, TrainingResult result, Path folder, String job) {
    Path file = folder.resolve(FILE);
    Path weights = folder.resolve(WEIGHTS);
    Path adapters = folder.resolve(ADAPTERS);
    try {
      Checker.require(result.model());
      boolean large = isLarge(result.model());
      if (large) {
        OnnxFile.write(result.model(), file, ExternalData.of(WEIGHTS));
      } else {
        OnnxFile.write(result.model(), file);
      }
      ExportCheck.require(result.model(), file);
      Release release = release(result, file, job);
      if (large) {
        release = release.with(WEIGHTS, Content.of(weights));
      }
      if (!result.adapters().isEmpty()) {
        Safetensors.write(adapters, result.adapters(), scale(result.recipe().lora()));
        release = release.with(ADAPTERS, Content.of(adapters));
      }
      return registry.publish(model, release);
    } finally {
      remove(file);
      remove(weights);
      remove(adapters);
    }
  }

  /** What a file of adapters must say to be put on a model again, in PEFT's words. */
  private static Map<String, String> scale(LoraRecipe lora) {
    return Map.of("r", Integer.toString(lora.rank()), "lora_alpha", Double.toString(lora.alpha()));
  }

  private Release release(TrainingResult result, Path file, String job) {
    Release release = Release.of(Content.of(file), metadata(result), message(result, job));
    for (Map.Entry<String, Path> kept : result.kept().entrySet()) {
      release = release.with(kept.getKey(), Content.of(kept.getValue()));
    }
    for (Map.Entry<String, String> beside : result.files().entrySet()) {
      release = release.with(beside.getKey(), Content.of(beside.getValue()));
    }
    for (Path beside : result.recipe().release().files()) {
      release = release.with(String.valueOf(beside.getFileName()), Content.of(beside));
    }
    String source = result.recipe().source();
    return source.isEmpty() ? release : release.with(Release.RECIPE, Content.of(source));
  }

  private Metadata metadata(TrainingResult result) {
    return new Metadata(
        result.task().key(),
        result.labels(),
        Signature.of(result.model()),
        lineage(result),
        RawInputs.pipeline(result));
  }

  private Lineage lineage(TrainingResult result) {
    List<DataDigest> data =
        result.data().stream()
            .map(seen -> new DataDigest(name(seen), seen.sha256(), seen.examples()))
            .toList();
    return new Lineage(
        "train",
        parents(result),
        result.recipe().source().isEmpty() ? "" : Release.RECIPE,
        data,
        result.metrics(),
        result.seed(),
        Tool.NAME,
        clock.instant());
  }

  private static List<String> parents(TrainingResult result) {
    return result.recipe().architecture() instanceof ArchitectureRecipe.Base base
            && !base.version().isEmpty()
        ? List.of(base.version())
        : List.of();
  }

  private static boolean isLarge(Model model) {
    return model.graph().initializers().values().stream().mapToLong(Tensor::byteSize).sum()
        > MOST_INSIDE;
  }

  private static String name(dev.lathe.train.DataDigest seen) {
    return seen.role() + ": " + seen.source();
  }

  private static String message(TrainingResult result, String job) {
    String asked = result.recipe().release().message();
    String subject = asked.isEmpty() ? "Train " + result.recipe().model() : asked;
    return job.isEmpty() ? subject : subject + "\n\n" + TRAILER + job + "\n";
  }

  private static boolean madeBy(VersionInfo version, String job) {
    return version.message().lines().anyMatch((TRAILER + job)::equals);
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // A file left behind costs space only; the release stands or falls without it.
      System.getLogger(TrainingRelease.class.getName())
          .log(System.Logger.Level.WARNING, "left behind: " + file);
    }
  }
}

package dev.lathe.server.release;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.registry.StepKind;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.ServerError;
import dev.lathe.server.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes a release of a folder: {@code model.onnx} (or the only ONNX file there), a {@code
 * lathe.yaml} with task, labels and pipeline, and whatever else lies there. The model is checked
 * and opened by the engine that will serve it.
 *
 * @param clock where times come from
 */
public record FolderRelease(InstantSource clock) {
  private static final String ONNX = ".onnx";
  private static final int MOST_FILES = 1_000;

  /**
   * Reads a folder.
   *
   * @param folder the folder; nothing in it changes until the release is published
   * @param message why the version exists; empty for a usual one
   * @return the release
   * @throws LatheException BAD_SOURCE if the folder cannot be a version; whatever is wrong with the
   *     model
   */
  public Release read(Path folder, String message) {
    SortedMap<String, Path> files = files(folder);
    Path yaml = files.remove(Declaration.FILE);
    Declaration declared = yaml == null ? Declaration.NONE : Declaration.read(yaml);
    nameTheModel(files);
    Path model = files.get(Release.MODEL);
    if (model == null && declared.pipeline().isEmpty()) {
      throw bad(folder + ": neither a model.onnx nor a lathe.yaml with a pipeline");
    }
    Signature signature =
        model == null ? new Signature(List.of(), List.of()) : Signature.of(checked(model));
    Metadata metadata =
        new Metadata(
            declared.task(),
            declared.labels(),
            signature,
            lineage(declared.pipeline()),
            declared.pipeline());
    SortedMap<String, Content> content = new TreeMap<>();
    files.forEach((path, file) -> content.put(path, Content.of(file)));
    return new Release(content, metadata, message.isEmpty() ? "Release of files" : message);
  }

  /** Whatever the file is called, in a version it is model.onnx. */
  private static void nameTheModel(SortedMap<String, Path> files) {
    List<String> models =
        files.keySet().stream().filter(path -> path.endsWith(ONNX) && !path.contains("/")).toList();
    if (!files.containsKey(Release.MODEL) && models.size() == 1) {
      files.put(Release.MODEL, files.remove(models.getFirst()));
    }
  }

  private static Model checked(Path file) {
    Model model = OnnxFile.read(file);
    Checker.require(model);
    Session.open(file, SessionOptions.defaults()).close();
    return model;
  }

  private Lineage lineage(Map<String, Object> pipeline) {
    return new Lineage(
        "import",
        pipeline.isEmpty() ? List.of() : parents(pipeline),
        "",
        List.of(),
        Map.of(),
        0,
        Tool.NAME,
        clock.instant());
  }

  /** A pipeline comes from the versions that it runs. */
  private static List<String> parents(Map<String, Object> pipeline) {
    return Pipeline.parse(pipeline, Declaration.FILE).steps().values().stream()
        .filter(step -> step.kind() == StepKind.MODEL)
        .map(Pipeline::reference)
        .flatMap(Optional::stream)
        .filter(Pipeline.Reference::isVersion)
        .map(Pipeline.Reference::toString)
        .distinct()
        .toList();
  }

  /** Regular files by path, without hidden ones; links are not followed. */
  private static SortedMap<String, Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new LatheException(
          ServerError.BAD_SOURCE, folder + ": no such folder (expected: a folder or an ONNX file)");
    }
    SortedMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder, 16)) {
      walk.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .limit(MOST_FILES + 1L)
          .forEach(
              file -> {
                Path path = folder.relativize(file);
                if (Stream.iterate(path, p -> p != null, Path::getParent)
                    .noneMatch(p -> String.valueOf(p.getFileName()).startsWith("."))) {
                  files.put(path.toString().replace('\\', '/'), file);
                }
              });
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE, folder + ": cannot be read: " + e.getMessage(), e);
    }
    if (files.size() > MOST_FILES) {
      throw bad(folder + ": more than " + MOST_FILES + " files");
    }
    return files;
  }

  static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_SOURCE, message);
  }
}

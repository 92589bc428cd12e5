package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.LowRank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files that make up a model of others. */
public final class CheckpointFiles {
  private static final String CONFIG = "config.json";
  private static final String GGUF = ".gguf";

  /** Where exporters put a decoder, the one that is read first. */
  private static final List<String> EXPORTS =
      List.of(
          "model.onnx",
          "onnx/model.onnx",
          "decoder_with_past_model.onnx",
          "onnx/decoder_with_past_model.onnx",
          "decoder_model_merged.onnx",
          "onnx/decoder_model_merged.onnx",
          "decoder_model.onnx",
          "onnx/decoder_model.onnx");

  private CheckpointFiles() {}

  /**
   * The ONNX file that holds the weights of a folder without safetensors.
   *
   * @param folder a folder
   * @return the file, if there is one and it is needed
   */
  static Optional<Path> exported(Path folder) {
    boolean config = Files.isRegularFile(folder.resolve(CONFIG));
    boolean weights =
        config
            && HuggingFace.weightFiles(folder).stream()
                .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
    return !config || weights
        ? Optional.empty()
        : EXPORTS.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  /** An ONNX file with what lies outside of it. */
  private static Stream<String> withData(Path folder, Path file) {
    String name = folder.relativize(file).toString().replace('\\', '/');
    return Stream.of(name, name + "_data", name + ".data");
  }

  /**
   * The GGUF file that is the whole model.
   *
   * @param source a file, or a folder
   * @return the file itself, or the only one in a folder without a config
   */
  static Optional<Path> gguf(Path source) {
    if (Files.isRegularFile(source)) {
      return Optional.of(source).filter(file -> file.toString().endsWith(GGUF));
    }
    if (!Files.isDirectory(source) || Files.exists(source.resolve(CONFIG))) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(source)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(GGUF)).limit(2).toList();
      return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    } catch (IOException e) {
      throw new LatheException(
          ServerError.BAD_SOURCE, source + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Finds them. Links are followed, since folders of downloads consist of links.
   *
   * @param folder the folder, or a GGUF file
   * @return files by plain name
   * @throws LatheException BAD_SOURCE if there is no such folder, or none with a model
   */
  public static SortedMap<String, Path> of(Path folder) {
    SortedMap<String, Path> files = new TreeMap<>();
    if (LowRank.isIn(folder)) {
      LowRank.namesIn(folder).forEach(name -> files.put(name, folder.resolve(name)));
      return files;
    }
    gguf(folder).ifPresent(file -> files.put(String.valueOf(file.getFileName()), file));
    if (Files.isRegularFile(folder.resolve(CONFIG))) {
      Stream<String> weights =
          exported(folder)
              .map(file -> withData(folder, file))
              .orElseGet(() -> HuggingFace.weightFiles(folder).stream());
      Stream.concat(HuggingFace.smallFiles().stream(), weights)
          .filter(name -> Files.isRegularFile(folder.resolve(name)))
          .forEach(name -> files.put(name, folder.resolve(name)));
    }
    if (files.isEmpty()) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          folder
              + ": no config.json there (expected: a folder as transformers or PEFT saves it, or a"
              + " .gguf file)");
    }
    return files;
  }
}

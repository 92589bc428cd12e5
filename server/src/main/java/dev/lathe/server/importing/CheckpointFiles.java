package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.zoo.HuggingFace;
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

  private CheckpointFiles() {}

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
    gguf(folder).ifPresent(file -> files.put(String.valueOf(file.getFileName()), file));
    if (Files.isRegularFile(folder.resolve(CONFIG))) {
      Stream.concat(HuggingFace.smallFiles().stream(), HuggingFace.weightFiles(folder).stream())
          .filter(name -> Files.isRegularFile(folder.resolve(name)))
          .forEach(name -> files.put(name, folder.resolve(name)));
    }
    if (files.isEmpty()) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          folder
              + ": no config.json there (expected: a folder as transformers saves it, or a .gguf"
              + " file)");
    }
    return files;
  }
}

package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.zoo.HuggingFace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of a folder that make up a model of others. */
public final class CheckpointFiles {
  private CheckpointFiles() {}

  /**
   * Finds them. Links are followed, since folders of downloads consist of links.
   *
   * @param folder the folder
   * @return files by plain name
   * @throws LatheException BAD_SOURCE if there is no such folder, or none with a config
   */
  public static SortedMap<String, Path> of(Path folder) {
    SortedMap<String, Path> files = new TreeMap<>();
    if (Files.isRegularFile(folder.resolve("config.json"))) {
      Stream.concat(HuggingFace.smallFiles().stream(), HuggingFace.weightFiles(folder).stream())
          .filter(name -> Files.isRegularFile(folder.resolve(name)))
          .forEach(name -> files.put(name, folder.resolve(name)));
    }
    if (files.isEmpty()) {
      throw new LatheException(
          ServerError.BAD_SOURCE,
          folder + ": no config.json there (expected: a folder as transformers saves it)");
    }
    return files;
  }
}

package dev.lathe.prepare;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The native tokenizer library. No other class touches it before this one has, so that it neither
 * calls home nor downloads anything, and leaves no files in anybody's home folder.
 */
final class TokenLibrary {
  private static final String CACHE = "ENGINE_CACHE_DIR";

  private TokenLibrary() {}

  /** Loaded at the first use of {@link #require}, once. */
  private static final class Holder {
    static final Optional<LatheException> PROBLEM = load();

    private Holder() {}
  }

  /**
   * Loads the library if it is not loaded yet.
   *
   * @throws LatheException LIBRARY_FAILED if there is none for this machine
   */
  static void require() {
    Holder.PROBLEM.ifPresent(
        problem -> {
          throw new LatheException(problem.code(), problem.getMessage(), problem);
        });
  }

  private static Optional<LatheException> load() {
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.offline", "true");
    String before = System.getProperty(CACHE, "");
    try {
      Path unpacked = Files.createTempDirectory("lathe-tokenizers");
      System.setProperty(CACHE, unpacked.toString());
      try {
        LibUtils.checkStatus();
        return Optional.empty();
      } finally {
        remove(unpacked);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      return Optional.of(
          new LatheException(
              PrepareError.LIBRARY_FAILED,
              "the tokenizer library does not load on this machine: " + e.getMessage(),
              e));
    } finally {
      if (before.isEmpty()) {
        System.clearProperty(CACHE);
      } else {
        System.setProperty(CACHE, before);
      }
    }
  }

  /** Once loaded, the library needs its file no more; where it still does, the file stays. */
  private static void remove(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      if (!path.toFile().delete()) {
        path.toFile().deleteOnExit();
      }
    }
  }
}

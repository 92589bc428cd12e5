package dev.lathe.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/** What processes left in the making that were killed long ago. */
final class StaleFiles {
  private static final Duration STALE = Duration.ofHours(1);

  private StaleFiles() {}

  /** Removes it from a folder of temporary files. */
  static void remove(Path temporary) throws IOException {
    Instant longAgo = Instant.now().minus(STALE);
    try (Stream<Path> entries = Files.list(temporary)) {
      for (Path entry : entries.toList()) {
        if (isOlder(entry, longAgo)) {
          Disk.deleteTree(entry);
        }
      }
    }
  }

  private static boolean isOlder(Path entry, Instant time) throws IOException {
    try {
      return Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(time);
    } catch (NoSuchFileException e) {
      // Its owner is alive and has just finished with it.
      return false;
    }
  }
}

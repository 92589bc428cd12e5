package dev.lathe.server.tls;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Something made from files, made anew when they change. What cannot be made anew, because the
 * files are being replaced or are damaged, stays as it was and is logged.
 */
final class Reloaded<T> {
  private static final System.Logger LOG = System.getLogger(Reloaded.class.getName());
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000;

  private final List<Path> files;
  private final Supplier<T> maker;
  private List<FileTime> times;
  private long looked;
  private T current;

  Reloaded(List<Path> files, Supplier<T> maker) {
    this.files = List.copyOf(files);
    this.maker = maker;
    this.times = times();
    this.looked = System.nanoTime();
    this.current = maker.get();
  }

  synchronized T get() {
    if (System.nanoTime() - looked > LOOK_AGAIN_NANOS) {
      looked = System.nanoTime();
      List<FileTime> now = times();
      if (!now.equals(times)) {
        reload(now);
      }
    }
    return current;
  }

  private void reload(List<FileTime> now) {
    try {
      current = maker.get();
      times = now;
      LOG.log(Level.INFO, "read anew: " + files);
    } catch (LatheException e) {
      LOG.log(Level.WARNING, "the last certificates stay in use: " + e.getMessage());
    }
  }

  private List<FileTime> times() {
    List<FileTime> found = new ArrayList<>();
    for (Path file : files) {
      try {
        found.add(Files.getLastModifiedTime(file));
      } catch (IOException e) {
        found.add(FileTime.fromMillis(0));
      }
    }
    return found;
  }
}

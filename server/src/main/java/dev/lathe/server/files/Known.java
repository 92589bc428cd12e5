package dev.lathe.server.files;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What is said of files, remembered by their folders: it never changes, so that who lists a folder
 * with many files reads only what came since. Whether a file is still there is not known here. Safe
 * for many threads.
 */
final class Known {
  private final Map<Path, StoredFile> files;

  Known(int most) {
    this.files =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Path, StoredFile> eldest) {
            return size() > most;
          }
        };
  }

  /** What is said of a file, read if it is not known; without the lock, as disks are slow. */
  Stream<StoredFile> of(Path folder, Function<Path, Stream<StoredFile>> read) {
    synchronized (files) {
      StoredFile known = files.get(folder);
      if (known != null) {
        return Stream.of(known);
      }
    }
    return read.apply(folder).peek(file -> keep(folder, file));
  }

  private void keep(Path folder, StoredFile file) {
    synchronized (files) {
      files.put(folder, file);
    }
  }

  /** Forgets a file that is gone. */
  void forget(Path folder) {
    synchronized (files) {
      files.remove(folder);
    }
  }
}

package dev.lathe.train.loop;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: the newest two, each written beside and renamed when it is whole on the
 * disk. A disk that is full costs a checkpoint, not the run.
 */
final class Checkpoints {
  private static final int KEPT = 2;
  private static final Pattern NAME = Pattern.compile("step-\\d{12}\\.safetensors");

  private final Path folder;
  private final TrainingListener listener;

  Checkpoints(Path folder, TrainingListener listener) {
    this.folder = folder;
    this.listener = listener;
  }

  void write(Checkpoint checkpoint) {
    Path file =
        folder.resolve(
            String.format(Locale.ROOT, "step-%012d.safetensors", checkpoint.position().step()));
    try {
      Files.createDirectories(folder);
      checkpoint.write(file);
      removeAllBut(file);
    } catch (IOException e) {
      listener.warning("checkpoint " + file + ": not written: " + e.getMessage());
    } catch (LatheException e) {
      if (e.kind() != ErrorKind.EXHAUSTED && e.kind() != ErrorKind.UNAVAILABLE) {
        throw e;
      }
      listener.warning("checkpoint " + file + ": not written: " + e.getMessage());
    }
  }

  private void removeAllBut(Path newest) throws IOException {
    List<Path> older = newestFirst().stream().filter(file -> !file.equals(newest)).toList();
    for (Path file : older.subList(Math.min(KEPT - 1, older.size()), older.size())) {
      Files.deleteIfExists(file);
    }
  }

  /** The newest checkpoint that can be read and belongs to this run; empty before the first. */
  Optional<Checkpoint> newest(Map<String, String> identity) {
    List<Path> files = newestFirst();
    for (Path file : files) {
      Optional<Checkpoint> read = read(file);
      if (read.isPresent()) {
        requireSame(file, read.get().identity(), identity);
        return read;
      }
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    throw new LatheException(
        TrainError.CHECKPOINT_CORRUPT,
        "run " + folder + ": none of " + files.size() + " checkpoints can be read");
  }

  private Optional<Checkpoint> read(Path file) {
    try {
      return Optional.of(Checkpoint.read(file));
    } catch (LatheException e) {
      listener.warning("checkpoint " + file + ": passed over: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static void requireSame(
      Path file, Map<String, String> found, Map<String, String> expected) {
    expected.forEach(
        (what, digest) -> {
          if (!digest.equals(found.get(what))) {
            throw new LatheException(
                TrainError.CHECKPOINT_MISMATCH,
                "checkpoint "
                    + file
                    + ": made with another "
                    + what
                    + ", sha256 "
                    + found.get(what)
                    + " (expected: "
                    + digest
                    + ")");
          }
        });
  }

  private List<Path> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new LatheException(TrainError.STORAGE, "run " + folder + ": cannot be read", e);
    }
  }
}

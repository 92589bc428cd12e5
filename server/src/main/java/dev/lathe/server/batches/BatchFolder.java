package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.PrivateFile;
import dev.lathe.server.jobs.ProcessLock;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A batch on disk: {@code batch.json}, until it ends its lines and what became of them, and a lock
 * that the process which works on it holds.
 *
 * @param path the batch's own folder
 */
record BatchFolder(Path path) {
  private static final System.Logger LOG = System.getLogger(BatchFolder.class.getName());
  private static final String STATE = "batch.json";
  private static final String INPUT = "input.jsonl";
  private static final String LOCK = "lock";
  private static final int LARGEST = 1 << 20;

  Path input() {
    return path.resolve(INPUT);
  }

  /** Takes the lines along, so that the file may be deleted meanwhile. */
  void take(Path content) throws IOException {
    Files.createDirectories(path);
    try {
      Files.createLink(input(), content);
    } catch (UnsupportedOperationException e) {
      Files.copy(content, input());
    }
  }

  void write(Batch batch) {
    try {
      PrivateFile.replace(path.resolve(STATE), ApiJson.bytes(batch));
    } catch (IOException e) {
      throw failed("cannot be written", e);
    }
  }

  /** The batch; empty if there is none, or what is said of it cannot be understood. */
  Optional<Batch> read() {
    try (InputStream in = Files.newInputStream(path.resolve(STATE))) {
      return Optional.of(ApiJson.read(in.readNBytes(LARGEST), Batch.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, path + ": cannot be read", e);
      return Optional.empty();
    }
  }

  /** The right to work on it; empty if another process, or a part of this one, has it. */
  Optional<ProcessLock> lock() {
    try {
      return ProcessLock.tryLock(path.toRealPath().resolve(LOCK));
    } catch (IOException e) {
      throw failed("cannot be locked", e);
    }
  }

  /** Leaves only what is said of the batch. */
  void clear(Results results) {
    delete(List.of(input(), results.output(), results.errors()));
  }

  void remove() {
    delete(List.of(input(), path.resolve(LOCK), path.resolve(STATE), path));
  }

  private static void delete(List<Path> files) {
    try {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "left behind: " + files, e);
    }
  }

  LatheException failed(String what, IOException cause) {
    return new LatheException(
        ServerError.FILE_STORAGE, "batch " + path.getFileName() + ": " + what, cause);
  }
}

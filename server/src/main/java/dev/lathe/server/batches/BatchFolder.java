package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.PrivateFile;
import dev.lathe.server.jobs.ProcessLock;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
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
  private static final String COPY = "input.jsonl.new";
  private static final String UNREADABLE = "unreadable";
  private static final String LOCK = "lock";
  private static final int LARGEST = 1 << 20;

  /** Whoever makes a batch says what it is at once. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(10);

  /** What cannot be understood may be what a newer server wrote, and be needed again. */
  private static final Duration UNREADABLE_FOR = Duration.ofDays(7);

  Path input() {
    return path.resolve(INPUT);
  }

  void create() {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw failed("cannot be made", e);
    }
  }

  /**
   * Takes the lines along, so that the file may be deleted meanwhile: without a copy, where the
   * disk can do that.
   *
   * @throws NoSuchFileException if the file is gone already
   */
  void take(Path content) throws IOException {
    try {
      Files.createLink(input(), content);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      Path copy = path.resolve(COPY);
      Files.copy(content, copy, StandardCopyOption.REPLACE_EXISTING);
      Files.move(copy, input(), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Whether a failure is that the lines are gone or cut off, and not the whole disk. */
  boolean hasLost(Throwable why) {
    boolean cut = why instanceof EOFException || why.getCause() instanceof EOFException;
    return cut || Files.notExists(input()) && Files.exists(path.resolve(STATE));
  }

  void write(Batch batch) {
    byte[] bytes = ApiJson.bytes(batch);
    if (bytes.length > LARGEST) {
      throw new IllegalStateException(
          path + ": " + bytes.length + " bytes could not be read again");
    }
    try {
      PrivateFile.replace(path.resolve(STATE), bytes);
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
  void clear() {
    delete(lines());
  }

  /** Whether an end was written and nothing cleared after it. */
  boolean isCluttered() {
    return lines().stream().anyMatch(Files::exists);
  }

  void remove() {
    clear();
    delete(List.of(path.resolve(STATE), path.resolve(LOCK), path));
  }

  /**
   * Removes what a death left before anything was said of the batch, and what could not be
   * understood for days, if nobody works on it.
   */
  void removeForgotten(Instant now) {
    try {
      if (isForgotten(now)) {
        lock().ifPresent(this::removeHeld);
      }
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, path + ": cannot be looked at", e);
    }
  }

  private boolean isForgotten(Instant now) throws IOException {
    if (!Files.exists(path.resolve(STATE))) {
      return changed(path).plus(FORGOTTEN).isBefore(now);
    }
    return isDamaged() && firstSeen(now).plus(UNREADABLE_FOR).isBefore(now);
  }

  /** When what is said of the batch was found to be damaged; it may have been written long ago. */
  private Instant firstSeen(Instant now) throws IOException {
    Path mark = path.resolve(UNREADABLE);
    if (!Files.exists(mark)) {
      Files.createFile(mark);
      Files.setLastModifiedTime(mark, FileTime.from(now));
    }
    return changed(mark);
  }

  private static Instant changed(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }

  /** A disk that cannot be read at the moment says nothing of what is on it. */
  private boolean isDamaged() throws IOException {
    try (InputStream in = Files.newInputStream(path.resolve(STATE))) {
      ApiJson.read(in.readNBytes(LARGEST), Batch.class);
      return false;
    } catch (LatheException e) {
      return true;
    }
  }

  /** It may have been made or mended between looking and locking. */
  private void removeHeld(ProcessLock lock) {
    try (lock) {
      if (!Files.exists(path.resolve(STATE)) || isDamaged()) {
        remove();
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, path + ": cannot be looked at", e);
    }
  }

  private List<Path> lines() {
    return List.of(
        input(),
        path.resolve(COPY),
        path.resolve(UNREADABLE),
        path.resolve(Results.OUTPUT),
        path.resolve(Results.ERRORS),
        path.resolve(STATE + ".new"));
  }

  private static void delete(List<Path> files) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "left behind: " + file, e);
      }
    }
  }

  LatheException failed(String what, IOException cause) {
    return new LatheException(
        ServerError.FILE_STORAGE, "batch " + path.getFileName() + ": " + what, cause);
  }
}

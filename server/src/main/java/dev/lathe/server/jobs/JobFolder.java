package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.JobInfo;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A job on disk: {@code recipe.yaml}, {@code job.json}, the training run's checkpoints, and a lock
 * that the process which works on the job holds, so that its death can be seen.
 *
 * @param path the job's own directory
 */
record JobFolder(Path path) {
  private static final String STATE = "job.json";
  private static final String RECIPE = "recipe.yaml";
  private static final String LOCK = "lock";

  /** Of the training run: what people look at, and which version its base was. */
  private static final Set<String> KEPT = Set.of("curves", "translations.txt", TrainingBase.PINNED);

  private static final int LARGEST_STATE = 1 << 20;

  /**
   * What {@code job.json} says.
   *
   * @param job the job
   * @param baseDirectory where the recipe's relative paths start
   * @param attempt how often it was begun
   * @param confined whether the recipe may read nothing outside the base directory; absent if not
   */
  record State(JobInfo job, String baseDirectory, int attempt, Optional<Boolean> confined) {
    State(JobInfo job, String baseDirectory, int attempt) {
      this(job, baseDirectory, attempt, Optional.empty());
    }

    State with(JobInfo other) {
      return new State(other, baseDirectory, attempt, confined);
    }

    /** The job, waiting for one more attempt. */
    State again(JobInfo queued) {
      return new State(queued, baseDirectory, attempt + 1, confined);
    }
  }

  Path runDirectory() {
    return path.resolve("run");
  }

  /** Writes the recipe and what comes with it. */
  void pack(String yaml, Luggage luggage) {
    try {
      luggage.into(path);
      replace(RECIPE, yaml.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw failed("keep its files", e);
    }
  }

  /** Whether there is more than tells what the job was. */
  boolean hasLeftovers() {
    return !Files.exists(path.resolve(STATE)) || !leftovers().isEmpty();
  }

  /**
   * Removes what a job needs for its work only: the files that came with it, its checkpoints. What
   * stays is the recipe, what happened, the curves, the test part's translations, and which version
   * its base was.
   */
  void clear() {
    remove(leftovers());
  }

  /** Removes the folder of what is no job. */
  void discard() {
    remove(List.of(path));
  }

  private List<Path> leftovers() {
    List<Path> found = new ArrayList<>();
    Path data = path.resolve(Luggage.DATA);
    if (Files.exists(data)) {
      found.add(data);
    }
    if (Files.isDirectory(runDirectory())) {
      try (Stream<Path> files = Files.list(runDirectory())) {
        files.filter(file -> !KEPT.contains(file.getFileName().toString())).forEach(found::add);
      } catch (IOException e) {
        throw failed("look through its files", e);
      }
    }
    return found;
  }

  /** What cannot be removed must not change what becomes of the job. */
  private void remove(List<Path> places) {
    for (Path place : places) {
      try (Stream<Path> files = Files.walk(place)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException | UncheckedIOException e) {
        System.getLogger(JobFolder.class.getName())
            .log(System.Logger.Level.WARNING, "left behind: " + place, e);
      }
    }
  }

  RecipeSource recipe(State state) {
    try {
      String yaml = Files.readString(path.resolve(RECIPE));
      RecipeSource source = new RecipeSource(yaml, Path.of(state.baseDirectory()));
      return state.confined().orElse(false) ? source.confined() : source;
    } catch (IOException e) {
      throw failed("read " + RECIPE, e);
    }
  }

  void write(State state) {
    replace(STATE, ApiJson.bytes(state));
  }

  /**
   * The state; empty while the job is being made.
   *
   * @throws LatheException JOB_DAMAGED if its file is no such state, JOB_STORAGE if it cannot be
   *     read
   */
  Optional<State> read() {
    Path file = path.resolve(STATE);
    try {
      if (Files.size(file) > LARGEST_STATE) {
        throw damaged(Files.size(file) + " bytes (expected: at most " + LARGEST_STATE + ")");
      }
      return Optional.of(parse(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("read " + STATE, e);
    }
  }

  /**
   * When something was last done about the job. A job that was lost with its process never ended,
   * but its state was written while it went on.
   */
  Instant last() {
    try {
      Instant written = Files.getLastModifiedTime(path.resolve(STATE)).toInstant();
      return read().map(State::job).stream()
          .flatMap(
              job ->
                  Stream.of(Optional.of(job.created()), job.started(), job.finished())
                      .flatMap(Optional::stream))
          .reduce(written, (one, other) -> one.isAfter(other) ? one : other);
    } catch (NoSuchFileException e) {
      return JobStore.created(this);
    } catch (IOException e) {
      throw failed("look at " + STATE, e);
    }
  }

  private State parse(byte[] json) {
    try {
      return ApiJson.read(json, State.class);
    } catch (LatheException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private LatheException damaged(String why) {
    return new LatheException(
        ServerError.JOB_DAMAGED,
        "job " + path.getFileName() + ": its file " + STATE + " is damaged: " + why);
  }

  /**
   * The right to work on the job; empty if another process, or another part of this one, has it.
   */
  Optional<ProcessLock> lock() {
    try {
      return ProcessLock.tryLock(path.toRealPath().resolve(LOCK));
    } catch (IOException e) {
      throw failed("lock", e);
    }
  }

  /** Whether some living process works on the job. */
  boolean isHeld() {
    Optional<ProcessLock> free = lock();
    free.ifPresent(ProcessLock::close);
    return free.isEmpty();
  }

  /** Writes a file so that a crash leaves the old content or the new one. */
  private void replace(String name, byte[] content) {
    Path temporary = path.resolve(name + ".new");
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(
          temporary,
          path.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed("write " + name, e);
    }
  }

  private LatheException failed(String what, IOException cause) {
    return new LatheException(
        ServerError.JOB_STORAGE,
        "job " + path.getFileName() + ": cannot " + what + reason(cause),
        cause);
  }

  /** What the system says, without the path, which is nobody's business but the log's. */
  private static String reason(IOException cause) {
    boolean said = cause instanceof FileSystemException f && f.getReason() != null;
    return said ? ": " + ((FileSystemException) cause).getReason() : "";
  }
}

package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's own directory: {@code run.json} with the recipe, {@code checkpoints/}, {@code curves/}
 * for TensorBoard, and a lock that one process holds while it runs.
 *
 * @param directory the directory
 */
public record RunFolder(Path directory) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String RUN = "run.json";
  private static final String THREADS = "threads";
  private static final String THREADS_PROPERTY = "lathe.training.threads";
  private static final int USUAL_THREADS = 8;
  private static final int MOST_THREADS = 256;

  /**
   * Begins a run: writes the recipe down, and how many threads the run has to its end. They are as
   * many as the machine has cores, at most 8; the system property {@value #THREADS_PROPERTY} sets
   * another number, 1 to 256.
   *
   * @param recipe the recipe
   * @throws LatheException RUN_EXISTS if there is a run already, STORAGE if it cannot be written
   */
  public void begin(Recipe recipe) {
    begin(recipe, usualThreads());
  }

  private static int usualThreads() {
    int cores = Math.min(USUAL_THREADS, Runtime.getRuntime().availableProcessors());
    return bounded(Integer.getInteger(THREADS_PROPERTY, cores));
  }

  private static int bounded(int threads) {
    return Math.clamp(threads, 1, MOST_THREADS);
  }

  void begin(Recipe recipe, int threads) {
    Path file = directory.resolve(RUN);
    if (Files.exists(file)) {
      throw new LatheException(
          TrainError.RUN_EXISTS, "run " + directory + ": exists already (expected: resume it)");
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put(THREADS, threads);
    content.put("recipe", recipe.source());
    content.put("directory", recipe.directory().toAbsolutePath().toString());
    try {
      Files.createDirectories(directory);
      Path beside = Files.createTempFile(directory, "run", ".tmp");
      Files.write(beside, JSON.writeValueAsBytes(content));
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new LatheException(
          TrainError.STORAGE, "run " + directory + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * The recipe of the run.
   *
   * @return the recipe
   * @throws LatheException RUN_NOT_FOUND if there is no run
   */
  public Recipe recipe() {
    JsonNode content = content();
    Path base = Path.of(content.path("directory").asString());
    String where = directory.resolve(RUN).toString();
    return Recipe.parse(content.path("recipe").asString(), where, base);
  }

  /**
   * How many threads share the work of one operator. A product of matrices adds up in an order that
   * depends on them, so that a run keeps the number that it began with.
   */
  int threads() {
    return Files.isRegularFile(directory.resolve(RUN))
        ? bounded(content().path(THREADS).asInt(usualThreads()))
        : usualThreads();
  }

  private JsonNode content() {
    Path file = directory.resolve(RUN);
    if (!Files.isRegularFile(file)) {
      throw new LatheException(
          TrainError.RUN_NOT_FOUND, "run " + directory + ": no such run (expected: " + RUN + ")");
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException | JacksonException e) {
      throw new LatheException(TrainError.STORAGE, "run " + directory + ": cannot be read", e);
    }
  }

  Path checkpoints() {
    return directory.resolve("checkpoints");
  }

  /** Where the test part's translations are written. */
  Path translations() {
    return directory.resolve("translations.txt");
  }

  /**
   * Where TensorBoard finds the run's curves.
   *
   * @return a folder of event files
   */
  public Path curves() {
    return directory.resolve("curves");
  }

  /**
   * Keeps other processes out until it is closed.
   *
   * @return the open lock
   * @throws LatheException RUN_EXISTS if another process or thread holds it
   */
  public FileChannel lock() {
    Path file = directory.resolve("lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        return channel;
      }
      channel.close();
    } catch (IOException e) {
      throw new LatheException(TrainError.STORAGE, "run " + directory + ": cannot be locked", e);
    }
    throw new LatheException(
        TrainError.RUN_EXISTS, "run " + directory + ": is under way in another process");
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }
}

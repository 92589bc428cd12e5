package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Callers;
import dev.lathe.server.access.Quotas;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.files.Owners;
import dev.lathe.server.files.StoredFile;
import dev.lathe.server.jobs.ProcessLock;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * All batches of a data directory. Those that have not ended are worked on by the first process
 * that opens the directory, at the lowest priority, with the rights that their owners have at each
 * line. Safe for many threads.
 */
public final class Batches implements AutoCloseable {
  private static final Pattern ID = Pattern.compile("batch_[0-9a-f]{32}");
  private static final Duration WINDOW = Duration.ofHours(24);
  private static final Duration STOPPING = Duration.ofSeconds(20);
  private static final Comparator<Batch> OLDEST_FIRST =
      Comparator.comparing(Batch::created).thenComparing(Batch::id);

  /**
   * What batches need.
   *
   * @param files where lines come from and results go
   * @param answers answers lines
   * @param quotas knows who has time of models left
   * @param callers knows whose rights are still theirs
   * @param limits bounds all of it
   */
  public record Parts(
      FileStore files,
      Answers answers,
      Quotas quotas,
      Callers callers,
      OpenAiConfig.Batches limits) {}

  private final Owners owners;
  private final Work work;
  private final RandomGenerator random = new SecureRandom();
  private final Map<String, BatchRun> live = new ConcurrentHashMap<>();
  private boolean closing;

  /**
   * Takes up what has not ended.
   *
   * @param root the directory; made when the first batch comes
   * @param parts what is needed
   */
  public Batches(Path root, Parts parts) {
    this.owners = new Owners(root);
    this.work = new Work(parts);
    for (Path own : owners.everybody()) {
      for (BatchFolder folder : folders(own)) {
        look(folder);
      }
    }
  }

  private void look(BatchFolder folder) {
    Optional<Batch> batch = folder.read();
    if (batch.isEmpty()) {
      folder.removeForgotten(work.clock().instant());
    } else if (!batch.get().progress().state().ended() || folder.isCluttered()) {
      folder.lock().ifPresent(held -> takeUp(folder, held));
    }
  }

  /** It may have ended between looking and locking. */
  private void takeUp(BatchFolder folder, ProcessLock lock) {
    Optional<Batch> batch = folder.read();
    if (batch.isPresent() && !batch.get().progress().state().ended()) {
      begin(folder, lock, batch.get());
      return;
    }
    try (lock) {
      batch.ifPresent(ended -> folder.clear());
    }
  }

  private void begin(BatchFolder folder, ProcessLock lock, Batch batch) {
    BatchRun run = new BatchRun(work, folder, lock, batch);
    live.put(batch.id(), run);
    Thread.ofVirtual()
        .name("lathe-" + batch.id())
        .start(
            () -> {
              try {
                run.run();
              } finally {
                live.remove(batch.id());
              }
            });
  }

  private static List<BatchFolder> folders(Path own) {
    return Owners.names(own)
        .filter(name -> ID.matcher(name).matches())
        .map(name -> new BatchFolder(own.resolve(name)))
        .toList();
  }

  private void requireOpen() {
    if (closing) {
      throw new LatheException(ServerError.STOPPING, "batches: the server is stopping");
    }
  }

  private BatchFolder folder(String owner, String id) {
    return new BatchFolder(owners.folder(owner).resolve(id));
  }

  /**
   * Makes a batch and begins it.
   *
   * @param caller whose it is; its lines are answered with the rights that it then has
   * @param order what is asked for
   * @return the batch, being validated
   * @throws LatheException UNKNOWN_FILE, BAD_REQUEST for another endpoint or a file of another
   *     purpose, QUEUE_FULL if too many have not ended
   */
  public Batch create(Caller caller, Batch.Order order) {
    if (!work.answers().endpoints().contains(order.endpoint())) {
      throw bad(
          "endpoint",
          "\"" + order.endpoint() + "\"",
          "one of " + String.join(", ", work.answers().endpoints()));
    }
    StoredFile file = work.files().find(caller, order.inputFile());
    if (!file.purpose().equals("batch")) {
      throw bad("input_file_id", "a file for " + file.purpose(), "a file with purpose batch");
    }
    work.files().requireRoom(caller.owner());
    Instant now = work.clock().instant();
    Batch batch =
        new Batch(
            newId(),
            Batch.Owner.of(caller),
            order,
            now,
            now.plus(WINDOW),
            Batch.Progress.begin(now));
    return begin(batch, work.files().content(file));
  }

  /** Takes its place first, as its lines may take a while to be copied. */
  private Batch begin(Batch batch, Path content) {
    BatchFolder folder = folder(batch.owner().holder(), batch.id());
    boolean begun = false;
    Optional<ProcessLock> lock = Optional.empty();
    try {
      synchronized (this) {
        requireOpen();
        makeRoom(batch.owner().holder());
        folder.create();
        lock = folder.lock();
        folder.write(batch);
      }
      folder.take(content);
      synchronized (this) {
        requireOpen();
        begin(folder, lock.orElseThrow(() -> unknown(batch.id())), batch);
      }
      begun = true;
      return batch;
    } catch (NoSuchFileException e) {
      throw FileStore.unknown(batch.order().inputFile());
    } catch (IOException e) {
      throw folder.failed("its file cannot be taken along", e);
    } finally {
      if (!begun) {
        folder.remove();
        lock.ifPresent(ProcessLock::close);
      }
    }
  }

  /** So many may go on, and so many are remembered; the oldest of those that have ended go. */
  private void makeRoom(String owner) {
    folders(owners.folder(owner)).stream()
        .filter(folder -> view(folder).isEmpty())
        .forEach(folder -> folder.removeForgotten(work.clock().instant()));
    List<BatchFolder> folders = folders(owners.folder(owner));
    List<Batch> all = folders.stream().flatMap(folder -> view(folder).stream()).toList();
    List<Batch> ended = all.stream().filter(one -> one.progress().state().ended()).toList();
    int going = all.size() - ended.size();
    if (going >= work.limits().maxOpen()) {
      throw new LatheException(
          ServerError.QUEUE_FULL,
          "batches: "
              + going
              + " have not ended yet (expected: fewer than "
              + work.limits().maxOpen()
              + ")");
    }
    // What cannot be read is on the disk, too.
    int over = folders.size() + 1 - work.limits().maxCount();
    if (over > ended.size()) {
      int left = folders.size() - ended.size();
      throw new LatheException(
          ServerError.QUEUE_FULL,
          "batches: " + left + " have not ended or cannot be read (expected: fewer)");
    }
    ended.stream()
        .sorted(OLDEST_FIRST)
        .limit(Math.max(0, over))
        .forEach(one -> folder(owner, one.id()).remove());
  }

  /**
   * Finds a batch.
   *
   * @param caller who asks
   * @param id the batch's name
   * @return the batch as it is now, if the caller made it or administers the server
   * @throws LatheException UNKNOWN_BATCH otherwise
   */
  public Batch get(Caller caller, String id) {
    if (!ID.matcher(id).matches()) {
      throw unknown(id);
    }
    return owners.seenBy(caller).stream()
        .map(own -> new BatchFolder(own.resolve(id)))
        .flatMap(folder -> view(folder).stream())
        .findFirst()
        .orElseThrow(() -> unknown(id));
  }

  /** Who works on it is looked up first: what has ended since is on the disk. */
  private Optional<Batch> view(BatchFolder folder) {
    Optional<BatchRun> run = Optional.ofNullable(live.get(folder.path().getFileName().toString()));
    return folder.read().map(stored -> run.map(BatchRun::batch).orElse(stored));
  }

  /**
   * All batches that a caller may see.
   *
   * @param caller who asks
   * @return the oldest first
   */
  public List<Batch> list(Caller caller) {
    return owners.seenBy(caller).stream()
        .flatMap(own -> of(own).stream())
        .sorted(OLDEST_FIRST)
        .toList();
  }

  private List<Batch> of(Path own) {
    return folders(own).stream().flatMap(folder -> view(folder).stream()).toList();
  }

  /**
   * Ends a batch; what is answered already becomes its results.
   *
   * @param caller who asks
   * @param id the batch's name
   * @return the batch, being cancelled
   * @throws LatheException UNKNOWN_BATCH, or JOB_DONE if it has ended, or JOB_BUSY if another
   *     process works on it
   */
  public Batch cancel(Caller caller, String id) {
    Batch found = get(caller, id);
    BatchRun run = live.get(id);
    if (found.progress().state().ended() || run != null && !run.cancel()) {
      throw new LatheException(
          ServerError.JOB_DONE,
          "\"id\": a batch that is "
              + get(caller, id).progress().state().word()
              + " cannot be cancelled (expected: one that has not ended)");
    }
    if (run == null) {
      throw new LatheException(ServerError.JOB_BUSY, "\"id\": another process works on this batch");
    }
    return run.batch();
  }

  /** Lets lines that are being answered go, and leaves all batches where they are. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    List<BatchRun> runs = List.copyOf(live.values());
    runs.forEach(BatchRun::askToLeave);
    long deadline = System.nanoTime() + STOPPING.toNanos();
    runs.forEach(run -> run.awaitEnd(Duration.ofNanos(deadline - System.nanoTime())));
  }

  private static LatheException bad(String param, String found, String expected) {
    return new LatheException(
        ServerError.BAD_REQUEST, "\"" + param + "\": " + found + " (expected: " + expected + ")");
  }

  private static LatheException unknown(String id) {
    String shown = id.length() > 60 ? id.substring(0, 60) + "…" : id;
    return new LatheException(ServerError.UNKNOWN_BATCH, "\"id\": No batch found: " + shown);
  }

  private String newId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return "batch_" + HexFormat.of().formatHex(bytes);
  }
}

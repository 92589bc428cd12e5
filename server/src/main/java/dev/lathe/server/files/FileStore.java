package dev.lathe.server.files;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of all callers, on disk. Each is a folder with its content and what is said about it,
 * below a folder for its owner; the disk is the only truth, so that several processes may share it.
 * A file is written beside the others and moved to its place as a whole. Safe for many threads.
 */
public final class FileStore {
  static final String CONTENT = "content";
  private static final String ABOUT = "file.json";
  private static final String COMING = "incoming";
  private static final System.Logger LOG = System.getLogger(FileStore.class.getName());
  private static final Pattern ID = Pattern.compile("file-[0-9a-f]{32}");
  private static final int LARGEST_ABOUT = 1 << 16;

  /** How many files one owner may be writing at a time; what they take is not counted yet. */
  private static final int WRITING = 8;

  /** How many files are remembered by all that is said of them. */
  private static final int MOST_KNOWN = 50_000;

  private static final int TURNS = 64;

  /** What was not written to for so long is nobody's any more. */
  private static final Duration FORGOTTEN = Duration.ofHours(2);

  private static final Duration BETWEEN_SWEEPS = Duration.ofHours(1);

  private static final Comparator<StoredFile> OLDEST_FIRST =
      Comparator.comparing(StoredFile::created).thenComparing(StoredFile::id);

  private final Path root;
  private final Owners owners;
  private final OpenAiConfig.Files limits;
  private final InstantSource clock;
  private final RandomGenerator random = new SecureRandom();
  private final Map<String, Integer> writing = new HashMap<>();
  private final Known known = new Known(MOST_KNOWN);

  /** An owner has one of these, maybe with others. */
  private final List<Lock> turns = Stream.<Lock>generate(ReentrantLock::new).limit(TURNS).toList();

  private final AtomicReference<Instant> swept;

  /**
   * The files below a directory. Removes what an earlier process left half written, and what has
   * expired.
   *
   * @param root the directory; made when the first file comes
   * @param limits how large files may be, and how many
   * @param clock for when they were made, and when they go
   */
  public FileStore(Path root, OpenAiConfig.Files limits, InstantSource clock) {
    this.root = root;
    this.owners = new Owners(root);
    this.limits = limits;
    this.clock = clock;
    this.swept = new AtomicReference<>(clock.instant());
    sweep();
  }

  /**
   * Begins a file.
   *
   * @param owner the account of the caller whose file it will be
   * @return what it is written to; the caller closes it
   * @throws LatheException BUSY if the owner writes too many at a time, BAD_REQUEST if it has as
   *     many files as it may have, FILE_STORAGE if the disk does not take it
   */
  public Incoming begin(String owner) {
    Instant last = swept.get();
    Instant now = clock.instant();
    if (last.plus(BETWEEN_SWEEPS).isBefore(now) && swept.compareAndSet(last, now)) {
      sweep();
    }
    requireRoom(owner);
    return begin(owner, limits.maxBytes());
  }

  /**
   * Begins a file that work for a caller leaves behind. It is taken in any case: whoever starts
   * such work asks {@link #requireRoom} first, and the work bounds it.
   *
   * @param owner the account of the caller whose file it will be
   * @return what it is written to; the caller closes it
   * @throws LatheException FILE_STORAGE if the disk does not take it
   */
  public Incoming beginResult(String owner) {
    return begin(owner, Long.MAX_VALUE);
  }

  private Incoming begin(String owner, long most) {
    enter(owner, most);
    boolean begun = false;
    try {
      Path folder = Files.createDirectories(root.resolve(COMING)).resolve(newId());
      Incoming incoming = new Incoming(this, owner, Files.createDirectory(folder), most);
      begun = true;
      return incoming;
    } catch (IOException e) {
      throw failed("cannot be written", e);
    } finally {
      if (!begun) {
        leave(owner);
      }
    }
  }

  private synchronized void enter(String owner, long most) {
    boolean upload = most != Long.MAX_VALUE;
    if (writing.merge(owner, 1, Integer::sum) > WRITING && upload) {
      leave(owner);
      throw new LatheException(
          ServerError.BUSY, "\"file\": " + WRITING + " files are being written (expected: fewer)");
    }
  }

  private synchronized void leave(String owner) {
    writing.computeIfPresent(owner, (name, count) -> count == 1 ? null : count - 1);
  }

  void ended(Incoming incoming) {
    leave(incoming.owner());
  }

  /** An owner's one at a time take a place, so that two do not both take the last one. */
  StoredFile publish(Incoming incoming, FileLabel label) throws IOException {
    Instant now = clock.instant();
    StoredFile file =
        new StoredFile(
            incoming.folder().getFileName().toString(),
            incoming.owner(),
            incoming.bytes(),
            now,
            label.filename(),
            label.purpose(),
            label.lifetime().map(now::plus));
    Incoming.writeDurably(incoming.folder().resolve(ABOUT), ApiJson.bytes(file));
    Path own = Files.createDirectories(owners.folder(incoming.owner()));
    Lock turn = turns.get(Math.floorMod(incoming.owner().hashCode(), TURNS));
    turn.lock();
    try {
      if (!incoming.isResult()) {
        requireRoom(incoming.owner(), incoming.bytes());
      }
      Files.move(incoming.folder(), own.resolve(file.id()), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      turn.unlock();
    }
    try (FileChannel place = FileChannel.open(own, StandardOpenOption.READ)) {
      place.force(true);
    }
    return file;
  }

  /**
   * How much more an owner may keep.
   *
   * @param owner the caller's account
   * @return bytes; 0 if it has as much as it may have, or more
   */
  public long left(String owner) {
    long bytes = of(owners.folder(owner)).stream().mapToLong(StoredFile::bytes).sum();
    return Math.max(0, limits.maxTotalBytes() - bytes);
  }

  /**
   * Refuses who keeps as much as it may keep.
   *
   * @param owner the caller's account
   * @throws LatheException BAD_REQUEST if there is no room for one file more
   */
  public void requireRoom(String owner) {
    requireRoom(owner, 0);
  }

  private void requireRoom(String owner, long more) {
    List<StoredFile> have = of(owners.folder(owner));
    if (have.size() >= limits.maxCount()) {
      throw full(have.size() + " files are stored", "fewer than " + limits.maxCount() + " files");
    }
    long bytes = have.stream().mapToLong(StoredFile::bytes).sum();
    if (bytes + more > limits.maxTotalBytes()) {
      throw full(
          bytes + " bytes are stored and " + more + " come", "at most " + limits.maxTotalBytes());
    }
  }

  /** The caller's to mend, and no use to try again. */
  private static LatheException full(String found, String expected) {
    return new LatheException(
        ServerError.BAD_REQUEST,
        "\"file\": " + found + " (expected: " + expected + "; delete some first)");
  }

  /**
   * Finds a file.
   *
   * @param caller who asks
   * @param id the file's name
   * @return the file, if the caller made it or administers the server
   * @throws LatheException UNKNOWN_FILE otherwise: others learn nothing of it
   */
  public StoredFile find(Caller caller, String id) {
    return Optional.of(id)
        .filter(name -> ID.matcher(name).matches())
        .flatMap(
            name ->
                owners.seenBy(caller).stream().flatMap(own -> read(own.resolve(name))).findFirst())
        .filter(file -> !file.expired(clock.instant()))
        .orElseThrow(() -> unknown(id));
  }

  /**
   * What is said of a file that is not there.
   *
   * @param id its name, as a caller wrote it
   * @return UNKNOWN_FILE
   */
  public static LatheException unknown(String id) {
    String shown = id.length() > 60 ? id.substring(0, 60) + "…" : id;
    return new LatheException(ServerError.UNKNOWN_FILE, "\"id\": No such File object: " + shown);
  }

  /**
   * All files that a caller may see.
   *
   * @param caller who asks
   * @return the oldest first
   */
  public List<StoredFile> list(Caller caller) {
    return owners.seenBy(caller).stream()
        .flatMap(own -> of(own).stream())
        .sorted(OLDEST_FIRST)
        .toList();
  }

  /**
   * Opens a file's content.
   *
   * @param file the file
   * @return its bytes; the caller closes them
   * @throws LatheException UNKNOWN_FILE if it has been deleted meanwhile
   */
  public InputStream open(StoredFile file) {
    try {
      return Files.newInputStream(content(file));
    } catch (NoSuchFileException e) {
      throw unknown(file.id());
    } catch (IOException e) {
      throw failed("cannot be read", e);
    }
  }

  /**
   * Where a file's content lies.
   *
   * @param file the file
   * @return a path to read from only; it is gone once the file is deleted
   */
  public Path content(StoredFile file) {
    return owners.folder(file.owner()).resolve(file.id()).resolve(CONTENT);
  }

  /**
   * Deletes a file. Who reads it at the moment reads it to the end.
   *
   * @param caller who asks
   * @param id the file's name
   * @throws LatheException UNKNOWN_FILE as for {@link #find}
   */
  public void delete(Caller caller, String id) {
    if (!remove(find(caller, id))) {
      throw unknown(id);
    }
  }

  /** Out of sight first, in one step, then off the disk; false if another was faster. */
  private boolean remove(StoredFile file) {
    try {
      Path away = Files.createDirectories(root.resolve(COMING)).resolve(newId());
      Path place = owners.folder(file.owner()).resolve(file.id());
      Files.move(place, away, StandardCopyOption.ATOMIC_MOVE);
      known.forget(place);
      remove(away);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw failed("cannot be deleted", e);
    }
  }

  private List<StoredFile> of(Path own) {
    return Owners.names(own)
        .filter(name -> ID.matcher(name).matches())
        .flatMap(name -> known.of(own.resolve(name), FileStore::read))
        .filter(file -> !file.expired(clock.instant()))
        .toList();
  }

  private static Stream<StoredFile> read(Path folder) {
    try (InputStream in = Files.newInputStream(folder.resolve(ABOUT))) {
      return Stream.of(ApiJson.read(in.readNBytes(LARGEST_ABOUT), StoredFile.class));
    } catch (NoSuchFileException e) {
      return Stream.of();
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, folder + ": cannot be read", e);
      return Stream.of();
    }
  }

  /** Removes what has expired, and what nobody writes to any more. */
  private void sweep() {
    Instant now = clock.instant();
    for (Path own : owners.everybody()) {
      Owners.names(own)
          .filter(name -> ID.matcher(name).matches())
          .forEach(name -> expire(own, name, now));
    }
    Path coming = root.resolve(COMING);
    Owners.names(coming).map(coming::resolve).filter(this::forgotten).forEach(FileStore::remove);
  }

  private void expire(Path own, String name, Instant now) {
    try {
      known
          .of(own.resolve(name), FileStore::read)
          .filter(file -> file.expired(now))
          .forEach(this::remove);
    } catch (LatheException e) {
      LOG.log(Level.WARNING, own.resolve(name) + ": has expired and stays", e);
    }
  }

  private boolean forgotten(Path folder) {
    try {
      Path content = folder.resolve(CONTENT);
      Path asked = Files.exists(content) ? content : folder;
      Instant last = Files.getLastModifiedTime(asked).toInstant();
      return last.plus(FORGOTTEN).isBefore(clock.instant());
    } catch (IOException e) {
      return false;
    }
  }

  static void remove(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(CONTENT));
      Files.deleteIfExists(folder.resolve(ABOUT));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "left behind: " + folder, e);
    }
  }

  private String newId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return "file-" + HexFormat.of().formatHex(bytes);
  }

  static LatheException failed(String what, IOException cause) {
    return new LatheException(ServerError.FILE_STORAGE, "\"file\": " + what, cause);
  }
}

package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.PrivateFile;
import dev.lathe.server.files.Owners;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Responses that callers may come back to, a file each in a folder for their owner. A name begins
 * with the time, so that what is too old, or one too many, is known without reading it. Safe for
 * many threads.
 */
public final class KeptResponses implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(KeptResponses.class.getName());
  private static final Pattern ID = Pattern.compile("resp_[0-9a-f]{32}");
  private static final String SUFFIX = ".json";
  private static final int TIME = 12;

  /** What is larger is not kept. */
  private static final int LARGEST = 4 << 20;

  private static final Duration BETWEEN_SWEEPS = Duration.ofHours(1);

  private final Owners owners;
  private final OpenAiConfig.Responses limits;
  private final InstantSource clock;
  private final RandomGenerator random = new SecureRandom();
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lathe-responses").factory());

  /**
   * What is kept below a directory. What has no place there any more goes now, and then every hour.
   *
   * @param root the directory; made when the first response comes
   * @param limits how many, how large together, and how long
   * @param clock for when they go
   */
  public KeptResponses(Path root, OpenAiConfig.Responses limits, InstantSource clock) {
    this.owners = new Owners(root);
    this.limits = limits;
    this.clock = clock;
    sweep();
    long round = BETWEEN_SWEEPS.toMinutes();
    rounds.scheduleWithFixedDelay(this::sweep, round, round, TimeUnit.MINUTES);
  }

  /**
   * A response with what it was asked.
   *
   * @param response as it was told
   * @param input the items that it answered, each with an id
   */
  record Kept(JsonNode response, List<JsonNode> input) {}

  /** A new name. */
  String newId() {
    byte[] bytes = new byte[10];
    random.nextBytes(bytes);
    HexFormat hex = HexFormat.of();
    return "resp_" + hex.toHexDigits(clock.millis(), TIME) + hex.formatHex(bytes);
  }

  /**
   * Keeps a response for its caller; false if nothing is kept, it is too large or the disk full.
   */
  boolean keep(Caller owner, Kept kept) {
    if (limits.maxCount() == 0 || owner.account().isEmpty()) {
      return false;
    }
    ObjectNode file = Bodies.JSON.createObjectNode();
    file.set("response", kept.response());
    kept.input().forEach(file.putArray("input")::add);
    byte[] bytes = Bodies.JSON.writeValueAsBytes(file);
    if (bytes.length > Math.min(LARGEST, limits.maxTotalBytes())) {
      return false;
    }
    Path folder = owners.folder(owner.owner());
    try {
      PrivateFile.replace(folder.resolve(kept.response().path("id").asString("") + SUFFIX), bytes);
    } catch (IOException e) {
      LOG.log(Level.WARNING, folder + ": a response is not kept", e);
      return false;
    }
    sweep(folder);
    return true;
  }

  /** Removes what is too old, one too many or too much, and what a crash left half written. */
  private void sweep() {
    try {
      owners.everybody().forEach(this::sweep);
    } catch (LatheException | UncheckedIOException e) {
      LOG.log(Level.WARNING, "kept responses were not looked through", e);
    }
  }

  private void sweep(Path folder) {
    try {
      makeRoom(folder);
      Owners.names(folder)
          .filter(name -> name.endsWith(SUFFIX + ".new"))
          .map(folder::resolve)
          .filter(this::forgotten)
          .forEach(KeptResponses::remove);
    } catch (LatheException | UncheckedIOException e) {
      LOG.log(Level.WARNING, folder + ": was not looked through", e);
    }
  }

  /** From the newest on, as many as may stay. */
  private void makeRoom(Path folder) {
    int count = 0;
    long bytes = 0;
    for (String name : names(folder).reversed()) {
      Path file = folder.resolve(name + SUFFIX);
      count++;
      bytes += size(file);
      if (count > limits.maxCount() || bytes > limits.maxTotalBytes() || old(name)) {
        remove(file);
      }
    }
  }

  /** Its bytes; none if it is gone. */
  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private boolean forgotten(Path file) {
    try {
      Instant last = Files.getLastModifiedTime(file).toInstant();
      return last.plus(BETWEEN_SWEEPS).isBefore(clock.instant());
    } catch (IOException e) {
      return false;
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "left behind: " + file, e);
    }
  }

  /** The oldest first. */
  private static List<String> names(Path folder) {
    return Owners.names(folder)
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .filter(name -> ID.matcher(name).matches())
        .sorted()
        .toList();
  }

  private boolean old(String id) {
    long millis = HexFormat.fromHexDigitsToLong(id, "resp_".length(), "resp_".length() + TIME);
    return Instant.ofEpochMilli(millis).plus(limits.maxAge()).isBefore(clock.instant());
  }

  /** A response that a caller made, or any for who administers the server. */
  Optional<Kept> find(Caller caller, String id) {
    return files(caller, id).flatMap(file -> read(file).stream()).findFirst();
  }

  /** Where a response may be that a caller may see; such a file need not exist. */
  Stream<Path> files(Caller caller, String id) {
    if (!ID.matcher(id).matches() || old(id)) {
      return Stream.empty();
    }
    return owners.seenBy(caller).stream().map(own -> own.resolve(id + SUFFIX));
  }

  /** The same, or UNKNOWN_RESPONSE. */
  Kept need(Caller caller, String id) {
    return find(caller, id).orElseThrow(() -> unknown(id));
  }

  private static LatheException unknown(String id) {
    return new LatheException(
        ServerError.UNKNOWN_RESPONSE, "\"id\": Response with id '" + shown(id) + "' not found.");
  }

  static String shown(String id) {
    return id.length() > 60 ? id.substring(0, 60) + "…" : id;
  }

  private static Optional<Kept> read(Path file) {
    return json(file)
        .map(kept -> new Kept(kept.path("response"), List.copyOf(kept.path("input").values())));
  }

  /** A file as it is; empty if it is gone or broken. */
  static Optional<JsonNode> json(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(Bodies.read(in.readNBytes(LARGEST)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, file + ": cannot be read", e);
      return Optional.empty();
    }
  }

  /** Forgets a response. */
  void delete(Caller caller, String id) {
    need(caller, id);
    boolean deleted = false;
    for (Path own : owners.seenBy(caller)) {
      try {
        deleted |= Files.deleteIfExists(own.resolve(id + SUFFIX));
      } catch (IOException e) {
        throw new LatheException(ServerError.FILE_STORAGE, "\"id\": cannot be deleted", e);
      }
    }
    if (!deleted) {
      throw unknown(id);
    }
  }

  /** Ends the rounds; what is kept stays. */
  @Override
  public void close() {
    rounds.shutdownNow();
  }
}

package dev.lathe.server.openai;

import dev.lathe.ir.LatheException;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.PrivateFile;
import dev.lathe.server.files.Owners;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Responses that callers may come back to, a file each in a folder for their owner. A name begins
 * with the time, so that what is too old, or one too many, is known without reading it. Safe for
 * many threads.
 */
public final class KeptResponses {
  private static final System.Logger LOG = System.getLogger(KeptResponses.class.getName());
  private static final Pattern ID = Pattern.compile("resp_[0-9a-f]{32}");
  private static final String SUFFIX = ".json";
  private static final int TIME = 12;

  /** What is larger is not kept. */
  private static final int LARGEST = 4 << 20;

  /** How many responses one may follow. */
  private static final int LONGEST_CHAIN = 1000;

  private final Owners owners;
  private final OpenAiConfig.Responses limits;
  private final InstantSource clock;
  private final RandomGenerator random = new SecureRandom();

  /**
   * What is kept below a directory.
   *
   * @param root the directory; made when the first response comes
   * @param limits how many, and how long
   * @param clock for when they go
   */
  public KeptResponses(Path root, OpenAiConfig.Responses limits, InstantSource clock) {
    this.owners = new Owners(root);
    this.limits = limits;
    this.clock = clock;
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
    ObjectNode file = Bodies.JSON.createObjectNode();
    file.set("response", kept.response());
    kept.input().forEach(file.putArray("input")::add);
    byte[] bytes = Bodies.JSON.writeValueAsBytes(file);
    if (limits.maxCount() == 0 || bytes.length > LARGEST || owner.account().isEmpty()) {
      return false;
    }
    Path folder = owners.folder(owner.owner());
    try {
      PrivateFile.replace(folder.resolve(kept.response().path("id").asString("") + SUFFIX), bytes);
      makeRoom(folder);
      return true;
    } catch (IOException e) {
      LOG.log(Level.WARNING, folder + ": a response is not kept", e);
      return false;
    }
  }

  private void makeRoom(Path folder) throws IOException {
    List<String> names = names(folder);
    int over = names.size() - limits.maxCount();
    for (int i = 0; i < names.size() && (i < over || old(names.get(i))); i++) {
      Files.deleteIfExists(folder.resolve(names.get(i) + SUFFIX));
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
    if (!ID.matcher(id).matches() || old(id)) {
      return Optional.empty();
    }
    return owners.seenBy(caller).stream()
        .flatMap(own -> read(own.resolve(id + SUFFIX)).stream())
        .findFirst();
  }

  /** The same, or UNKNOWN_RESPONSE. */
  Kept need(Caller caller, String id) {
    return find(caller, id).orElseThrow(() -> unknown(id));
  }

  private static LatheException unknown(String id) {
    return new LatheException(
        ServerError.UNKNOWN_RESPONSE, "\"id\": Response with id '" + shown(id) + "' not found.");
  }

  private static String shown(String id) {
    return id.length() > 60 ? id.substring(0, 60) + "…" : id;
  }

  private static Optional<Kept> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      JsonNode kept = Bodies.read(in.readNBytes(LARGEST));
      return Optional.of(new Kept(kept.path("response"), List.copyOf(kept.path("input").values())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, file + ": cannot be read", e);
      return Optional.empty();
    }
  }

  /**
   * What was said until the end of a response: questions and answers as items, the oldest first.
   *
   * @throws LatheException BAD_REQUEST if it, or one that it follows, is not kept
   */
  List<JsonNode> conversation(Caller caller, String last) {
    Deque<Kept> chain = new ArrayDeque<>();
    String next = last;
    while (!next.isEmpty()) {
      String id = next;
      Kept kept = find(caller, id).orElseThrow(() -> gone(id, last));
      chain.push(kept);
      if (chain.size() > LONGEST_CHAIN) {
        throw Fields.bad(
            "previous_response_id",
            "more than " + LONGEST_CHAIN + " responses before",
            "a shorter conversation");
      }
      next = kept.response().path("previous_response_id").asString("");
    }
    List<JsonNode> items = new ArrayList<>();
    for (Kept kept : chain) {
      items.addAll(kept.input());
      items.addAll(kept.response().path("output").values());
    }
    return items;
  }

  private static LatheException gone(String id, String last) {
    String found =
        id.equals(last)
            ? "'" + shown(id) + "' is not found"
            : "'" + id + "', which it follows, is not kept any more";
    return Fields.bad("previous_response_id", found, "a response that was stored");
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
}

package dev.lathe.server.batches;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the lines of a batch became: two files that only grow, so that the death of the process
 * costs at most the line that was being written. Safe for many threads.
 */
final class Results implements AutoCloseable {
  static final String OUTPUT = "output.jsonl";
  static final String ERRORS = "errors.jsonl";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path folder;
  private final Set<String> before = new HashSet<>();
  private final FileChannel output;
  private final FileChannel errors;
  private int completed;
  private int failed;
  private final Room room;
  private long held;
  private volatile boolean full;
  private boolean broken;

  private Results(Path folder, Room room, Set<String> published) throws IOException {
    this.folder = folder;
    this.room = room;
    this.completed = takeUp(output());
    this.failed = takeUp(errors());
    this.output = FileChannel.open(output(), StandardOpenOption.APPEND);
    try {
      this.errors = FileChannel.open(errors(), StandardOpenOption.APPEND);
    } catch (IOException e) {
      output.close();
      throw e;
    }
    for (String name : List.of(OUTPUT, ERRORS)) {
      held += published.contains(name) ? 0 : Files.size(folder.resolve(name));
    }
    room.hold(held);
  }

  /**
   * Goes on with what is in a batch's folder.
   *
   * @param room what it takes from
   * @param published which of {@link #OUTPUT} and {@link #ERRORS} are files of the owner already,
   *     and count as such
   */
  static Results in(Path folder, Room room, Set<String> published) throws IOException {
    return new Results(folder, room, published);
  }

  /** The file of answers. */
  Path output() {
    return folder.resolve(OUTPUT);
  }

  /** The file of errors. */
  Path errors() {
    return folder.resolve(ERRORS);
  }

  /** Learns what is done, and cuts off a line that was not written to its end. */
  private int takeUp(Path file) throws IOException {
    int count = 0;
    long good = 0;
    if (Files.exists(file)) {
      try (Lines lines = Lines.of(file, Integer.MAX_VALUE)) {
        Optional<Lines.Line> line = lines.next();
        Optional<String> id = id(line);
        while (id.isPresent()) {
          before.add(id.get());
          count++;
          good = line.get().end();
          line = lines.next();
          id = id(line);
        }
      }
    }
    try (FileChannel all =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      all.truncate(good);
    }
    return count;
  }

  private static Optional<String> id(Optional<Lines.Line> line) {
    if (line.isEmpty() || !line.get().whole()) {
      return Optional.empty();
    }
    try {
      JsonNode id = JSON.readTree(line.get().bytes()).path("custom_id");
      return Optional.of(id.asString("")).filter(text -> !text.isEmpty());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Learns anew what is done. */
  void reread() throws IOException {
    takeUp(output());
    takeUp(errors());
  }

  /** Whether a line was done when that was last learnt. */
  boolean has(String id) {
    return before.contains(id);
  }

  synchronized Batch.Counts counts(int total) {
    return new Batch.Counts(total, completed, failed);
  }

  /** Whether there was no room for an answer. */
  boolean isFull() {
    return full;
  }

  void completed(String id, JsonNode answer) {
    byte[] line = answered(id, 200, answer);
    if (!take(line)) {
      untold(id, Untold.FULL);
      return;
    }
    append(output, line);
    synchronized (this) {
      completed++;
    }
  }

  void failed(String id, int status, JsonNode answer) {
    byte[] line = answered(id, status, answer);
    if (!take(line)) {
      untold(id, Untold.FULL);
      return;
    }
    fail(line);
  }

  /** Why there is no answer to a line. */
  enum Untold {
    EXPIRED(
        "batch_expired",
        "This request was not answered before the batch's completion window ended."),
    FULL(
        "insufficient_storage",
        "There was no room for more results (openai.files.max_total, or the server's disk)."),
    ;

    private final String code;
    private final String message;

    Untold(String code, String message) {
      this.code = code;
      this.message = message;
    }
  }

  /** Tells that there is no answer. Such lines are short: there is room for them in any case. */
  void untold(String id, Untold why) {
    ObjectNode line = line(id);
    line.putNull("response");
    line.putObject("error").put("code", why.code).put("message", why.message);
    byte[] text = text(line);
    hold(text.length);
    fail(text);
  }

  private void fail(byte[] line) {
    append(errors, line);
    synchronized (this) {
      failed++;
    }
  }

  private boolean take(byte[] line) {
    if (full || !room.take(line.length, folder)) {
      full = true;
      return false;
    }
    synchronized (this) {
      held += line.length;
    }
    return true;
  }

  private synchronized void hold(long bytes) {
    held += bytes;
    room.hold(bytes);
  }

  /** Makes a file of the owner of one of the two, which counts as that from then on. */
  void publish(Path part, Runnable publication) throws IOException {
    long bytes = Files.size(part);
    room.publish(bytes, publication);
    synchronized (this) {
      held -= bytes;
    }
  }

  private static byte[] answered(String id, int status, JsonNode answer) {
    ObjectNode line = line(id);
    line.set("response", response(status, answer));
    line.putNull("error");
    return text(line);
  }

  private static byte[] text(ObjectNode line) {
    byte[] text = JSON.writeValueAsBytes(line);
    byte[] whole = Arrays.copyOf(text, text.length + 1);
    whole[text.length] = '\n';
    return whole;
  }

  private static ObjectNode line(String id) {
    return JSON.createObjectNode().put("id", name("batch_req_")).put("custom_id", id);
  }

  private static ObjectNode response(int status, JsonNode answer) {
    ObjectNode response = JSON.createObjectNode().put("status_code", status);
    response.put("request_id", name("req_")).set("body", answer);
    return response;
  }

  private static String name(String prefix) {
    return prefix + UUID.randomUUID().toString().replace("-", "");
  }

  /** Nothing follows what could not be written: half a line is cut off when this is opened anew. */
  private synchronized void append(FileChannel to, byte[] line) {
    ByteBuffer bytes = ByteBuffer.wrap(line);
    try {
      if (broken) {
        throw new IOException(folder + ": a line before could not be written");
      }
      broken = true;
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      broken = false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      room.giveBack(held);
      held = 0;
    }
    try (output;
        errors) {
      output.force(true);
      errors.force(true);
    }
  }
}

package dev.lathe.server.batches;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
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
  private static final String OUTPUT = "output.jsonl";
  private static final String ERRORS = "errors.jsonl";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path folder;
  private final Set<String> before = new HashSet<>();
  private final FileChannel output;
  private final FileChannel errors;
  private int completed;
  private int failed;

  private Results(Path folder) throws IOException {
    this.folder = folder;
    this.completed = takeUp(output());
    this.failed = takeUp(errors());
    this.output = FileChannel.open(output(), StandardOpenOption.APPEND);
    this.errors = FileChannel.open(errors(), StandardOpenOption.APPEND);
  }

  /** Goes on with what is in a batch's folder. */
  static Results in(Path folder) throws IOException {
    return new Results(folder);
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

  void completed(String id, JsonNode answer) {
    ObjectNode line = line(id);
    line.set("response", response(200, answer));
    line.putNull("error");
    append(output, line);
    synchronized (this) {
      completed++;
    }
  }

  void failed(String id, int status, JsonNode answer) {
    ObjectNode line = line(id);
    line.set("response", response(status, answer));
    line.putNull("error");
    fail(line);
  }

  void expired(String id) {
    ObjectNode line = line(id);
    line.putNull("response");
    line.putObject("error")
        .put("code", "batch_expired")
        .put(
            "message", "This request was not answered before the batch's completion window ended.");
    fail(line);
  }

  private void fail(ObjectNode line) {
    append(errors, line);
    synchronized (this) {
      failed++;
    }
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

  private static void append(FileChannel to, ObjectNode line) {
    byte[] text = JSON.writeValueAsBytes(line);
    ByteBuffer bytes = ByteBuffer.allocate(text.length + 1).put(text).put((byte) '\n').flip();
    synchronized (to) {
      try {
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (output;
        errors) {
      output.force(true);
      errors.force(true);
    }
  }
}

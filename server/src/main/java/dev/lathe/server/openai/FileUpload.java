package dev.lathe.server.openai;

import dev.lathe.server.files.FileLabel;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.files.Incoming;
import dev.lathe.server.files.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The form of {@code POST /v1/files}: the file goes to the disk while it comes, and is published
 * once all fields are there and right. For one request.
 */
final class FileUpload implements AutoCloseable {
  private static final List<String> PURPOSES =
      List.of("batch", "fine-tune", "assistants", "vision", "user_data", "evals");
  private static final String FILE = "file";
  private static final String ANCHOR = "expires_after[anchor]";
  private static final String SECONDS = "expires_after[seconds]";
  private static final Set<String> FIELDS = Set.of("purpose", ANCHOR, SECONDS);
  private static final int LONGEST_FIELD = 1024;
  private static final int LONGEST_NAME = 255;
  private static final long SHORTEST_LIFE = 3600;
  private static final long LONGEST_LIFE = 2_592_000;

  private final FileStore store;
  private final String owner;
  private final Consumer<String> permitted;
  private final Map<String, String> fields = new HashMap<>();
  private Optional<Incoming> incoming = Optional.empty();
  private String filename = "";

  /**
   * An upload.
   *
   * @param permitted refuses purposes that are not the caller's
   */
  FileUpload(FileStore store, String owner, Consumer<String> permitted) {
    this.store = store;
    this.owner = owner;
    this.permitted = permitted;
  }

  StoredFile read(Multipart form) throws IOException {
    Optional<Multipart.Part> part = form.next();
    while (part.isPresent()) {
      if (part.get().name().equals(FILE)) {
        file(part.get(), form.content());
      } else {
        field(part.get().name(), form.content());
      }
      part = form.next();
    }
    String purpose = purpose();
    Optional<Duration> lifetime = lifetime();
    return incoming
        .orElseThrow(() -> Fields.bad(FILE, "missing", "a part with the file"))
        .publish(new FileLabel(filename, purpose, lifetime));
  }

  private void file(Multipart.Part part, InputStream content) throws IOException {
    if (incoming.isPresent()) {
      throw Fields.bad(FILE, "given twice", "once");
    }
    String name = part.filename().orElse("");
    filename = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    boolean odd = filename.chars().anyMatch(Character::isISOControl);
    if (filename.isEmpty() || filename.length() > LONGEST_NAME || odd) {
      throw Fields.bad(
          FILE,
          "a name of " + filename.length() + " characters",
          "a filename of 1 to " + LONGEST_NAME + " printable characters");
    }
    Incoming out = store.begin(owner);
    incoming = Optional.of(out);
    content.transferTo(out);
  }

  private void field(String name, InputStream content) throws IOException {
    if (!FIELDS.contains(name)) {
      String shown = name.length() > 60 ? name.substring(0, 60) + "…" : name;
      throw Fields.bad(shown, "unknown field", FILE + ", " + String.join(", ", FIELDS));
    }
    byte[] bytes = content.readNBytes(LONGEST_FIELD + 1);
    if (bytes.length > LONGEST_FIELD) {
      throw Fields.bad(name, "a long text", "at most " + LONGEST_FIELD + " bytes");
    }
    if (fields.put(name, new String(bytes, StandardCharsets.UTF_8)) != null) {
      throw Fields.bad(name, "given twice", "once");
    }
    if (name.equals("purpose")) {
      purpose();
    }
  }

  private String purpose() {
    String purpose = fields.getOrDefault("purpose", "");
    if (!PURPOSES.contains(purpose)) {
      String found = purpose.isEmpty() ? "missing" : "\"" + purpose + "\"";
      throw Fields.bad("purpose", found, "one of " + String.join(", ", PURPOSES));
    }
    permitted.accept(purpose);
    return purpose;
  }

  private Optional<Duration> lifetime() {
    String anchor = fields.getOrDefault(ANCHOR, "");
    String seconds = fields.getOrDefault(SECONDS, "");
    if (anchor.isEmpty() && seconds.isEmpty()) {
      return Optional.empty();
    }
    if (!anchor.equals("created_at")) {
      throw Fields.bad(ANCHOR, "\"" + anchor + "\"", "created_at");
    }
    long time = seconds.matches("[0-9]{1,9}") ? Long.parseLong(seconds) : -1;
    if (time < SHORTEST_LIFE || time > LONGEST_LIFE) {
      throw Fields.bad(
          SECONDS, "\"" + seconds + "\"", SHORTEST_LIFE + " to " + LONGEST_LIFE + " seconds");
    }
    return Optional.of(Duration.ofSeconds(time));
  }

  @Override
  public void close() throws IOException {
    if (incoming.isPresent()) {
      incoming.get().close();
    }
  }
}

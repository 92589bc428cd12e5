package dev.lathe.server.batches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.LatheException;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Background;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Quotas;
import dev.lathe.server.access.Scope;
import dev.lathe.server.files.FileLabel;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.files.Incoming;
import dev.lathe.server.files.Owners;
import dev.lathe.server.files.StoredFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Batches over answers that a test makes up. */
abstract class WithBatches {
  static final String PATH = "/v1/made-up";
  static final Caller OWNER = caller("key:a", Quota.NONE);
  static final Caller OTHER = caller("key:b", Quota.NONE);
  static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path data;
  final ConcurrentMap<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  final AtomicInteger reads = new AtomicInteger();
  volatile Function<String, JsonNode> answering = text -> JSON.createObjectNode();
  volatile Function<Caller, Optional<Caller>> rights = Optional::of;
  volatile Runnable requiring = () -> {};
  long mostBytes = 1 << 26;
  Quotas quotas;
  FileStore files;
  Batches batches;

  static Caller caller(String name, Quota quota) {
    return new Caller(name, List.of(Scope.parse("infer")), quota);
  }

  @BeforeEach
  void open() {
    quotas = new Quotas(data, Clock.systemUTC());
    OpenAiConfig.Files room = new OpenAiConfig.Files(1 << 24, 100, mostBytes);
    files = new FileStore(data.resolve("files"), room, Clock.systemUTC());
    OpenAiConfig.Batches limits = new OpenAiConfig.Batches(4, 20_000, 3, 5);
    batches =
        new Batches(
            data.resolve("batches"),
            new Batches.Parts(files, new Made(), quotas, then -> rights.apply(then), limits));
  }

  @AfterEach
  void close() {
    batches.close();
    quotas.close();
  }

  private final class Made implements Answers {
    @Override
    public List<String> endpoints() {
      return List.of(PATH, "/v1/embeddings");
    }

    @Override
    public JsonNode read(byte[] line) {
      reads.incrementAndGet();
      try {
        return JSON.readTree(line);
      } catch (tools.jackson.core.JacksonException e) {
        throw new LatheException(
            ServerError.BAD_REQUEST, "no JSON: " + new String(line, StandardCharsets.UTF_8), e);
      }
    }

    @Override
    public void require(JsonNode body) {
      assertThat(Caller.current().name()).isNotEmpty();
      requiring.run();
    }

    @Override
    public JsonNode answer(String endpoint, JsonNode body) {
      assertThat(Background.current()).isPresent();
      String text = body.path("text").asString("");
      asked.computeIfAbsent(text, name -> new AtomicInteger()).incrementAndGet();
      return answering.apply(text);
    }
  }

  static String line(String id) {
    return "{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"%s\", \"body\": {\"text\": \"%s\"}}"
        .formatted(id, PATH, id);
  }

  static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> line("r" + i))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  StoredFile upload(Caller owner, String content) throws IOException {
    try (Incoming incoming = files.begin(owner.name())) {
      incoming.write(content.getBytes(StandardCharsets.UTF_8));
      return incoming.publish(new FileLabel("in.jsonl", "batch"));
    }
  }

  Batch create(Caller owner, String content) throws IOException {
    StoredFile file = upload(owner, content);
    return batches.create(owner, new Batch.Order(PATH, file.id(), Map.of(), Optional.empty()));
  }

  Batch ended(Caller owner, Batch batch) {
    Batch now = batches.get(owner, batch.id());
    while (!now.progress().state().ended()) {
      Thread.onSpinWait();
      now = batches.get(owner, batch.id());
    }
    // Its lines go after its end is told.
    BatchFolder folder = new BatchFolder(folder(batch));
    while (folder.isCluttered()) {
      Thread.onSpinWait();
    }
    return now;
  }

  List<JsonNode> results(Caller owner, Optional<String> file) throws IOException {
    StoredFile found = files.find(owner, file.orElseThrow());
    assertThat(found.purpose()).isEqualTo("batch_output");
    try (Stream<String> all = Files.lines(files.content(found))) {
      return all.map(JSON::readTree).toList();
    }
  }

  static List<String> ids(List<JsonNode> lines) {
    return lines.stream().map(line -> line.get("custom_id").stringValue()).toList();
  }

  static void await(Background work) {
    while (!work.ended().isCancelled()) {
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  Path folder(Batch batch) {
    return new Owners(data.resolve("batches")).folder(batch.owner().holder()).resolve(batch.id());
  }
}

package dev.lathe.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import dev.lathe.server.files.StoredFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Batches over answers that the test makes up. */
@Timeout(60)
class BatchesTest {
  private static final String PATH = "/v1/made-up";
  private static final Caller OWNER = caller("key:a", Quota.NONE);
  private static final Caller OTHER = caller("key:b", Quota.NONE);
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path data;
  private final ConcurrentMap<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private volatile Function<String, JsonNode> answering = text -> JSON.createObjectNode();
  private Quotas quotas;
  private FileStore files;
  private Batches batches;

  private static Caller caller(String name, Quota quota) {
    return new Caller(name, List.of(Scope.parse("infer")), quota);
  }

  @BeforeEach
  void open() {
    quotas = new Quotas(data, Clock.systemUTC());
    files =
        new FileStore(
            data.resolve("files"),
            new OpenAiConfig.Files(1 << 24, 100, 1 << 26),
            Clock.systemUTC());
    OpenAiConfig.Batches limits = new OpenAiConfig.Batches(4, 20_000, 3, 5);
    batches =
        new Batches(data.resolve("batches"), new Batches.Parts(files, new Made(), quotas, limits));
  }

  @AfterEach
  void close() {
    batches.close();
    quotas.close();
  }

  private final class Made implements Answers {
    @Override
    public List<String> endpoints() {
      return List.of(PATH);
    }

    @Override
    public JsonNode read(byte[] line) {
      try {
        return JSON.readTree(line);
      } catch (tools.jackson.core.JacksonException e) {
        throw new LatheException(ServerError.BAD_REQUEST, "no JSON", e);
      }
    }

    @Override
    public void require(JsonNode body) {
      assertThat(Caller.current().name()).isNotEmpty();
    }

    @Override
    public JsonNode answer(String endpoint, JsonNode body) {
      assertThat(Background.current()).isPresent();
      String text = body.path("text").asString("");
      asked.computeIfAbsent(text, name -> new AtomicInteger()).incrementAndGet();
      return answering.apply(text);
    }
  }

  private static String line(String id) {
    return "{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"%s\", \"body\": {\"text\": \"%s\"}}"
        .formatted(id, PATH, id);
  }

  private static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> line("r" + i))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private StoredFile upload(Caller owner, String content) throws IOException {
    try (Incoming incoming = files.begin(owner.name())) {
      incoming.write(content.getBytes(StandardCharsets.UTF_8));
      return incoming.publish(new FileLabel("in.jsonl", "batch"));
    }
  }

  private Batch create(Caller owner, String content) throws IOException {
    StoredFile file = upload(owner, content);
    return batches.create(owner, new Batch.Order(PATH, file.id(), Map.of(), Optional.empty()));
  }

  private Batch ended(Caller owner, Batch batch) {
    Batch now = batches.get(owner, batch.id());
    while (!now.progress().state().ended()) {
      Thread.onSpinWait();
      now = batches.get(owner, batch.id());
    }
    return now;
  }

  private List<JsonNode> results(Caller owner, Optional<String> file) throws IOException {
    StoredFile found = files.find(owner, file.orElseThrow());
    assertThat(found.purpose()).isEqualTo("batch_output");
    try (Stream<String> all = Files.lines(files.content(found))) {
      return all.map(JSON::readTree).toList();
    }
  }

  private static List<String> ids(List<JsonNode> lines) {
    return lines.stream().map(line -> line.get("custom_id").stringValue()).toList();
  }

  @Test
  void tenThousandLines_eachHasOneAnswer() throws IOException {
    Batch batch = ended(OWNER, create(OWNER, lines(0, 10_000)));
    assertThat(batch.progress().state()).isEqualTo(Batch.State.COMPLETED);
    assertThat(batch.progress().counts()).isEqualTo(new Batch.Counts(10_000, 10_000, 0));
    assertThat(batch.progress().errors()).isEmpty();
    assertThat(ids(results(OWNER, batch.progress().output())))
        .doesNotHaveDuplicates()
        .hasSize(10_000);
  }

  @Test
  void failures_areLinesOfTheirOwnAndThoseThatPassAreTriedAgain() throws IOException {
    answering =
        text -> {
          if (text.equals("r1")) {
            throw new LatheException(ServerError.BAD_REQUEST, "\"text\": no");
          }
          if (text.equals("r2") && asked.get(text).get() < 2) {
            throw new LatheException(ServerError.BUSY, "later");
          }
          if (text.equals("r3")) {
            throw new IllegalStateException("a defect with a secret");
          }
          return JSON.createObjectNode().put("said", text);
        };
    Batch batch = ended(OWNER, create(OWNER, lines(0, 4)));
    assertThat(batch.progress().counts()).isEqualTo(new Batch.Counts(4, 2, 2));
    List<JsonNode> good = results(OWNER, batch.progress().output());
    assertThat(ids(good)).containsExactlyInAnyOrder("r0", "r2");
    assertThat(good.getFirst().at("/response/status_code").intValue()).isEqualTo(200);
    assertThat(good.getFirst().at("/response/body/said").stringValue()).isEqualTo("r0");
    for (JsonNode bad : results(OWNER, batch.progress().errors())) {
      boolean theirs = bad.get("custom_id").stringValue().equals("r1");
      assertThat(bad.at("/response/status_code").intValue()).isEqualTo(theirs ? 400 : 500);
      assertThat(bad.toString()).doesNotContain("secret");
    }
  }

  @Test
  void files_thatHoldSomethingElse_failWithTheLine() throws IOException {
    Map<String, String> wrong =
        Map.of(
            "",
            "empty_file",
            "\n \n",
            "empty_file",
            "{\n",
            "invalid_json_line",
            "[1]\n",
            "missing_required_parameter",
            line("a") + "\n" + line("a"),
            "duplicate_custom_id",
            line("a").replace(PATH, "/v1/other"),
            "mismatched_endpoint",
            line("a").replace("POST", "GET"),
            "invalid_method",
            line("a").replace("{\"text\": \"a\"}", "7"),
            "missing_required_parameter",
            "x".repeat(5 << 20),
            "line_too_long",
            lines(0, 20_001),
            "too_many_requests");
    for (Map.Entry<String, String> one : wrong.entrySet()) {
      Batch batch = ended(OWNER, create(OWNER, one.getKey()));
      assertThat(batch.progress().state()).as(one.getValue()).isEqualTo(Batch.State.FAILED);
      assertThat(batch.progress().problems().getFirst().code()).isEqualTo(one.getValue());
      assertThat(asked).isEmpty();
    }
    assertThat(batches.list(OWNER)).hasSize(5);
  }

  @Test
  void batchThatWasInterrupted_goesOnAndAnswersNoLineTwice() throws Exception {
    CountDownLatch some = new CountDownLatch(6);
    answering =
        text -> {
          some.countDown();
          if (some.getCount() == 0) {
            await(Background.current().orElseThrow());
            throw new LatheException(ServerError.GIVEN_UP, "the server stops");
          }
          return JSON.createObjectNode().put("said", "first " + text);
        };
    Batch batch = create(OWNER, lines(0, 50));
    assertThat(some.await(20, TimeUnit.SECONDS)).isTrue();
    batches.close();
    Batch left = batches.get(OWNER, batch.id());
    assertThat(left.progress().state()).isEqualTo(Batch.State.IN_PROGRESS);
    Path output = folder(batch).resolve("output.jsonl");
    long before = Files.lines(output).count();
    assertThat(before).isBetween(1L, 5L);
    // A process that is killed may leave half a line.
    Files.writeString(
        output, "{\"id\": \"batch_req_x\", \"custom_id\": \"r4", StandardOpenOption.APPEND);
    files.delete(OWNER, batch.order().inputFile());
    answering = text -> JSON.createObjectNode().put("said", "second " + text);
    open();
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().counts()).isEqualTo(new Batch.Counts(50, 50, 0));
    List<JsonNode> all = results(OWNER, done.progress().output());
    assertThat(ids(all)).doesNotHaveDuplicates().hasSize(50);
    assertThat(all.stream().filter(line -> line.toString().contains("first")))
        .hasSize((int) before);
    assertThat(folder(batch).resolve("input.jsonl")).doesNotExist();
  }

  @Test
  void resultsThatWerePublishedBeforeADeath_areNotPublishedAgain() throws Exception {
    Batch batch = ended(OWNER, create(OWNER, lines(0, 3)));
    Path folder = folder(batch);
    String state = Files.readString(folder.resolve("batch.json"));
    batches.close();
    Files.writeString(
        folder.resolve("batch.json"),
        state.replace("\"state\":\"completed\"", "\"state\":\"finalizing\""));
    Files.writeString(folder.resolve("output.jsonl"), "{\"custom_id\": \"r0\"}\n");
    int before = files.list(OWNER).size();
    open();
    Batch again = ended(OWNER, batch);
    assertThat(again.progress().output()).isEqualTo(batch.progress().output());
    assertThat(files.list(OWNER)).hasSize(before);
  }

  @Test
  void cancelledBatch_keepsWhatWasAnswered() throws Exception {
    CountDownLatch some = new CountDownLatch(10);
    answering =
        text -> {
          some.countDown();
          if (some.getCount() == 0) {
            await(Background.current().orElseThrow());
            throw new LatheException(ServerError.GIVEN_UP, "cancelled");
          }
          return JSON.createObjectNode();
        };
    Batch batch = create(OWNER, lines(0, 100));
    assertThat(some.await(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> batches.cancel(OTHER, batch.id())).hasMessageContaining("No batch");
    Batch asked = batches.cancel(OWNER, batch.id());
    assertThat(asked.progress().state()).isIn(Batch.State.CANCELLING, Batch.State.CANCELLED);
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.CANCELLED);
    assertThat(done.progress().counts().completed()).isBetween(1, 9);
    assertThat(results(OWNER, done.progress().output()))
        .hasSize(done.progress().counts().completed());
    assertThatThrownBy(() -> batches.cancel(OWNER, batch.id()))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.JOB_DONE));
  }

  @Test
  void atMostSoManyLinesAreAnsweredAtOnceAndOwnersTakeTurns() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger ofOther = new AtomicInteger();
    CountDownLatch begin = new CountDownLatch(1);
    answering =
        text -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          try {
            begin.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          if (Caller.current().equals(OTHER)) {
            ofOther.incrementAndGet();
          } else if (ofOther.get() < 20) {
            asked.computeIfAbsent("before", name -> new AtomicInteger()).incrementAndGet();
          }
          now.decrementAndGet();
          return JSON.createObjectNode();
        };
    Batch first = create(OWNER, lines(0, 1000));
    Batch second = create(OWNER, lines(0, 1000));
    assertThatThrownBy(
            () -> {
              create(OWNER, lines(0, 10));
              create(OWNER, lines(0, 10));
            })
        .hasMessageContaining("3 have not ended");
    Batch other = create(OTHER, lines(0, 20));
    begin.countDown();
    ended(OTHER, other);
    assertThat(most.get()).isLessThanOrEqualTo(4);
    ended(OWNER, first);
    ended(OWNER, second);
    assertThat(asked.get("before").get()).isLessThan(1000);
  }

  @Test
  void ownerWithoutTimeLeft_isNotAsked() throws Exception {
    Caller poor = caller("key:poor", new Quota(0, 0, 1));
    quotas.requireTime(poor);
    quotas.charge("key:poor", 5_000_000);
    Batch batch = create(poor, lines(0, 3));
    while (batches.get(poor, batch.id()).progress().state() != Batch.State.IN_PROGRESS) {
      Thread.onSpinWait();
    }
    Batch rich = ended(OWNER, create(OWNER, lines(10, 13)));
    assertThat(rich.progress().counts().completed()).isEqualTo(3);
    assertThat(batches.get(poor, batch.id()).progress().counts())
        .isEqualTo(new Batch.Counts(3, 0, 0));
    assertThat(asked).doesNotContainKey("r0");
    batches.cancel(poor, batch.id());
    assertThat(ended(poor, batch).progress().state()).isEqualTo(Batch.State.CANCELLED);
  }

  @Test
  void batchWhoseTimeIsOver_tellsWhatWasNotAnswered() throws Exception {
    answering =
        text -> {
          await(Background.current().orElseThrow());
          throw new LatheException(ServerError.GIVEN_UP, "the server stops");
        };
    Batch batch = create(OWNER, lines(0, 7));
    while (asked.isEmpty()) {
      Thread.onSpinWait();
    }
    batches.close();
    Path state = folder(batch).resolve("batch.json");
    String late =
        Files.readString(state)
            .replaceAll("\"expires\":[^,]+", "\"expires\":\"2020-01-01T00:00:00Z\"");
    Files.writeString(state, late);
    open();
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.EXPIRED);
    assertThat(done.progress().counts()).isEqualTo(new Batch.Counts(7, 0, 7));
    assertThat(results(OWNER, done.progress().errors()))
        .hasSize(7)
        .allMatch(line -> line.at("/error/code").asString("").equals("batch_expired"));
  }

  private static void await(Background work) {
    while (!work.ended().isCancelled()) {
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  private Path folder(Batch batch) throws IOException {
    try (Stream<Path> all = Files.walk(data.resolve("batches"))) {
      return all.filter(path -> path.endsWith(batch.id())).findFirst().orElseThrow();
    }
  }
}

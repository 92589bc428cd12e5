package dev.lathe.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Background;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Scope;
import dev.lathe.server.files.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Batches where nothing is in their way. */
@Timeout(60)
class BatchesTest extends WithBatches {
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
    while (batches.get(OTHER, other.id()).progress().state() == Batch.State.VALIDATING) {
      Thread.onSpinWait();
    }
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
  void linesAreAskedWithTheRightsOfNow() throws Exception {
    Caller less = new Caller("key:a", List.of(Scope.parse("read")), Quota.NONE);
    ConcurrentMap<String, Caller> callers = new ConcurrentHashMap<>();
    answering =
        text -> {
          callers.put(text, Caller.current());
          rights = then -> Optional.of(less);
          return JSON.createObjectNode();
        };
    ended(OWNER, create(OWNER, lines(0, 100)));
    assertThat(callers.get("r0")).isEqualTo(OWNER);
    assertThat(callers.get("r99")).isEqualTo(less);
  }

  @Test
  void moreTextsThanABatchMayEmbed_areRefused() throws Exception {
    String line =
        "{\"custom_id\": \"%s\", \"url\": \"/v1/embeddings\", \"body\": {\"input\": [%s]}}\n";
    String texts = "\"a\",".repeat(25_000) + "\"b\"";
    String tokens = "1,".repeat(60_000) + "1";
    String one = line.formatted("a", texts);
    for (String second : List.of(line.formatted("b", texts), line.formatted("b", tokens))) {
      StoredFile file = upload(OWNER, one + second);
      Batch batch =
          ended(
              OWNER,
              batches.create(
                  OWNER, new Batch.Order("/v1/embeddings", file.id(), Map.of(), Optional.empty())));
      boolean many = second.contains("b\"]");
      assertThat(batch.progress().state())
          .isEqualTo(many ? Batch.State.FAILED : Batch.State.COMPLETED);
      assertThat(batch.progress().problems().stream().map(Batch.Problem::code))
          .isEqualTo(many ? List.of("too_many_inputs") : List.of());
    }
  }
}

package dev.lathe.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Background;
import dev.lathe.server.files.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Batches under which the process, the disk, the time or the owner ends. */
@Timeout(60)
class BatchFaultsTest extends WithBatches {
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
  void diskThatDoesNotTakeIt_costsTimeAndNoAnswer() throws Exception {
    AtomicInteger blocked = new AtomicInteger();
    Path[] blocking = new Path[1];
    answering =
        text -> {
          if (blocked.getAndIncrement() == 0) {
            blocking[0] = block();
          }
          return JSON.createObjectNode().put("said", text);
        };
    Batch batch = create(OWNER, lines(0, 20));
    // Each line is read to be found right, to be handed out and to be answered; then once more.
    while (reads.get() <= 60) {
      Thread.onSpinWait();
    }
    assertThat(batches.get(OWNER, batch.id()).progress().state())
        .isEqualTo(Batch.State.IN_PROGRESS);
    Files.delete(blocking[0].resolve("x"));
    Files.delete(blocking[0]);
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.COMPLETED);
    assertThat(ids(results(OWNER, done.progress().output()))).hasSize(20).doesNotHaveDuplicates();
    assertThat(blocked.get()).isEqualTo(20);
  }

  /** Where the state is written before it is replaced, there is a folder that is not empty. */
  private Path block() {
    try (Stream<Path> all = Files.walk(data.resolve("batches"))) {
      Path state = all.filter(path -> path.endsWith("batch.json")).findFirst().orElseThrow();
      Path folder = Files.createDirectory(state.resolveSibling("batch.json.new"));
      Files.createFile(folder.resolve("x"));
      return folder;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void resultsWithoutRoom_areErrorsOfTheRest() throws Exception {
    batches.close();
    mostBytes = 1 << 20;
    open();
    answering = text -> JSON.createObjectNode().put("said", "x".repeat(100_000));
    Batch first = create(OWNER, lines(0, 40));
    Batch second = create(OWNER, lines(40, 80));
    long bytes = 0;
    for (Batch batch : List.of(ended(OWNER, first), ended(OWNER, second))) {
      assertThat(batch.progress().state()).isEqualTo(Batch.State.COMPLETED);
      Batch.Counts counts = batch.progress().counts();
      assertThat(counts.completed() + counts.failed()).isEqualTo(40);
      assertThat(results(OWNER, batch.progress().errors()))
          .hasSize(counts.failed())
          .allMatch(line -> line.at("/error/code").asString("").equals("insufficient_storage"));
      if (batch.progress().output().isPresent()) {
        bytes += Files.size(files.content(files.find(OWNER, batch.progress().output().get())));
      }
    }
    assertThat(bytes).isBetween(500_000L, 1L << 20);
    assertThat(asked.size()).isLessThan(30);
  }

  @Test
  void ownerWhoIsGone_endsItsBatchAndKeepsWhatWasAnswered() throws Exception {
    answering =
        text -> {
          if (text.equals("r9")) {
            rights = then -> Optional.empty();
          }
          return JSON.createObjectNode();
        };
    Batch done = ended(OWNER, create(OWNER, lines(0, 1000)));
    assertThat(done.progress().state()).isEqualTo(Batch.State.FAILED);
    assertThat(done.progress().problems().getFirst().message()).contains("no caller any more");
    int answered = done.progress().counts().completed();
    assertThat(answered).isBetween(1, 100);
    assertThat(results(OWNER, done.progress().output())).hasSize(answered);
    assertThat(folder(done).resolve("output.jsonl")).doesNotExist();
  }

  @Test
  void messagesThatRepeatWhatACallerWrote_areCut() throws Exception {
    String name = "n".repeat(40_000);
    String line = "{\"a\": %s".formatted(name);
    Batch failed = ended(OWNER, create(OWNER, (line + "\n").repeat(100)));
    assertThat(failed.progress().problems()).hasSize(100);
    assertThat(failed.progress().problems()).allMatch(one -> one.message().length() < 600);
    assertThat(Files.size(folder(failed).resolve("batch.json"))).isLessThan(1 << 20);
    Batch again = batches.get(OWNER, failed.id());
    assertThat(again.progress().state()).isEqualTo(Batch.State.FAILED);
  }

  @Test
  void serverThatStops_doesNotReadAFileToItsEnd() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    AtomicInteger required = new AtomicInteger();
    requiring =
        () -> {
          required.incrementAndGet();
          begun.countDown();
          try {
            closing.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    Batch batch = create(OWNER, lines(0, 10_000));
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    Thread stopping = Thread.ofPlatform().start(batches::close);
    while (stopping.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    closing.countDown();
    stopping.join();
    assertThat(required.get()).isLessThan(3);
    assertThat(batches.get(OWNER, batch.id()).progress().state()).isEqualTo(Batch.State.VALIDATING);
    open();
    assertThat(ended(OWNER, batch).progress().state()).isEqualTo(Batch.State.COMPLETED);
  }

  @Test
  void deathAfterAllIsTold_leavesTheEndThatWasMeant() throws Exception {
    answering =
        text -> {
          await(Background.current().orElseThrow());
          throw new LatheException(ServerError.GIVEN_UP, "the server stops");
        };
    Batch batch = create(OWNER, lines(0, 2));
    while (asked.isEmpty()) {
      Thread.onSpinWait();
    }
    batches.close();
    Path state = folder(batch).resolve("batch.json");
    String text =
        Files.readString(state)
            .replaceAll("\"expires\":[^,]+", "\"expires\":\"2020-01-01T00:00:00Z\"")
            .replace("\"state\":\"in_progress\"", "\"state\":\"in_progress\",\"end\":\"expired\"");
    assertThat(text).contains("\"end\":\"expired\"");
    Files.writeString(state, text);
    Files.writeString(
        folder(batch).resolve("errors.jsonl"),
        "{\"custom_id\": \"r0\"}\n{\"custom_id\": \"r1\"}\n");
    open();
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.EXPIRED);
    assertThat(done.progress().counts()).isEqualTo(new Batch.Counts(2, 0, 2));
  }

  @Test
  void foldersThatADeathLeft_areCleanedUp() throws Exception {
    Batch done = ended(OWNER, create(OWNER, lines(0, 3)));
    batches.close();
    Path folder = folder(done);
    Files.writeString(folder.resolve("output.jsonl"), "{\"custom_id\": \"r0\"}\n");
    Files.writeString(folder.resolve("batch.json.new"), "{");
    Path half = Files.createDirectory(folder.resolveSibling("batch_" + "a".repeat(32)));
    Path young = Files.createDirectory(folder.resolveSibling("batch_" + "b".repeat(32)));
    Files.writeString(half.resolve("input.jsonl"), "x");
    Files.setLastModifiedTime(
        half, java.nio.file.attribute.FileTime.from(Instant.now().minusSeconds(3600)));
    open();
    assertThat(folder.resolve("output.jsonl")).doesNotExist();
    assertThat(half).doesNotExist();
    assertThat(young).exists();
    assertThat(batches.get(OWNER, done.id()).progress()).isEqualTo(done.progress());
    // All that are on the disk count, and the oldest go whole.
    for (int i = 0; i < 4; i++) {
      ended(OWNER, create(OWNER, lines(0, 1)));
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void damagedBatches_stopNothingAndCount() throws Exception {
    Batch first = ended(OWNER, create(OWNER, lines(0, 1)));
    Batch second = ended(OWNER, create(OWNER, lines(0, 1)));
    batches.close();
    Files.writeString(folder(first).resolve("batch.json"), "{\"id\": \"" + first.id() + "\"}");
    Files.writeString(folder(second).resolve("batch.json"), "{");
    open();
    assertThat(batches.list(OWNER)).isEmpty();
    assertThatThrownBy(() -> batches.get(OWNER, first.id())).hasMessageContaining("No batch");
    for (int i = 0; i < 5; i++) {
      ended(OWNER, create(OWNER, lines(0, 1)));
    }
    assertThat(batches.list(OWNER)).hasSize(3);
  }

  @Test
  void batchThatIsDamagedForDays_goes() throws Exception {
    Batch batch = ended(OWNER, create(OWNER, lines(0, 1)));
    batches.close();
    Path folder = folder(batch);
    Files.writeString(folder.resolve("batch.json"), "{");
    Files.setLastModifiedTime(
        folder.resolve("batch.json"), FileTime.from(Instant.now().minus(Duration.ofDays(90))));
    open();
    ended(OWNER, create(OWNER, lines(0, 1)));
    assertThat(folder).as("was found today").exists();
    Files.setLastModifiedTime(
        folder.resolve("unreadable"), FileTime.from(Instant.now().minus(Duration.ofDays(8))));
    ended(OWNER, create(OWNER, lines(0, 1)));
    assertThat(folder).doesNotExist();
  }

  @Test
  void batchThatWasWrittenWithoutAnAccount_isItsNames() throws Exception {
    Batch batch = ended(OWNER, create(OWNER, lines(0, 1)));
    batches.close();
    Path state = folder(batch).resolve("batch.json");
    String old = Files.readString(state).replace("\"account\":\"key:a\",", "");
    assertThat(old).doesNotContain("account");
    Files.writeString(state, old);
    open();
    assertThat(batches.get(OWNER, batch.id())).isEqualTo(batch);
  }

  /** Leaves a batch of which some lines are answered, and the server stopped. */
  private Batch left() throws Exception {
    answering =
        text -> {
          if (text.equals("r0")) {
            return JSON.createObjectNode();
          }
          await(Background.current().orElseThrow());
          throw new LatheException(ServerError.GIVEN_UP, "the server stops");
        };
    Batch batch = create(OWNER, lines(0, 7));
    while (batches.get(OWNER, batch.id()).progress().counts().completed() == 0) {
      Thread.onSpinWait();
    }
    batches.close();
    return batch;
  }

  @Test
  void batchWhoseLinesAreLost_endsWithWhatWasAnswered() throws Exception {
    Batch batch = left();
    Files.delete(folder(batch).resolve("input.jsonl"));
    open();
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.FAILED);
    assertThat(done.progress().problems().getFirst().message()).contains("cannot be read");
    assertThat(ids(results(OWNER, done.progress().output()))).containsExactly("r0");
  }

  @Test
  void batchWhoseLinesWereCutOffWhileItRan_ends() throws Exception {
    Path[] input = new Path[1];
    CountDownLatch known = new CountDownLatch(1);
    answering =
        text -> {
          if (asked.size() == 1) {
            try {
              known.await();
              Files.write(input[0], new byte[0]);
            } catch (IOException | InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
          return JSON.createObjectNode();
        };
    Batch batch = create(OWNER, lines(0, 1000));
    input[0] = folder(batch).resolve("input.jsonl");
    known.countDown();
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.FAILED);
    assertThat(done.progress().counts().completed()).isBetween(1, 999);
  }

  @Test
  void batchWhoseLinesAndTimeAreLost_expires() throws Exception {
    Batch batch = left();
    Path state = folder(batch).resolve("batch.json");
    Files.writeString(
        state,
        Files.readString(state)
            .replaceAll("\"expires\":[^,]+", "\"expires\":\"2020-01-01T00:00:00Z\""));
    Files.delete(folder(batch).resolve("input.jsonl"));
    open();
    Batch done = ended(OWNER, batch);
    assertThat(done.progress().state()).isEqualTo(Batch.State.EXPIRED);
    assertThat(done.progress().counts()).isEqualTo(new Batch.Counts(7, 1, 0));
  }

  @Test
  void batchOfAFileThatIsGone_leavesNothing() throws Exception {
    StoredFile file = upload(OWNER, lines(0, 1));
    Files.delete(files.content(file));
    assertThatThrownBy(
            () ->
                batches.create(OWNER, new Batch.Order(PATH, file.id(), Map.of(), Optional.empty())))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.UNKNOWN_FILE));
    try (Stream<Path> all = Files.walk(data.resolve("batches"))) {
      assertThat(all.filter(path -> path.getFileName().toString().startsWith("batch_"))).isEmpty();
    }
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
}

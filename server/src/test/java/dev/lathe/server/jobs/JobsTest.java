package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobProgress;
import dev.lathe.server.JobResult;
import dev.lathe.server.JobState;
import dev.lathe.server.RecipeSource;
import dev.lathe.train.TrainError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class JobsTest {
  private static final JobResult RESULT = new JobResult("v1", "prod", Map.of("accuracy", 0.5));

  @TempDir private Path root;

  @Test
  void job_runsAndItsEndIsOnDisk() throws Exception {
    try (Jobs jobs = jobs(context -> RESULT)) {
      JobInfo accepted = jobs.submit(recipe("a: 1"), "demo/m");
      assertThat(accepted.state()).isEqualTo(JobState.QUEUED);
      JobInfo done = waitForEnd(jobs, accepted.id());
      assertThat(done.state()).isEqualTo(JobState.SUCCEEDED);
      assertThat(done.version()).contains("v1");
      assertThat(done.environment()).contains("prod");
      assertThat(done.metrics()).containsEntry("accuracy", 0.5);
      Path folder = root.resolve(done.id());
      assertThat(folder.resolve("recipe.yaml")).hasContent("a: 1");
      assertThat(Files.readString(folder.resolve("job.json"))).contains("\"succeeded\"");
    }
    try (Jobs later = jobs(context -> RESULT)) {
      assertThat(later.list()).extracting(JobInfo::state).containsExactly(JobState.SUCCEEDED);
    }
  }

  @Test
  void failure_isShownWithItsMessage() throws Exception {
    JobWork work =
        context -> {
          throw new LatheException(TrainError.DIVERGED, "step 7: loss is NaN");
        };
    try (Jobs jobs = jobs(work)) {
      JobInfo done = waitForEnd(jobs, jobs.submit(recipe("a: 1"), "demo/m").id());
      assertThat(done.state()).isEqualTo(JobState.FAILED);
      assertThat(done.error()).contains("step 7: loss is NaN");
      assertThat(done.errorKind()).contains(ErrorKind.INVALID);
      Path state = root.resolve(done.id()).resolve("job.json");
      String json = Files.readString(state);
      assertThat(json).contains("\"error_kind\":\"invalid\"");
      // As a version before this key wrote it.
      Files.writeString(state, json.replace(",\"error_kind\":\"invalid\"", ""));
      assertThat(jobs.get(done.id()).errorKind()).isEmpty();
      assertThat(jobs.get(done.id()).error()).contains("step 7: loss is NaN");
    }
  }

  @Test
  void defect_isShownAsAnIdOnly() throws Exception {
    JobWork work =
        context -> {
          throw new IllegalStateException("secret detail");
        };
    try (Jobs jobs = jobs(work)) {
      JobInfo done = waitForEnd(jobs, jobs.submit(recipe("a: 1"), "demo/m").id());
      assertThat(done.error().orElseThrow()).contains("internal error").doesNotContain("secret");
    }
  }

  @Test
  void lackOfMemory_isToldAsSuchAndTheNextJobRuns() throws Exception {
    List<Throwable> failures =
        List.of(
            new OutOfMemoryError("Java heap space"),
            new IllegalStateException("reading ahead failed", new OutOfMemoryError("direct")));
    for (Throwable failure : failures) {
      try (Jobs jobs = jobs(context -> fail(context, failure))) {
        JobInfo done = waitForEnd(jobs, jobs.submit(recipe("a: 1"), "demo/m").id());
        assertThat(done.state()).isEqualTo(JobState.FAILED);
        assertThat(done.errorKind()).contains(ErrorKind.EXHAUSTED);
        assertThat(done.error().orElseThrow()).contains("MiB", "batch", "LATHE_OPTIONS=-Xmx");
        JobInfo next = waitForEnd(jobs, jobs.submit(recipe("works"), "demo/m").id());
        assertThat(next.state()).isEqualTo(JobState.SUCCEEDED);
      }
    }
  }

  private static JobResult fail(JobContext context, Throwable failure) {
    if (context.recipe().yaml().equals("works")) {
      return RESULT;
    }
    switch (failure) {
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  @Test
  void runningJob_isCancelledAndResumed() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    JobWork work =
        context -> {
          if (!Files.exists(context.runDirectory())) {
            create(context.runDirectory());
            running.countDown();
            waitForCancel(context);
          }
          return RESULT;
        };
    try (Jobs jobs = jobs(work)) {
      String id = jobs.submit(recipe("a: 1"), "demo/m").id();
      running.await();
      assertThatThrownBy(() -> jobs.resume(id))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
      jobs.cancel(id);
      assertThat(waitForEnd(jobs, id).state()).isEqualTo(JobState.CANCELLED);
      jobs.resume(id);
      assertThat(waitForEnd(jobs, id).state()).isEqualTo(JobState.SUCCEEDED);
      assertThatThrownBy(() -> jobs.resume(id)).hasMessageContaining("succeeded already");
    }
  }

  @Test
  void queuedJob_isCancelledAtOnce() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    try (Jobs jobs = jobs(untilCancelled(running))) {
      String first = jobs.submit(recipe("a: 1"), "demo/m").id();
      running.await();
      String second = jobs.submit(recipe("a: 2"), "demo/m").id();
      assertThat(jobs.cancel(second).state()).isEqualTo(JobState.CANCELLED);
      assertThat(jobs.get(first).state()).isEqualTo(JobState.RUNNING);
    }
  }

  @Test
  void closing_leavesJobsInterruptedNotLost() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    try (Jobs jobs = jobs(untilCancelled(running))) {
      jobs.submit(recipe("a: 1"), "demo/m");
      running.await();
      jobs.submit(recipe("a: 2"), "demo/m");
    }
    try (Jobs later = jobs(context -> RESULT)) {
      assertThat(later.list())
          .hasSize(2)
          .allSatisfy(job -> assertThat(job.state()).isEqualTo(JobState.INTERRUPTED));
      String id = later.list().getFirst().id();
      later.resume(id);
      assertThat(waitForEnd(later, id).state()).isEqualTo(JobState.SUCCEEDED);
    }
  }

  @Test
  void jobOfADeadProcess_isShownAsInterrupted() throws Exception {
    String id = "20260101-000000-abcdef";
    Files.createDirectories(root.resolve(id));
    JobFolder folder = new JobFolder(root.resolve(id));
    JobInfo running =
        JobInfo.queued(id, "demo/m", InstantSource.system().instant())
            .running(InstantSource.system().instant());
    folder.pack("a: 1", into -> {});
    folder.write(new JobFolder.State(running, root.toString(), 1));
    try (Jobs jobs = jobs(context -> RESULT)) {
      assertThat(jobs.get(id).state()).isEqualTo(JobState.INTERRUPTED);
      try (ProcessLock held = folder.lock().orElseThrow()) {
        assertThat(held).isNotNull();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.RUNNING);
        assertThatThrownBy(() -> jobs.resume(id)).hasMessageContaining("being worked on");
      }
      assertThat(jobs.get(id).state()).isEqualTo(JobState.INTERRUPTED);
    }
  }

  @Test
  void queue_isBounded() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    try (Jobs jobs = jobs(untilCancelled(running))) {
      jobs.submit(recipe("a: 1"), "demo/m");
      running.await();
      for (int i = 0; i < 32; i++) {
        jobs.submit(recipe("a: 1"), "demo/m");
      }
      assertThatThrownBy(() -> jobs.submit(recipe("a: 1"), "demo/m"))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.EXHAUSTED));
      assertThat(jobs.list()).hasSize(33);
    }
  }

  @Test
  void idsThatAreNone_areNotFound() {
    try (Jobs jobs = jobs(context -> RESULT)) {
      for (String id : List.of("", "..", "../../etc", "20260101-000000-abcdef", "x".repeat(500))) {
        assertThatThrownBy(() -> jobs.get(id))
            .isInstanceOfSatisfying(
                LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
      }
    }
  }

  @Test
  void slowListener_missesTheOldestButNeverTheEnd() throws Exception {
    JobEvents events = new JobEvents(1);
    JobInfo job = JobInfo.queued("id", "demo/m", InstantSource.system().instant());
    for (int i = 1; i <= 2000; i++) {
      events.add(
          new JobEvent.Progress(new JobProgress(1, 1, i, 2000, 0, Map.of(), 1, Optional.empty())));
    }
    events.add(new JobEvent.Done(job));
    events.add(new JobEvent.Log("after the end"));
    List<JobEvent.Numbered> kept = events.after(0, Duration.ZERO);
    assertThat(kept).hasSize(512);
    assertThat(kept.getLast().event()).isInstanceOf(JobEvent.Done.class);
    assertThat(kept.getLast().number()).isEqualTo(2001);
    assertThat(events.after(2000, Duration.ZERO)).hasSize(1);
    assertThat(events.after(2001, Duration.ofMinutes(1))).isEmpty();
  }

  @Test
  void listener_hearsEverythingInOrder() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    JobWork work =
        context -> {
          await(go);
          context.log("one");
          context.progress(
              new JobProgress(1, 2, 3, 4, 0.5, Map.of("loss", 0.5), 9, Optional.empty()));
          return RESULT;
        };
    List<JobEvent> heard = new ArrayList<>();
    try (Jobs jobs = jobs(work)) {
      String id = jobs.submit(recipe("a: 1"), "demo/m").id();
      JobEvents events = jobs.events(id).orElseThrow();
      go.countDown();
      long seen = 0;
      while (!events.ended()) {
        for (JobEvent.Numbered event : events.after(seen, Duration.ofSeconds(5))) {
          heard.add(event.event());
          seen = event.number();
        }
      }
      events.after(seen, Duration.ZERO).forEach(event -> heard.add(event.event()));
    }
    assertThat(heard)
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactly("State", "State", "Log", "Progress", "Done");
  }

  @Test
  void jobThatCannotBegin_isLeftAsItWas() throws Exception {
    JobWork failing =
        context -> {
          throw new LatheException(TrainError.DIVERGED, "step 7: loss is NaN");
        };
    try (Jobs jobs = jobs(failing)) {
      String id = jobs.submit(recipe("a: 1"), "demo/m").id();
      waitForEnd(jobs, id);
      Path recipe = root.resolve(id).resolve("recipe.yaml");
      Files.delete(recipe);
      assertThatThrownBy(() -> jobs.resume(id)).hasMessageContaining("recipe.yaml");
      assertThat(jobs.get(id).state()).isEqualTo(JobState.FAILED);
      Files.writeString(recipe, "a: 1");
      assertThat(jobs.resume(id).state()).isEqualTo(JobState.QUEUED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "", "{}", "null", "{\"job\": {\"id\""})
  void damagedState_isShownAsFailed_andHidesNoOtherJob(String text) throws Exception {
    try (Jobs jobs = jobs(context -> RESULT)) {
      String good = jobs.submit(recipe("a: 1"), "demo/m").id();
      waitForEnd(jobs, good);
      String bad = "20260101-000000-abcdef";
      Files.createDirectories(root.resolve(bad));
      Files.writeString(root.resolve(bad).resolve("job.json"), text);
      assertThat(jobs.list()).extracting(JobInfo::id).containsExactly(good, bad);
      JobInfo shown = jobs.get(bad);
      assertThat(shown.state()).isEqualTo(JobState.FAILED);
      assertThat(shown.error().orElseThrow()).contains(bad, "job.json is damaged");
      assertThat(shown.created()).isEqualTo("2026-01-01T00:00:00Z");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> jobs.resume(bad)).hasMessageContaining("job.json is damaged");
      }
    }
  }

  @Test
  void resumeRefusedBeforeItsFirstStep_leavesTheJobAsItWas_withTheReason() throws Exception {
    AtomicReference<JobWork> work = new AtomicReference<>(JobsTest::stopsAtOnce);
    try (Jobs jobs = jobs(context -> work.get().run(context))) {
      String id = jobs.submit(recipe("a: 1"), "demo/m").id();
      JobInfo before = waitForEnd(jobs, id);
      assertThat(before.state()).isEqualTo(JobState.CANCELLED);

      work.set(context -> refuse());
      jobs.resume(id);
      JobInfo after = waitForEnd(jobs, id);
      assertThat(after.state()).isEqualTo(JobState.CANCELLED);
      assertThat(after.error()).contains("made with another data");
      assertThat(after.errorKind()).contains(ErrorKind.CONFLICT);
      assertThat(after.finished()).isEqualTo(before.finished());

      work.set(
          context -> {
            context.progress(new JobProgress(1, 1, 1, 2, 0, Map.of(), 1, Optional.empty()));
            return refuse();
          });
      jobs.resume(id);
      assertThat(waitForEnd(jobs, id).state()).isEqualTo(JobState.FAILED);

      work.set(context -> RESULT);
      jobs.resume(id);
      JobInfo done = waitForEnd(jobs, id);
      assertThat(done.state()).isEqualTo(JobState.SUCCEEDED);
      assertThat(done.error()).isEmpty();
      assertThat(done.errorKind()).isEmpty();
    }
  }

  @Test
  void confinedRecipe_staysConfinedWhenItIsResumedLater() throws Exception {
    List<Boolean> seen = new ArrayList<>();
    JobWork work =
        context -> {
          seen.add(context.recipe().isConfined());
          return stopsAtOnce(context);
        };
    String id;
    try (Jobs jobs = jobs(work)) {
      id = jobs.submit(recipe("a: 1").confined(), "demo/m").id();
      waitForEnd(jobs, id);
      waitForEnd(jobs, jobs.submit(recipe("a: 2"), "demo/m").id());
    }
    try (Jobs later = jobs(work)) {
      waitForEnd(later, later.resume(id).id());
    }
    assertThat(seen).containsExactly(true, false, true);
  }

  private static JobResult stopsAtOnce(JobContext context) {
    throw new LatheException(TrainError.CANCELLED, "asked to stop");
  }

  private static JobResult refuse() {
    throw new LatheException(TrainError.CHECKPOINT_MISMATCH, "made with another data");
  }

  @Test
  void jobInfo_survivesItsJson() {
    JobInfo job =
        JobInfo.queued("id", "demo/m", InstantSource.system().instant())
            .running(InstantSource.system().instant())
            .at(new JobProgress(1, 2, 3, 4, 0.25, Map.of("accuracy", 0.5), 100, Optional.of(1.5)));
    String json = ApiJson.print(job);
    assertThat(json).contains("\"examples_per_second\"").contains("\"running\"");
    assertThat(json).contains("\"remaining_seconds\" : 1.5");
    assertThat(ApiJson.read(ApiJson.bytes(job), JobInfo.class)).isEqualTo(job);
    String older = json.replaceFirst(",\\s*\"remaining_seconds\" : 1.5", "");
    JobInfo read = ApiJson.read(older.getBytes(StandardCharsets.UTF_8), JobInfo.class);
    assertThat(read.progress().orElseThrow().remainingSeconds()).isEmpty();
  }

  private Jobs jobs(JobWork work) {
    return new Jobs(root, work, InstantSource.system(), new Random(7));
  }

  private RecipeSource recipe(String yaml) {
    return new RecipeSource(yaml, root);
  }

  private static JobWork untilCancelled(CountDownLatch running) {
    return context -> {
      running.countDown();
      waitForCancel(context);
      return RESULT;
    };
  }

  private static void waitForCancel(JobContext context) {
    while (!context.cancel().isCancelled()) {
      Thread.onSpinWait();
    }
    throw new LatheException(TrainError.CANCELLED, "asked to stop");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void create(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JobInfo waitForEnd(Jobs jobs, String id) throws InterruptedException {
    JobEvents events = jobs.events(id).orElse(null);
    long seen = 0;
    while (events != null && !events.ended()) {
      for (JobEvent.Numbered event : events.after(seen, Duration.ofSeconds(20))) {
        seen = event.number();
      }
    }
    return jobs.get(id);
  }
}

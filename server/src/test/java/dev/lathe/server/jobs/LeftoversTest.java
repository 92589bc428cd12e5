package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobResult;
import dev.lathe.server.JobState;
import dev.lathe.server.RecipeSource;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a job on disk, and how long. */
@Timeout(60)
class LeftoversTest {
  private static final JobResult RESULT = new JobResult("v1", "", Map.of());
  private static final Luggage LUGGAGE =
      folder -> {
        Files.createDirectory(folder.resolve(Luggage.DATA));
        Files.writeString(folder.resolve(Luggage.DATA).resolve("a"), "much");
        Files.writeString(folder.resolve("note"), "little");
      };

  @TempDir private Path root;
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private Jobs jobs(JobWork work) {
    return new Jobs(root, work, () -> now, new Random(7));
  }

  private static JobInfo submit(Jobs jobs, Luggage luggage) {
    return jobs.submit(new RecipeSource("a: 1", Path.of(Luggage.DATA)), "demo/m", luggage);
  }

  private Path ended(Jobs jobs) {
    String id = submit(jobs, LUGGAGE).id();
    await(jobs, id);
    return root.resolve(id);
  }

  /** The disk has the test's time. */
  private void await(Jobs jobs, String id) {
    JobEvents events = jobs.events(id).orElse(null);
    while (events != null && !events.ended()) {
      Thread.onSpinWait();
    }
    written(root.resolve(id));
  }

  private void written(Path job) {
    try {
      Files.setLastModifiedTime(job.resolve("job.json"), FileTime.from(now));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves what a training leaves, and fails where the test says so. */
  private static JobResult work(JobContext context) {
    try {
      assertThat(context.recipe().baseDirectory().resolve("a")).hasContent("much");
      Path run = context.runDirectory();
      Files.createDirectories(run.resolve("checkpoints/1"));
      Files.writeString(run.resolve("checkpoints/1/weights"), "much");
      Files.createDirectories(run.resolve("curves"));
      Files.writeString(run.resolve("base"), "v1");
      Files.writeString(run.resolve("translations.txt"), "un deux");
      return RESULT;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JobResult failing(JobContext context) {
    work(context);
    throw new LatheException(TrainError.DIVERGED, "loss is NaN");
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(file -> folder.relativize(file).toString()).sorted().toList();
    }
  }

  private static void assertCleared(Path job) throws IOException {
    assertThat(files(job))
        .containsExactly(
            "",
            "job.json",
            "lock",
            "log.jsonl",
            "note",
            "recipe.yaml",
            "run",
            "run/base",
            "run/curves",
            "run/translations.txt");
  }

  @Test
  void ofWhatSucceeded_staysWhatTellsOfIt() throws Exception {
    try (Jobs jobs = jobs(LeftoversTest::work)) {
      assertCleared(ended(jobs));
    }
  }

  @Test
  void ofWhatFailed_everythingStays_soThatItCanBeResumed_butAWeek() throws Exception {
    Path job;
    try (Jobs jobs = jobs(LeftoversTest::failing)) {
      job = ended(jobs);
    }
    try (Jobs jobs = jobs(LeftoversTest::work)) {
      now = now.plus(Duration.ofDays(6));
      ended(jobs);
      assertThat(job.resolve("data/a")).exists();
      assertThat(job.resolve("run/checkpoints/1/weights")).exists();
      now = now.plus(Duration.ofDays(1).plusSeconds(1));
      ended(jobs);
      assertCleared(job);
      assertThat(jobs.get(job.getFileName().toString()).state()).isEqualTo(JobState.FAILED);
    }
  }

  /** Makes of a job that ended one whose process died on the way. */
  private static void loseProcess(Path job) throws IOException {
    Path file = job.resolve("job.json");
    String state = Files.readString(file);
    String lost =
        state
            .replace("\"state\":\"failed\"", "\"state\":\"running\"")
            .replaceAll("\"finished\":[^,]+,", "");
    assertThat(lost).contains("\"running\"").doesNotContain("\"finished\"");
    Files.writeString(file, lost);
  }

  @Test
  void jobThatWasLostAfterWeeks_canStillBeResumed() throws Exception {
    Path job;
    try (Jobs jobs = jobs(LeftoversTest::failing)) {
      job = ended(jobs);
    }
    loseProcess(job);
    now = now.plus(Duration.ofDays(20));
    written(job);
    try (Jobs jobs = jobs(LeftoversTest::work)) {
      now = now.plus(Duration.ofDays(6));
      ended(jobs);
      assertThat(job.resolve("run/checkpoints/1/weights")).exists();
      now = now.plus(Duration.ofDays(2));
      ended(jobs);
      assertCleared(job);
    }
  }

  @Test
  void serverThatWasAwayForWeeks_goesOnWithWhatWasLostWithIt() throws Exception {
    Path job;
    try (Jobs jobs = jobs(LeftoversTest::failing)) {
      job = ended(jobs);
    }
    loseProcess(job);
    written(job);
    now = now.plus(Duration.ofDays(30));
    try (Jobs jobs = jobs(LeftoversTest::work)) {
      ended(jobs);
      String id = job.getFileName().toString();
      jobs.resume(id);
      await(jobs, id);
      assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
    }
  }

  @Test
  void oldJobThatWasTriedAgain_isNoneOfTheOldest() throws Exception {
    List<Path> all = new ArrayList<>();
    try (Jobs jobs = jobs(LeftoversTest::failing)) {
      for (int i = 0; i < 101; i++) {
        all.add(ended(jobs));
        now = now.plusSeconds(1);
      }
      String first = all.get(0).getFileName().toString();
      jobs.resume(first);
      await(jobs, first);
      now = now.plus(Duration.ofHours(1));
      ended(jobs);
    }
    assertThat(all.get(0).resolve("data/a")).exists();
    assertCleared(all.get(1));
  }

  @Test
  void hundredThatFailed_areKept_andNotOneMore() throws Exception {
    List<Path> all = new ArrayList<>();
    try (Jobs jobs = jobs(LeftoversTest::failing)) {
      for (int i = 0; i < 102; i++) {
        all.add(ended(jobs));
        now = now.plusSeconds(1);
      }
      now = now.plus(Duration.ofHours(1));
      ended(jobs);
    }
    assertCleared(all.get(0));
    assertCleared(all.get(1));
    assertThat(all.subList(2, 102)).allMatch(job -> Files.exists(job.resolve("data/a")));
  }

  @Test
  void jobThatRuns_keepsItsFiles_howeverLong() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    JobWork slow =
        context -> {
          try {
            goOn.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return work(context);
        };
    try (Jobs jobs = jobs(slow)) {
      String id = submit(jobs, LUGGAGE).id();
      now = now.plus(Duration.ofDays(30));
      String next = submit(jobs, LUGGAGE).id();
      assertThat(root.resolve(id).resolve("data/a")).exists();
      JobEvents events = jobs.events(next).orElseThrow();
      goOn.countDown();
      while (!events.ended()) {
        Thread.onSpinWait();
      }
      assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
      assertCleared(root.resolve(id));
    }
  }

  @Test
  void refusedSubmission_leavesNothing() throws IOException {
    try (Jobs jobs = jobs(LeftoversTest::work)) {
      Luggage broken =
          folder -> {
            LUGGAGE.into(folder);
            throw new IOException("disk full");
          };
      assertThatThrownBy(() -> submit(jobs, broken)).hasMessageContaining("cannot keep its files");
      // No state can be written where a folder stands.
      Luggage wrong =
          folder -> {
            LUGGAGE.into(folder);
            Files.createDirectories(folder.resolve("job.json.new/x"));
          };
      assertThatThrownBy(() -> submit(jobs, wrong)).hasMessageContaining("cannot write job.json");
      assertThat(files(root)).containsExactly("");
    }
  }

  @Test
  void folderThatNeverBecameAJob_isRemovedAfterAWhile() throws Exception {
    Path young = Files.createDirectories(root.resolve("20260101-000000-00000a"));
    LUGGAGE.into(young);
    try (Jobs jobs = jobs(LeftoversTest::work)) {
      ended(jobs);
      assertThat(young).exists();
      now = now.plus(Duration.ofDays(8));
      ended(jobs);
      assertThat(young).doesNotExist();
    }
  }
}

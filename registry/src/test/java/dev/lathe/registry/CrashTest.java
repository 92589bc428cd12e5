package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever is killed leaves the old state or the new one, and nobody is kept out afterwards. */
class CrashTest {
  @TempDir Path folder;
  private Path root;
  private Path repository;
  private GitClient git;

  @BeforeEach
  void locate() {
    root = folder.resolve("registry");
    repository = root.resolve("git/demo/digits.git");
    git = new GitClient(folder);
  }

  @Test
  void killAtAnyMoment_leavesWholeVersionsOnly() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 4; round++) {
      List<String> told = publishUntilKilled(round, random);
      check("seed " + seed + ", round " + round, told);
    }
  }

  private List<String> publishUntilKilled(int round, Random random) throws Exception {
    String first = Integer.toString(1 + round * 10_000);
    try (ChildJvm child =
        ChildJvm.start(folder, PublishLoop.class, root.toString(), "demo/digits", first, "9999")) {
      List<String> told = new ArrayList<>();
      // The first child dies before or at the model's birth, the others at work.
      String awaited = round == 0 ? "ready" : "live";
      while (told.isEmpty() || !told.getLast().startsWith(awaited)) {
        told.add(child.line());
        assertThat(told.getLast()).as("after %s", told).isNotEmpty();
      }
      LockSupport.parkNanos(random.nextLong(round == 0 ? 1_000_000_000 : 300_000_000));
      child.kill();
      told.addAll(child.rest());
      assertThat(told).first().isEqualTo("ready");
      return told;
    }
  }

  private void check(String where, List<String> told) {
    RegistryOptions strict =
        RegistryOptions.defaults().withVerification(RegistryOptions.Verification.DIGEST);
    try (Registry registry = Registry.open(root, strict)) {
      if (!registry.exists(DIGITS)) {
        assertThat(told).as(where).noneMatch(line -> line.startsWith("published"));
        return;
      }
      assertThat(git.in(repository, "fsck", "--full", "--strict"))
          .as(where)
          .doesNotContain("error", "missing", "corrupt");
      List<VersionInfo> log = registry.log(DIGITS);
      for (int i = 0; i < log.size(); i++) {
        assertThat(log.get(i).version()).as(where).isEqualTo("v" + (log.size() - i));
      }
      log.forEach(version -> registry.materialize(DIGITS, version.version()));
      String live = registry.deployment(DIGITS, "prod").map(Deployment::live).orElse("none");
      assertTold(where, told, log, live);
      // A repository that a dead process left locked would refuse this.
      VersionInfo next = registry.publish(DIGITS, Samples.release(-log.size()));
      assertThat(next.version()).as(where).isEqualTo("v" + (log.size() + 1));
      registry.deploy(DIGITS, next.version(), "prod");
    }
  }

  /** What the process was told has happened; a thing that it was not told may have, too. */
  private static void assertTold(
      String where, List<String> told, List<VersionInfo> log, String live) {
    List<String> published =
        log.stream().map(VersionInfo::message).map(text -> text.substring(12)).toList();
    for (String line : told) {
      if (line.startsWith("published ")) {
        assertThat(published).as(where).contains(line.split(" ")[2]);
      }
    }
    told.stream()
        .filter(line -> line.startsWith("live "))
        .reduce((a, b) -> b)
        .ifPresent(
            line -> {
              int lastTold = Integer.parseInt(line.substring(6));
              assertThat(Integer.parseInt(live.substring(1)))
                  .as(where)
                  .isBetween(lastTold, lastTold + 1);
            });
  }

  @Test
  void locksOfADeadProcess_areRemoved_byWhoeverComesNext() throws Exception {
    try (Registry registry = Registry.open(root)) {
      registry.publish(DIGITS, Samples.release(1));
      registry.deploy(DIGITS, "v1", "prod");
      List<Path> left = leaveLocks();
      Files.writeString(repository.resolve("objects/noz123.tmp"), "half an object");
      Files.writeString(root.resolve("locks/demo+digits"), "held\n");

      assertThat(registry.publish(DIGITS, Samples.release(2)).version()).isEqualTo("v2");
      assertThat(registry.deploy(DIGITS, "v2", "prod").live()).isEqualTo("v2");
      assertThat(left).noneMatch(Files::exists);
      assertThat(repository.resolve("objects/noz123.tmp")).doesNotExist();
      assertThat(root.resolve("locks/demo+digits")).isEmptyFile();
    }
    assertThat(git.in(repository, "fsck", "--full", "--strict")).isEmpty();
  }

  @Test
  void locksOfALivingGit_areRespected_andTheOldStateStays() throws Exception {
    try (Registry registry = Registry.open(root)) {
      VersionInfo first = registry.publish(DIGITS, Samples.release(1));
      List<Path> foreign = leaveLocks();
      assertThatThrownBy(() -> registry.publish(DIGITS, Samples.release(2)))
          .isInstanceOf(LatheException.class)
          .matches(e -> ((LatheException) e).kind() == ErrorKind.CONFLICT)
          .hasMessageContaining("no other Git program");
      assertThat(registry.log(DIGITS)).containsExactly(first);
      assertThat(foreign).allMatch(Files::exists);
      for (Path lock : foreign) {
        Files.delete(lock);
      }
      assertThat(registry.publish(DIGITS, Samples.release(2)).version()).isEqualTo("v2");
    }
  }

  private List<Path> leaveLocks() throws Exception {
    List<Path> locks = new ArrayList<>();
    for (String name : List.of("packed-refs.lock", "refs/heads/main.lock", "HEAD.lock")) {
      locks.add(Files.writeString(repository.resolve(name), ""));
    }
    return locks;
  }

  @Test
  void halfBornModel_isNoModel_andIsBornAnew() throws Exception {
    try (Registry registry = Registry.open(root)) {
      Path unborn = root.resolve("tmp/demo+digits.git");
      BareRepository.create(unborn);
      Files.writeString(unborn.resolve("packed-refs.lock"), "");
      assertThat(registry.models()).isEmpty();
      assertThat(registry.publish(DIGITS, Samples.release(1)).version()).isEqualTo("v1");
      assertThat(unborn).doesNotExist();
    }
  }
}

package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the registry writes, as the real Git reads it. */
class GitParityTest {
  @TempDir Path folder;
  private GitClient git;
  private Path root;
  private Path repository;

  @BeforeEach
  void publish() {
    git = new GitClient(folder);
    root = folder.resolve("registry");
    repository = root.resolve("git/demo/digits.git");
    try (Registry registry = Registry.open(root)) {
      for (int seed = 1; seed <= 4; seed++) {
        registry.publish(DIGITS, Samples.release(seed));
      }
      registry.deploy(DIGITS, "v1", "prod");
      registry.deploy(DIGITS, "v3", "prod");
    }
  }

  @Test
  void fsck_findsNothing() {
    assertThat(git.in(repository, "fsck", "--full", "--strict")).isEmpty();
  }

  @Test
  void gitLog_tellsTheSameStory() {
    try (Registry registry = Registry.open(root)) {
      String ours =
          registry.log(DIGITS).stream()
              .map(v -> line(v.commit(), v.author(), v.time().getEpochSecond(), v.message()))
              .collect(Collectors.joining());
      assertThat(git.in(repository, "log", "--format=%H|%an|%ae|%at|%B", "main")).isEqualTo(ours);
      String history =
          registry.history(DIGITS, "prod").stream()
              .map(c -> line(c.commit(), c.author(), c.time().getEpochSecond(), c.message()))
              .collect(Collectors.joining());
      assertThat(git.in(repository, "log", "--format=%H|%an|%ae|%at|%B", "env/prod"))
          .isEqualTo(history);
    }
  }

  private static String line(String commit, Author author, long time, String message) {
    return String.join("|", commit, author.name(), author.email(), "" + time, message) + "\n\n";
  }

  @Test
  void environmentBranch_holdsTheDeploymentOnly() {
    assertThat(git.in(repository, "ls-tree", "-r", "--name-only", "env/prod"))
        .isEqualTo("deployment.yaml\n");
    assertThat(git.in(repository, "show", "env/prod:deployment.yaml")).isEqualTo("live: v3\n");
  }

  @Test
  void tagsAndBranches_areWhereTheyShouldBe() {
    assertThat(git.in(repository, "tag", "--sort=v:refname")).isEqualTo("v1\nv2\nv3\nv4\n");
    assertThat(git.in(repository, "rev-parse", "main"))
        .isEqualTo(git.in(repository, "rev-parse", "v4"));
    assertThat(git.in(repository, "symbolic-ref", "HEAD")).isEqualTo("refs/heads/main\n");
  }

  @Test
  void repositoryAfterGc_isReadAndPublishedTo() {
    try (Registry registry = Registry.open(root)) {
      assertThat(registry.log(DIGITS)).hasSize(4);
      git.in(repository, "gc", "--prune=now", "--quiet");
      assertThat(registry.publish(DIGITS, Samples.release(5)).version()).isEqualTo("v5");
      assertThat(registry.log(DIGITS)).hasSize(5);
      assertThat(registry.deployment(DIGITS, "prod").orElseThrow().live()).isEqualTo("v3");
    }
    assertThat(git.in(repository, "fsck", "--full", "--strict")).isEmpty();
  }

  @Test
  void cloneByPathWithLfs_givesTheGraphByteForByte() throws IOException {
    git.withLfs();
    Path clone = folder.resolve("clone");
    git.run("clone", "-q", repository.toUri().toString(), clone.toString());
    assertThat(clone.resolve("model.onnx")).hasBinaryContent(Samples.graph(4, 50_000));
    assertThat(git.in(clone, "status", "--porcelain")).isEmpty();
    assertThat(git.in(clone, "lfs", "fsck")).contains("OK");
    assertThat(Files.readString(clone.resolve("README.md"))).contains("# demo/digits v4");
  }

  @Test
  void commitOfAnotherProgram_isPartOfTheLog_andTheNextVersionFollowsIt() throws IOException {
    Path clone = folder.resolve("work");
    git.run("clone", "-q", repository.toString(), clone.toString());
    Files.writeString(clone.resolve("README.md"), "better\n");
    git.in(clone, "-c", "user.name=A B", "-c", "user.email=a@b", "commit", "-qam", "Say it better");
    git.in(clone, "push", "-q", "origin", "main");
    try (Registry registry = Registry.open(root)) {
      VersionInfo top = registry.log(DIGITS).getFirst();
      assertThat(top.author()).isEqualTo(new Author("A B", "a@b"));
      assertThat(top.commit()).startsWith(top.version());
      assertThat(registry.publish(DIGITS, Samples.release(5)).version()).isEqualTo("v5");
      assertThat(registry.log(DIGITS)).hasSize(6);
    }
    assertThat(git.in(repository, "fsck", "--full", "--strict")).isEmpty();
  }
}

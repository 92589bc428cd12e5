package dev.lathe.checks.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A publisher killed at any moment leaves the old state or the new one, never a half. */
class KillPublishIT {
  private static final int KILLS = 20;
  private static final ModelName MODEL = ModelName.parse("fault/model");

  @TempDir Path folder;

  @Test
  void killedTwentyTimes_theRepositoryIsAlwaysWhole() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path root = folder.resolve("registry");
    int versions = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(root);
      process.inputReader().readLine();
      process.waitFor(random.nextInt(250), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      int now = requireWhole(root, versions, "seed " + seed + " kill " + kill);
      assertThat(now).as("seed %d: a version got lost", seed).isGreaterThan(versions);
      versions = now;
    }
    requireWhole(root, 0, "seed " + seed + " at the end");
  }

  /** Checks everything but the files of the first {@code known} versions; gives the count. */
  private int requireWhole(Path root, int known, String when) throws Exception {
    Path repository = root.resolve("git/fault/model.git");
    assertThat(git(repository, "fsck", "--strict", "--full")).as(when).isZero();
    try (Registry registry = Registry.open(root)) {
      List<VersionInfo> log = registry.log(MODEL);
      for (int i = 0; i < log.size(); i++) {
        int number = log.size() - i;
        assertThat(log.get(i).version()).as(when).isEqualTo("v" + number);
        if (number <= known) {
          continue;
        }
        Path files = registry.materialize(MODEL, "v" + number);
        assertThat(Files.readAllBytes(files.resolve("model.onnx")))
            .as("%s, v%d", when, number)
            .isEqualTo(PublishLoop.content(number));
      }
      assertThat(registry.deployment(MODEL, "prod").orElseThrow().live())
          .as(when)
          .isIn("v" + log.size(), "v" + (log.size() - 1));
      return log.size();
    }
  }

  private static int git(Path repository, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of("git", "--git-dir=" + repository));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private Process start(Path root) throws IOException {
    Path options = folder.resolve("options");
    Files.writeString(options, "-classpath \"" + System.getProperty("java.class.path") + "\"\n");
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + options,
            PublishLoop.class.getName(),
            root.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}

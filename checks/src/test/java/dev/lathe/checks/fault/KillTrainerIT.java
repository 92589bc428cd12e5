package dev.lathe.checks.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.checks.e2e.Product;
import dev.lathe.checks.e2e.Recipes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A trainer killed at random steps and resumed ends with the same bits, with everything on that has
 * a state of its own.
 */
class KillTrainerIT {
  private static final int KILLS = 5;
  private static final int STEPS = 1200;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d+)\\.safetensors");

  @TempDir Path folder;

  @Test
  void languageModel_killedFiveTimes_endsWithTheSameBits() throws Exception {
    killAndResume(Recipes.stateful(folder, "team/writer", STEPS));
  }

  /** The table is larger than the window that is kept of it, so that it is read ahead. */
  @Test
  void tableReadAhead_killedFiveTimes_endsWithTheSameBits() throws Exception {
    killAndResume(Recipes.streamed(folder, "team/writer", STEPS));
  }

  private void killAndResume(Path recipeFile) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Product product = new Product(folder);
    String recipe = recipeFile.toString();
    product.run("train", recipe, "--data", "whole").expect(0);
    int[] targets = random.ints(KILLS, 1, STEPS * 3 / 4).sorted().toArray();

    Path printed = folder.resolve("killed.txt");
    Process process = product.start(printed, "train", recipe, "--data", "killed");
    String job = "";
    for (int target : targets) {
      await(process, target, seed);
      assertThat(process.waitFor(random.nextLong(100), TimeUnit.MILLISECONDS))
          .as("seed %d: ended before it could be killed after step %d", seed, target)
          .isFalse();
      process.destroyForcibly().waitFor();
      job = interrupted(product);
      process = product.start(printed, "train", "--resume", job, "--data", "killed");
    }
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as("seed %d\n%s", seed, printed()).isZero();
    product.run("checkout", "team/writer@v1", "a", "--data", "whole").expect(0);
    product.run("checkout", "team/writer@v1", "b", "--data", "killed").expect(0);
    assertThat(Files.readAllBytes(folder.resolve("b/model.onnx")))
        .as("seed %d, job %s", seed, job)
        .isEqualTo(Files.readAllBytes(folder.resolve("a/model.onnx")));
  }

  /** Waits until a checkpoint of a step, or of a later one, is there. */
  private void await(Process process, int step, long seed) throws InterruptedException {
    long began = System.nanoTime();
    while (newest() < step) {
      assertThat(process.waitFor(5, TimeUnit.MILLISECONDS) && newest() < step)
          .as("seed %d: ended before step %d\n%s", seed, step, printed())
          .isFalse();
      assertThat(System.nanoTime() - began)
          .as("waiting for step %d", step)
          .isLessThan(PATIENCE_NANOS);
    }
  }

  private String printed() {
    try {
      return Files.readString(folder.resolve("killed.txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int newest() {
    Path data = folder.resolve("killed");
    if (!Files.isDirectory(data)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(data)) {
      return files
          .map(file -> CHECKPOINT.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToInt(name -> Integer.parseInt(name.group(1)))
          .max()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      // A file went away while the folder was read: looked at again.
      return 0;
    }
  }

  private static String interrupted(Product product) {
    JsonNode jobs =
        JsonMapper.shared().readTree(product.run("jobs", "--data", "killed", "--json").out());
    assertThat(jobs.get(0).get("state").asString()).isEqualTo("interrupted");
    return jobs.get(0).get("id").asString();
  }
}

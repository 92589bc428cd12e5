package dev.lathe.checks.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.checks.e2e.Product;
import dev.lathe.checks.e2e.Recipes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A trainer killed at random steps and resumed ends with the same bits. */
class KillTrainerIT {
  private static final int KILLS = 5;
  private static final long START_UP_MILLIS = 1200;

  @TempDir Path folder;

  @Test
  void killedFiveTimes_endsWithTheSameBits() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Product product = new Product(folder);
    Path recipe = Recipes.small(folder, "team/digits", 9, 60);
    long started = System.nanoTime();
    product.run("train", recipe.toString(), "--data", "whole").expect(0);
    long whole = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);

    Path printed = folder.resolve("killed.txt");
    Process process = product.start(printed, "train", recipe.toString(), "--data", "killed");
    int kills = 0;
    String job = "";
    while (kills < KILLS) {
      // Past the start-up as a rule, and short enough that five of them fit into one run.
      long wait = START_UP_MILLIS + random.nextLong(Math.max(1, whole / 7));
      boolean ended = process.waitFor(wait, TimeUnit.MILLISECONDS);
      assertThat(ended).as("seed %d: ended before kill %d\n%s", seed, kills, printed).isFalse();
      process.destroyForcibly().waitFor();
      kills++;
      job = interrupted(product);
      process = product.start(printed, "train", "--resume", job, "--data", "killed");
    }
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as("seed %d\n%s", seed, Files.readString(printed)).isZero();
    product.run("checkout", "team/digits@v1", "a", "--data", "whole").expect(0);
    product.run("checkout", "team/digits@v1", "b", "--data", "killed").expect(0);
    assertThat(Files.readAllBytes(folder.resolve("b/model.onnx")))
        .as("seed %d, job %s", seed, job)
        .isEqualTo(Files.readAllBytes(folder.resolve("a/model.onnx")));
  }

  private static String interrupted(Product product) {
    JsonNode jobs =
        JsonMapper.shared().readTree(product.run("jobs", "--data", "killed", "--json").out());
    assertThat(jobs.get(0).get("state").asString()).isEqualTo("interrupted");
    return jobs.get(0).get("id").asString();
  }
}

package dev.lathe.checks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An unmodified git with git-lfs clones a model. */
class GitCloneIT {
  @TempDir Path folder;

  @Test
  void clone_givesTheFilesByteForByteAndTheSameStory() throws Exception {
    assumeTrue(has("git", "lfs", "version"), "skipped: git-lfs is not installed");
    Product product = new Product(folder);
    Path recipe = Recipes.small(folder, "team/digits", 5, 1);
    product.run("train", recipe.toString(), "--data", "data").expect(0);
    product.run("train", recipe.toString(), "--data", "data").expect(0);
    product.run("checkout", "team/digits@v2", "out", "--data", "data").expect(0);
    try (Product.Server server = product.serve(folder.resolve("data"))) {
      String url = server.address() + "/git/team/digits.git";
      product
          .run(
              List.of(
                  "git",
                  "-c",
                  "filter.lfs.smudge=git-lfs smudge -- %f",
                  "-c",
                  "filter.lfs.process=git-lfs filter-process",
                  "-c",
                  "filter.lfs.required=true",
                  "clone",
                  "-q",
                  url,
                  "clone"))
          .expect(0);
    }
    Path clone = folder.resolve("clone");
    assertThat(Files.readAllBytes(clone.resolve("model.onnx")))
        .isEqualTo(Files.readAllBytes(folder.resolve("out/model.onnx")))
        .hasSizeGreaterThan(10_000);
    List<String> commits =
        product.run(List.of("git", "-C", "clone", "log", "--format=%H")).out().lines().toList();
    JsonNode log =
        JsonMapper.shared()
            .readTree(product.run("log", "team/digits", "--data", "data", "--json").out());
    assertThat(commits)
        .startsWith(log.get(0).get("commit").asString(), log.get(1).get("commit").asString());
    assertThat(product.run(List.of("git", "-C", "clone", "tag")).out()).contains("v1", "v2");
    product.run(List.of("git", "-C", "clone", "fsck", "--strict")).expect(0);
  }

  private static boolean has(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

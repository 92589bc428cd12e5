package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.Registry;
import dev.lathe.server.Lathe;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.SmallTalk;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingBaseTest {
  private static final String RECIPE =
      """
      model: demo/tuned
      task: language_model
      base: demo/talk@latest
      data: { format: conversations, train: chats.jsonl, length: 64 }
      optimizer: { kind: adam }
      epochs: 1
      """;

  @TempDir private Path data;
  @TempDir private Path folder;

  @BeforeEach
  void importTwice() throws IOException {
    Path from = Shared.path("fixtures/hf/llama");
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(from.resolve(name), folder.resolve(name));
    }
    SmallTalk.write(folder);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.importModel("demo/talk", folder.toString(), "");
      lathe.importModel("demo/talk", folder.toString(), "");
    }
  }

  private String base(Path run) {
    Registry registry = Registry.open(data.resolve("registry"));
    return TrainingBase.of(Recipe.parse(RECIPE, "test", folder), registry, run)
        .map(ArchitectureRecipe.Base::version)
        .orElseThrow();
  }

  @Test
  void pinnedVersion_isKept_andWhatIsNoneIsFoundAnew() throws IOException {
    Path run = Files.createDirectories(folder.resolve("run"));
    Path pinned = Files.writeString(run.resolve("base"), "v1");
    assertThat(base(run)).isEqualTo("demo/talk@v1");
    for (String broken : List.of("", "\0\0", "v", "../v1", "v1\n", "\u00ff")) {
      Files.writeString(pinned, broken);
      assertThat(base(run)).as(broken).isEqualTo("demo/talk@v2");
      assertThat(pinned).hasContent("v2");
    }
    try (var files = Files.list(run)) {
      assertThat(files).containsExactly(pinned);
    }
  }
}

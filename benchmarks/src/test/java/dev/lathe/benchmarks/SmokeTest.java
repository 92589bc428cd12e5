package dev.lathe.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.benchmarks.generating.Generate;
import dev.lathe.benchmarks.generating.Masks;
import dev.lathe.benchmarks.generating.Prefixes;
import dev.lathe.benchmarks.generating.Scale;
import dev.lathe.benchmarks.serving.Serve;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each benchmark still runs; what it measures in so short a time means nothing. */
class SmokeTest {
  @Test
  void trainStep_runs(@TempDir Path folder) throws Exception {
    TrainStep.run(Effort.SMOKE).write(folder.resolve("train.md"));
    assertThat(Files.readString(folder.resolve("train.md")))
        .contains(Stream.of(Subject.values()).map(Subject::title).toList());
  }

  @Test
  void serve_runs(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("serve.md");
    Serve.run(Effort.SMOKE, "MLP", file).write(file);
    assertThat(Files.readString(file)).contains("| Lathe | ", "| echo | ", "| bare socket | ");
  }

  @Test
  void streamCsv_runs(@TempDir Path folder) throws Exception {
    StreamCsv.run(80_000_000).write(folder.resolve("csv.md"));
    assertThat(Files.readString(folder.resolve("csv.md"))).contains("| { kind: linear } | ");
  }

  @Test
  void generate_runs(@TempDir Path folder) throws Exception {
    Generate.run(Scale.SMOKE, 1).write(folder.resolve("generate.md"));
    assertThat(Files.readString(folder.resolve("generate.md")))
        .contains("| Lathe INT4_BLOCK128 | ", "memory read by one core");
  }

  @Test
  void masks_run(@TempDir Path folder) throws Exception {
    Masks.run(2_000).write(folder.resolve("masks.md"));
    assertThat(Files.readString(folder.resolve("masks.md"))).contains("| any JSON object | ");
  }

  @Test
  void prefixes_run(@TempDir Path folder) throws Exception {
    Prefixes.run(Map.of("smoke", Scale.SMOKE), 1).write(folder.resolve("prefixes.md"));
    assertThat(Files.readString(folder.resolve("prefixes.md"))).contains("| 16 tokens | ");
  }
}

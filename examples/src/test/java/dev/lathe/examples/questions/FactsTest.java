package dev.lathe.examples.questions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipe for questions, followed for some steps on texts that are made here. */
class FactsTest {
  @TempDir private Path folder;

  @Test
  void sameSeed_writesTheSameFile() throws Exception {
    Facts.write(folder.resolve("a.jsonl"), 20, 7);
    Facts.write(folder.resolve("b.jsonl"), 20, 7);
    Facts.write(folder.resolve("c.jsonl"), 20, 8);
    assertThat(Files.readString(folder.resolve("a.jsonl")))
        .isEqualTo(Files.readString(folder.resolve("b.jsonl")))
        .isNotEqualTo(Files.readString(folder.resolve("c.jsonl")));
    assertThat(Files.readAllLines(folder.resolve("a.jsonl"))).hasSize(60);
  }

  @Test
  void reader_isTrainedAndMeasured() throws Exception {
    Facts.write(folder.resolve("facts.jsonl"), 200, 1);
    String recipe = Files.readString(Path.of("facts.yaml")).replace("epochs: 8", "steps: 40");
    TrainingResult result =
        TrainingRun.start(Recipe.parse(recipe, "facts.yaml", folder), folder.resolve("run"))
            .run(TrainingListener.SILENT, new CancelToken());
    assertThat(result.metrics()).containsKeys("validation_exact_match", "validation_f1");
    assertThat(result.metrics().get("validation_loss")).isLessThan(Math.log(50));
    assertThat(result.files()).containsKeys("tokenizer.json", "tokenizer_config.json");
  }
}

package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.VersionDetails;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.SmallTalk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version of the registry that is trained further on conversations. */
class TuningTest {
  private static final String RECIPE =
      """
      model: demo/tuned
      task: language_model
      base: demo/talk@%s
      data: { format: conversations, train: chats.jsonl, length: 64 }
      optimizer: { kind: adamw, learning_rate: 0.005 }
      batch: 2
      epochs: %d
      """;

  @TempDir Path data;
  @TempDir Path folder;
  private Lathe lathe;

  @BeforeEach
  void start() throws IOException {
    Path from = Shared.path("fixtures/hf/llama");
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(from.resolve(name), folder.resolve(name));
    }
    SmallTalk.write(folder);
    lathe = Lathe.open(data);
    lathe.importModel("demo/talk", folder.toString(), "");
    Files.write(folder.resolve("chats.jsonl"), SmallTalk.LINES);
  }

  @AfterEach
  void stop() {
    lathe.close();
  }

  private JobInfo train(String version, int epochs) {
    return lathe.train(
        new RecipeSource(RECIPE.formatted(version, epochs), folder), JobListener.SILENT);
  }

  private String asked(String model, String text) {
    TextQuestion question =
        new TextQuestion(
            List.of(new TextQuestion.Turn("user", text)),
            "",
            12,
            Optional.of(0.0),
            Optional.empty(),
            Optional.empty(),
            List.of());
    return lathe.speak(model, "v1", question, piece -> {}).text();
  }

  @Test
  void tunedVersion_saysWhatItHasLearned_andHasWhatItsBaseHas() throws IOException {
    JobInfo job = train("latest", 40);
    assertThat(job.state()).as(job.toString()).isEqualTo(JobState.SUCCEEDED);
    assertThat(asked("demo/talk", "who are you").strip()).isNotEqualTo("i am a small lathe");
    assertThat(asked("demo/tuned", "who are you").strip()).isEqualTo("i am a small lathe");
    VersionDetails tuned = lathe.show("demo/tuned", "v1");
    assertThat(tuned.origin().parents()).containsExactly("demo/talk@v1");
    Path base = ((LocalLathe) lathe).files("demo/talk", "v1");
    Path made = ((LocalLathe) lathe).files("demo/tuned", "v1");
    for (String name :
        List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
      assertThat(made.resolve(name)).hasSameBinaryContentAs(base.resolve(name));
    }
    assertThat(made.resolve("recipe.yaml")).content().contains("base: demo/talk@latest");
  }

  @Test
  void baseOfAJob_staysTheVersionThatItWasAtFirst() throws IOException {
    JobInfo job = train("latest", 1);
    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    Path run = data.resolve("jobs").resolve(job.id()).resolve("run");
    assertThat(run.resolve("base")).hasContent("v1");
  }

  @Test
  void versionThatThereIsNot_failsTheJobByName() {
    JobInfo job = train("v7", 1);
    assertThat(job.state()).isEqualTo(JobState.FAILED);
    assertThat(job.error().orElseThrow().toString()).contains("demo/talk", "v7");
    assertThatThrownBy(() -> lathe.show("demo/tuned", "v1")).hasMessageContaining("demo/tuned");
  }

  @Test
  void largeRelease_keepsItsWeightsInAFileOfTheirOwn() throws IOException {
    Files.writeString(folder.resolve("a.csv"), "1,2,0\n2,1,1\n1,3,0\n3,1,1\n");
    String recipe =
        """
        model: demo/wide
        task: classification
        data: { format: csv, train: a.csv }
        architecture: { kind: mlp, hidden: [4128, 4128] }
        optimizer: { kind: sgd, learning_rate: 0.001 }
        epochs: 1
        batch: 4
        """;
    JobInfo job = lathe.train(new RecipeSource(recipe, folder), JobListener.SILENT);
    assertThat(job.state()).as(job.toString()).isEqualTo(JobState.SUCCEEDED);
    assertThat(lathe.show("demo/wide", "v1").files())
        .extracting(VersionDetails.FileEntry::path)
        .contains("model.onnx", "model.onnx.data");
    Map<String, Tensor> row = Map.of("x", Tensor.ofFloats(new float[] {1, 2}, 1, 2));
    assertThat(lathe.predict("demo/wide", "v1", row).outputs().get("probabilities").size())
        .isEqualTo(2);
    assertThat(data.resolve("jobs").resolve(job.id()).resolve("run/model.onnx.data"))
        .doesNotExist();
  }
}

package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Python;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.SmallTalk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning jobs, as OpenAI's clients for Java and Python start, watch and end them. */
@Timeout(180)
class OpenAiTuningTest {
  private static final Set<FineTuningJob.Status> ENDED =
      Set.of(
          FineTuningJob.Status.SUCCEEDED,
          FineTuningJob.Status.FAILED,
          FineTuningJob.Status.CANCELLED);

  @TempDir private Path folder;
  private LatheServer server;

  @BeforeEach
  void start() throws IOException {
    Path from = Shared.path("fixtures/hf/qwen2");
    Path model = Files.createDirectories(folder.resolve("model"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(from.resolve(name), model.resolve(name));
    }
    SmallTalk.write(model);
    try (Lathe lathe = Lathe.open(folder.resolve("data"))) {
      lathe.importModel("demo/talk", model.toString(), "");
    }
    server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0));
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static JobCreateParams.Builder wish(FileObject file, long epochs) {
    return JobCreateParams.builder()
        .model("demo/talk")
        .trainingFile(file.id())
        .method(
            JobCreateParams.Method.builder()
                .type(JobCreateParams.Method.Type.SUPERVISED)
                .supervised(
                    SupervisedMethod.builder()
                        .hyperparameters(
                            SupervisedHyperparameters.builder()
                                .nEpochs(epochs)
                                .batchSizeAuto()
                                .learningRateMultiplier(50)
                                .build())
                        .build())
                .build());
  }

  @Test
  void javaClient_trainsWatchesAsksAndCancels() throws Exception {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.address() + "/v1")
            .apiKey("any")
            .maxRetries(0)
            .build();
    Path lines = Files.write(folder.resolve("chats.jsonl"), SmallTalk.LINES);
    FileObject file =
        client
            .files()
            .create(FileCreateParams.builder().file(lines).purpose(FilePurpose.FINE_TUNE).build());
    FineTuningJob job = client.fineTuning().jobs().create(wish(file, 40).suffix("java").build());
    job.validate();
    while (!ENDED.contains(job.status())) {
      Thread.onSpinWait();
      job = client.fineTuning().jobs().retrieve(job.id());
    }
    assertThat(job.status()).as(job.toString()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
    List<FineTuningJobEvent> events =
        client
            .fineTuning()
            .jobs()
            .listEvents(JobListEventsParams.builder().fineTuningJobId(job.id()).limit(3).build())
            .autoPager()
            .stream()
            .toList();
    assertThat(events.getFirst().message()).isEqualTo("The job has successfully completed");
    assertThat(events).hasSizeGreaterThan(4).allSatisfy(FineTuningJobEvent::validate);
    assertThat(
            client
                .fineTuning()
                .jobs()
                .checkpoints()
                .list(job.id())
                .data()
                .getFirst()
                .validate()
                .fineTunedModelCheckpoint())
        .isEqualTo(job.fineTunedModel().orElseThrow());
    String said =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model(job.fineTunedModel().orElseThrow())
                    .addUserMessage("who are you")
                    .temperature(0)
                    .maxCompletionTokens(12)
                    .build())
            .choices()
            .getFirst()
            .message()
            .content()
            .orElse("");
    assertThat(said.strip()).isEqualTo("i am a small lathe");
    FineTuningJob second = client.fineTuning().jobs().create(wish(file, 50).build());
    assertThat(client.fineTuning().jobs().cancel(second.id()).status())
        .isEqualTo(FineTuningJob.Status.CANCELLED);
    assertThat(client.fineTuning().jobs().list().data())
        .extracting(FineTuningJob::id)
        .containsExactly(second.id(), job.id());
    requireErrors(client, file);
    client.close();
  }

  private static void requireErrors(OpenAIClient client, FileObject file) {
    assertThatThrownBy(
            () -> client.fineTuning().jobs().create(wish(file, 1).trainingFile("file-x").build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("no such file: file-x");
    assertThatThrownBy(
            () -> client.fineTuning().jobs().create(wish(file, 1).model("demo/none").build()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> client.fineTuning().jobs().retrieve("ftjob-none"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("Could not find fine tune");
  }

  @Test
  void pythonClient_doesWhatItsUsersDo() throws IOException {
    String python = Python.with("openai");
    Path address = Files.writeString(folder.resolve("address"), server.address().toString());
    String script = Python.script(OpenAiTuningTest.class, "openai_tuning.py");
    String printed = Python.run(python, script, address);
    assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
        .as(printed)
        .containsExactly(
            "ok upload", "ok create", "ok wait", "ok events", "ok list", "ok chat", "ok errors");
  }
}

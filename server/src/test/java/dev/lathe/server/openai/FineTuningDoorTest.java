package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.SmallTalk;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@Timeout(180)
class FineTuningDoorTest {
  private static final String JOBS = "/v1/fine_tuning/jobs";
  private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");
  private static final String CHATS = String.join("\n", SmallTalk.LINES) + "\n";

  @TempDir private Path data;
  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private LatheServer server;
  private RawHttp nobody;
  private RawHttp tuner;

  @BeforeEach
  void start() throws Exception {
    Path from = Shared.path("fixtures/hf/llama");
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(from.resolve(name), folder.resolve(name));
    }
    SmallTalk.write(folder);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.importModel("demo/talk", folder.toString(), "");
    }
    open();
    tuner = nobody.as(data, "tuner", "train:demo/*", "infer:demo/*", "read:demo/*");
  }

  private void open() {
    server = LatheServer.start(ServerConfig.of(data, 0).with(RawHttp.KEYS));
    nobody = new RawHttp(server, http, "");
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private String uploaded(RawHttp caller, String lines) throws Exception {
    RawHttp.Answer file = caller.upload("fine-tune", "chats.jsonl", lines);
    assertThat(file.status()).as(file.text()).isEqualTo(200);
    return file.json().get("id").stringValue();
  }

  private static String wish(String file, String more) {
    return "{\"model\": \"demo/talk\", \"training_file\": \"" + file + "\"" + more + "}";
  }

  private JsonNode created(String file, String more) throws Exception {
    RawHttp.Answer job = tuner.post(JOBS, wish(file, more));
    assertThat(job.status()).as(job.text()).isEqualTo(200);
    return job.json();
  }

  private static String settings(int epochs) {
    return ", \"method\": {\"type\": \"supervised\", \"supervised\": {\"hyperparameters\": {"
        + "\"n_epochs\": "
        + epochs
        + ", \"batch_size\": 1, \"learning_rate_multiplier\": 50}}}";
  }

  private JsonNode ended(String id) throws Exception {
    JsonNode job = tuner.get(JOBS + "/" + id).json();
    while (!ENDED.contains(job.path("status").asString(""))) {
      Thread.onSpinWait();
      job = tuner.get(JOBS + "/" + id).json();
    }
    return job;
  }

  private String answer(String model, String asked) throws Exception {
    RawHttp.Answer said =
        tuner.post(
            "/v1/chat/completions",
            "{\"model\": \""
                + model
                + "\", \"temperature\": 0, \"max_tokens\": 12, \"messages\": [{\"role\": \"user\","
                + " \"content\": \""
                + asked
                + "\"}]}");
    assertThat(said.status()).as(said.text()).isEqualTo(200);
    return said.json().at("/choices/0/message/content").stringValue().strip();
  }

  private List<String> messages(String id) throws Exception {
    List<String> messages = new ArrayList<>();
    tuner
        .get(JOBS + "/" + id + "/events?limit=1000&order=asc")
        .json()
        .get("data")
        .forEach(event -> messages.add(event.get("message").stringValue()));
    return messages;
  }

  @Test
  void job_makesAModelThatSaysWhatTheFileSays_andLeavesItsTraces() throws Exception {
    String file = uploaded(tuner, CHATS);
    JsonNode queued =
        created(
            file,
            settings(40)
                + ", \"validation_file\": \""
                + uploaded(tuner, CHATS)
                + "\", \"suffix\": \"polite\", \"seed\": 7, \"metadata\": {\"a\": \"b\"}");
    String id = queued.get("id").stringValue();
    assertThat(tuner.delete("/v1/files/" + file).status()).isEqualTo(200);
    assertThat(queued.get("object").stringValue()).isEqualTo("fine_tuning.job");
    assertThat(queued.get("status").stringValue()).isIn("queued", "running");
    JsonNode job = ended(id);
    assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
    String made = job.get("fine_tuned_model").stringValue();
    assertThat(made).isEqualTo("demo/talk-polite@v1");
    assertThat(answer(made, "who are you")).isEqualTo("i am a small lathe");
    assertThat(answer("demo/talk@v1", "who are you")).isNotEqualTo("i am a small lathe");
    assertThat(job.get("seed").intValue()).isEqualTo(7);
    assertThat(job.at("/metadata/a").stringValue()).isEqualTo("b");
    assertThat(job.at("/method/supervised/hyperparameters/n_epochs").intValue()).isEqualTo(40);
    assertThat(job.get("finished_at").longValue()).isPositive();
    assertThat(messages(id))
        .startsWith("Files validated, job " + id + " is queued", "Fine-tuning job started")
        .contains("New fine-tuned model created: " + made)
        .endsWith("The job has successfully completed")
        .anyMatch(line -> line.matches("Step 120/120: training loss=0\\.\\d+, full validation.*"));
    JsonNode newest = tuner.get(JOBS + "/" + id + "/events?limit=1").json();
    assertThat(newest.get("has_more").booleanValue()).isTrue();
    assertThat(newest.at("/data/0/message").stringValue()).contains("successfully");
    JsonNode next =
        tuner
            .get(JOBS + "/" + id + "/events?limit=1&after=" + newest.at("/data/0/id").stringValue())
            .json();
    assertThat(next.at("/data/0/message").stringValue()).contains("New fine-tuned model");
    JsonNode checkpoint = tuner.get(JOBS + "/" + id + "/checkpoints").json().at("/data/0");
    assertThat(checkpoint.get("fine_tuned_model_checkpoint").stringValue()).isEqualTo(made);
    assertThat(checkpoint.at("/metrics/full_valid_mean_token_accuracy").doubleValue()).isOne();
    String once =
        wish(uploaded(tuner, CHATS), settings(1) + ", \"suffix\": \"polite\"")
            .replace("demo/talk", made);
    String second = tuner.post(JOBS, once).json().get("id").stringValue();
    assertThat(ended(second).get("fine_tuned_model").stringValue())
        .isEqualTo("demo/talk-polite@v2");
    Path kept = data.resolve("jobs").resolve(id.substring("ftjob-".length()));
    assertThat(kept.resolve("tuning.json")).exists();
    assertThat(kept.resolve("data")).doesNotExist();
    assertThat(kept.resolve("run/checkpoints")).doesNotExist();
    assertThat(kept.resolve("run/curves")).isNotEmptyDirectory();
  }

  @Test
  void jobs_areSeenByWhoMayTrainTheModelOnly() throws Exception {
    String file = uploaded(tuner, CHATS);
    String id = created(file, settings(1)).get("id").stringValue();
    RawHttp other = nobody.as(data, "other", "train:other/*", "infer");
    for (String path : List.of("/" + id, "/" + id + "/events", "/" + id + "/checkpoints")) {
      assertThat(other.get(JOBS + path).status()).isEqualTo(404);
      assertThat(tuner.get(JOBS + path).status()).isEqualTo(200);
    }
    assertThat(other.post(JOBS + "/" + id + "/cancel", "").status()).isEqualTo(404);
    assertThat(other.get(JOBS).json().get("data")).isEmpty();
    assertThat(tuner.get(JOBS).json().get("data")).hasSize(1);
    RawHttp.Answer refused = other.post(JOBS, wish(file, ""));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.message()).contains("key:other may not train demo/talk");
    RawHttp blind = nobody.as(data, "blind", "train:demo/*");
    refused = blind.post(JOBS, wish(file, ""));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.message()).contains("key:blind may not read demo/talk");
    RawHttp narrow = nobody.as(data, "narrow", "train:demo/talk", "read:demo/talk");
    assertThat(narrow.post(JOBS, wish(file, "")).message())
        .contains("key:narrow may not train demo/talk-tuned");
    RawHttp same = nobody.as(data, "same", "train:demo/*", "read:demo/*");
    assertThat(same.post(JOBS, wish(file, "")).message())
        .as("a file of somebody else")
        .contains("\"training_file\": no such file");
    ended(id);
  }

  @Test
  void recipeWithABase_needsTheRightToReadIt() throws Exception {
    String recipe =
        """
        model: demo/mine
        task: language_model
        base: demo/talk@v1
        data: { format: conversations, train: chats.jsonl, length: 64 }
        optimizer: { kind: adam }
        epochs: 1
        """;
    RawHttp trains = nobody.as(data, "trains", "train");
    byte[] body = recipe.getBytes(StandardCharsets.UTF_8);
    RawHttp.Answer refused = trains.send("POST", "/api/v1/jobs", "application/yaml", body);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text()).contains("key:trains may not read demo/talk");
    RawHttp reads = nobody.as(data, "reads", "train", "read:demo/*");
    RawHttp.Answer taken = reads.send("POST", "/api/v1/jobs", "application/yaml", body);
    assertThat(taken.status()).as(taken.text()).isEqualTo(202);
    RawHttp.Answer other = reads.get(JOBS);
    assertThat(other.json().get("data")).as("a recipe is no fine-tuning job").isEmpty();
  }

  @Test
  void cancelledJob_hasNoModel_andMayBeResumed() throws Exception {
    String id =
        created(uploaded(tuner, CHATS), settings(50) + ", \"suffix\": \"x\"")
            .get("id")
            .stringValue();
    JsonNode cancelled = tuner.post(JOBS + "/" + id + "/cancel", "").json();
    assertThat(cancelled.get("status").stringValue()).isEqualTo("cancelled");
    assertThat(cancelled.get("fine_tuned_model").isNull()).isTrue();
    RawHttp.Answer twice = tuner.post(JOBS + "/" + id + "/cancel", "");
    assertThat(twice.status()).isEqualTo(400);
    assertThat(twice.message()).contains("has ended already: cancelled");
    assertThat(messages(id)).endsWith("Fine-tuning job cancelled");
    RawHttp blind = nobody.as(data, "blind", "train", "infer:demo/*");
    String plain = "/api/v1/jobs/" + id.substring("ftjob-".length()) + "/resume";
    for (String resume : List.of(JOBS + "/" + id + "/resume", plain)) {
      RawHttp.Answer refused = blind.post(resume, "");
      assertThat(refused.status()).as(refused.text()).isEqualTo(403);
      assertThat(refused.text()).contains("key:blind may not read demo/talk");
    }
    assertThat(tuner.post(JOBS + "/" + id + "/resume", "").status()).isEqualTo(200);
    assertThat(ended(id).get("fine_tuned_model").stringValue()).isEqualTo("demo/talk-x@v1");
  }

  @Test
  void copiesThatJobsKeep_takeFromTheRoomForFiles() throws Exception {
    server.close();
    ServerConfig config = ServerConfig.of(data, 0).with(RawHttp.KEYS);
    OpenAiConfig usual = config.openAi();
    OpenAiConfig.Files narrow = new OpenAiConfig.Files(1 << 20, 9, 3L * CHATS.length() - 1);
    server =
        LatheServer.start(
            config.with(
                new OpenAiConfig(narrow, usual.batches(), usual.responses(), usual.moderation())));
    nobody = new RawHttp(server, http, "");
    tuner = new RawHttp(server, http, tuner.key());
    String file = uploaded(tuner, CHATS);
    String id = created(file, settings(50)).get("id").stringValue();
    assertThat(tuner.post(JOBS + "/" + id + "/cancel", "").json().get("status").stringValue())
        .isEqualTo("cancelled");
    RawHttp.Answer refused = tuner.post(JOBS, wish(file, settings(1)));
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.message())
        .startsWith("\"training_file\": " + CHATS.length() + " bytes to be kept with the job");
    assertThat(tuner.get(JOBS).json().get("data")).hasSize(1);
    tuner.post(JOBS + "/" + id + "/resume", "");
    assertThat(ended(id).get("status").stringValue()).isEqualTo("succeeded");
    Path copies = data.resolve("jobs").resolve(id.substring("ftjob-".length())).resolve("data");
    while (Files.exists(copies)) {
      Thread.onSpinWait();
    }
    created(file, settings(1));
  }

  @Test
  void jobThatAServerLeftBehind_isGoneOnWithByTheNext() throws Exception {
    String more = SmallTalk.LINES.stream().reduce("", (all, line) -> all + (line + "\n").repeat(9));
    String id = created(uploaded(tuner, more), settings(50)).get("id").stringValue();
    while (messages(id).stream().noneMatch(line -> line.startsWith("Step "))) {
      Thread.onSpinWait();
    }
    server.close();
    open();
    tuner = new RawHttp(server, http, tuner.key());
    JsonNode job = ended(id);
    assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(messages(id))
        .containsSubsequence(
            "Fine-tuning job started",
            "Fine-tuning job paused: the server went away",
            "Fine-tuning job started",
            "The job has successfully completed");
    assertThat(answer(job.get("fine_tuned_model").stringValue(), "who are you"))
        .isEqualTo("i am a small lathe");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\": [{\"content\": \"a\"}]} | chats.jsonl: line 2: messages[0].role: missing",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]} | line 2: messages[0].role:"
            + " \"user\" (expected: \"assistant\"",
        "{\"messages\" | chats.jsonl: line 2: no JSON",
      })
  void filesThatTeachNothing_areRefusedWithTheLine(String line, String message) throws Exception {
    String file = uploaded(tuner, SmallTalk.LINES.getFirst() + "\n" + line);
    RawHttp.Answer refused = tuner.post(JOBS, wish(file, ""));
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.message()).startsWith("\"training_file\": ").contains(message);
    assertThat(refused.json().at("/error/param").stringValue()).isEqualTo("training_file");
    assertThat(refused.json().at("/error/type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(tuner.get(JOBS).json().get("data")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ", \"method\": {\"type\": \"dpo\"} | 400 | \"method.type\": \"dpo\" (expected: supervised)",
        ", \"hyperparameters\": {\"beta\": 1} | 400 | \"hyperparameters.beta\": unknown field",
        ", \"hyperparameters\": {\"n_epochs\": 0} | 400 | \"hyperparameters.n_epochs\": 0",
        ", \"hyperparameters\": {\"n_epochs\": \"many\"} | 400 | \"hyperparameters.n_epochs\":",
        ", \"method\": {\"type\": \"supervised\", \"supervised\": {\"hyperparameters\":"
            + " {\"lr\": 1}}} | 400 | \"method.supervised.hyperparameters.lr\": unknown field",
        ", \"suffix\": \"a/b\" | 400 | \"suffix\": \"a/b\"",
        ", \"seed\": -1 | 400 | \"seed\": -1",
        ", \"integrations\": [{}] | 400 | \"integrations\": an array",
        ", \"metadata\": {\"a\": 1} | 400 | \"metadata.a\": 1",
        ", \"shuffle\": true | 400 | \"shuffle\": unknown field",
        ", \"validation_file\": \"file-1\" | 400 | \"validation_file\": no such file: file-1",
      })
  void whatIsNotUnderstood_isRefusedByName(String more, int status, String message)
      throws Exception {
    RawHttp.Answer refused = tuner.post(JOBS, wish(uploaded(tuner, CHATS), more));
    assertThat(refused.status()).as(refused.text()).isEqualTo(status);
    assertThat(refused.message()).startsWith(message);
  }

  @Test
  void modelsAndFilesThatWillNotDo_areRefused() throws Exception {
    String file = uploaded(tuner, CHATS);
    RawHttp.Answer unknown = tuner.post(JOBS, wish(file, "").replace("demo/talk", "demo/none"));
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.json().at("/error/code").stringValue()).isEqualTo("model_not_found");
    String empty = uploaded(tuner, "\n");
    assertThat(tuner.post(JOBS, wish(empty, "")).message())
        .startsWith("\"training_file\": chats.jsonl: no examples");
    String batch = tuner.upload("batch", "b", CHATS).json().get("id").stringValue();
    assertThat(tuner.post(JOBS, wish(batch, "")).message())
        .isEqualTo("\"training_file\": a file for \"batch\" (expected: for \"fine-tune\")");
    RawHttp.Answer gone = tuner.get(JOBS + "/ftjob-1");
    assertThat(gone.status()).isEqualTo(404);
    assertThat(gone.message()).isEqualTo("\"id\": Could not find fine tune: ftjob-1");
  }
}

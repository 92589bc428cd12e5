package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.server.AccessConfig;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Keys;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.ServerError;
import dev.lathe.server.VersionDetails;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Adapters of a model that was really trained, imported and asked over HTTP. */
@Timeout(180)
class AdapterDoorTest {
  private static final String BASE = ShakespeareServer.NAME;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private Path data;
  @TempDir private Path own;

  @BeforeEach
  void publish() {
    ShakespeareServer.publish(data);
  }

  /** A folder as PEFT saves it, for the queries and values of all layers. */
  private Path peft(String name, long seed, int width, String more) throws IOException {
    Path folder = Files.createDirectories(own.resolve(name));
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 6; i++) {
      String layer = "base_model.model.model.layers." + i + ".self_attn.v_proj";
      tensors.put(layer + ".lora_A.weight", random(random, 4, width));
      tensors.put(layer + ".lora_B.weight", random(random, 64, 4));
    }
    Safetensors.write(folder.resolve("adapter_model.safetensors"), tensors, Map.of());
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 32, \"bias\": \"none\"" + more + "}");
    return folder;
  }

  private static Tensor random(Random random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.2f * (random.nextFloat() - 0.5f);
    }
    return Tensor.ofFloats(values, rows, columns);
  }

  private static HttpResponse<String> send(LatheServer server, String key, String path, String body)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String said(LatheServer server, String model, String prompt) throws Exception {
    String body =
        "{\"model\": \"%s\", \"prompt\": \"%s\", \"max_tokens\": 24, \"temperature\": 0}"
            .formatted(model, prompt);
    HttpResponse<String> answer = send(server, "", "/v1/completions", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode json = JsonMapper.shared().readTree(answer.body());
    assertThat(json.path("model").asString()).isEqualTo(model);
    assertThat(json.path("system_fingerprint").asString()).startsWith(model + "@v");
    return json.at("/choices/0/text").asString();
  }

  @Test
  void adapters_areModelsOfTheirOwnThatAnswerTogether() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      String[] names = {BASE, "bard/polite", "bard/rude"};
      VersionDetails version =
          lathe.importAdapter(names[1], BASE, peft("a", 1, 192, "").toString(), "");
      assertThat(version.task()).isEqualTo("text-adapter");
      assertThat(version.message()).isEqualTo("Import an adapter of bard/llama@v1");
      assertThat(version.origin().parents()).containsExactly("bard/llama@v1");
      String named = ", \"base_model_name_or_path\": \"bard/llama\"";
      lathe.importModel(names[2], peft("b", 2, 192, named).toString(), "Be rude");
      for (int i = 1; i < 3; i++) {
        lathe.deploy(names[i], "v1", "prod");
      }
      List<String> alone = new ArrayList<>();
      for (String name : names) {
        alone.add(said(server, name, "ROMEO:"));
      }
      assertThat(alone.stream().distinct()).hasSize(3);
      try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          Callable<String> asking = asking(server, names[i % 3]);
          answers.add(readers.submit(asking));
        }
        for (int i = 0; i < 12; i++) {
          assertThat(answers.get(i).get()).isEqualTo(alone.get(i % 3));
        }
      }
      requireListed(server);
    }
  }

  private static Callable<String> asking(LatheServer server, String name) {
    return () -> said(server, name, "ROMEO:");
  }

  private static void requireListed(LatheServer server) throws Exception {
    JsonNode list =
        JsonMapper.shared().readTree(send(server, "", "/v1/models", "").body()).path("data");
    Map<String, String> parents = new LinkedHashMap<>();
    list.forEach(
        one -> parents.put(one.path("id").asString(), one.path("parent").asString("none")));
    assertThat(parents)
        .containsEntry("bard/llama", "none")
        .containsEntry("bard/polite", "bard/llama")
        .containsEntry("bard/rude", "bard/llama");
    for (String page : List.of("/v2/models/bard/polite/docs", "/models/bard/polite")) {
      assertThat(send(server, "", page, "").statusCode()).as(page).isEqualTo(200);
    }
    String figures = send(server, "", "/metrics", "").body();
    assertThat(figures).contains("lathe_text_requests_total{model=\"bard/llama\"");
    assertThat(figures).doesNotContain("lathe_text_requests_total{model=\"bard/polite\"");
  }

  @Test
  void whatDoesNotFit_isRefusedAndNothingIsReleased() throws Exception {
    ShakespeareServer.publishVectors(data, own);
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      String good = peft("good", 1, 192, "").toString();
      String wide = peft("wide", 1, 100, "").toString();
      String dora = peft("dora", 1, 192, ", \"use_dora\": true").toString();
      refused(lathe, "", good, "base \"\": no model in this registry");
      refused(lathe, "no/such", good, "base \"no/such\": no model in this registry");
      refused(lathe, "../../etc", good, "base \"../../etc\": no model in this registry");
      refused(lathe, BASE + "@v9", good, "v9");
      refused(lathe, "demo/vectors", good, "task \"feature-extraction\" (expected: a text model)");
      refused(lathe, BASE, wide, "A [4, 100] (expected: [4, 192]");
      refused(lathe, BASE, dora, "use_dora: true");
      refused(lathe, BASE, own.resolve("bert-embed").toString(), "the source is a model");
      assertThat(lathe.models()).extracting("name").doesNotContain("bard/new");
    }
  }

  private static void refused(Lathe lathe, String base, String source, String message) {
    assertThatThrownBy(() -> lathe.importAdapter("bard/new", base, source, ""))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whoMayNotAskTheBase_doesNotByAnAdapterOfHisOwn() throws Exception {
    try (Lathe lathe = Lathe.open(data)) {
      lathe.importAdapter("mine/a", BASE, peft("a", 1, 192, "").toString(), "");
      lathe.deploy("mine/a", "v1", "prod");
    }
    ServerConfig config =
        ServerConfig.of(data, 0).with(new AccessConfig(true, List.of(), List.of(), "changes"));
    try (Lathe lathe = Lathe.open(data)) {
      Keys keys = lathe.keys();
      String mine = key(keys, "mine", "infer:mine/*", "push:mine/*", "read:mine/*");
      String both = key(keys, "both", "infer:mine/*", "infer:bard/*");
      try (LatheServer server = LatheServer.start(config)) {
        String body = "{\"model\": \"mine/a\", \"prompt\": \"ROMEO:\", \"max_tokens\": 3}";
        HttpResponse<String> denied = send(server, mine, "/v1/completions", body);
        assertThat(denied.statusCode()).as(denied.body()).isEqualTo(403);
        assertThat(denied.body()).contains("may not infer bard/llama");
        String chat = "{\"model\": \"mine/a\", \"messages\": [], \"input\": \"O\"}";
        for (String path : List.of("/v1/chat/completions", "/tokenize", "/detokenize")) {
          assertThat(send(server, mine, path, chat).statusCode()).as(path).isEqualTo(403);
        }
        assertThat(send(server, both, "/v1/completions", body).statusCode()).isEqualTo(200);
        try (Lathe remote = Lathe.connect(server.address(), mine)) {
          Path again = peft("again", 3, 192, "");
          assertThatThrownBy(() -> remote.importAdapter("mine/b", BASE, again.toString(), ""))
              .isInstanceOfSatisfying(
                  LatheException.class,
                  e -> assertThat(e.code()).isNotEqualTo(ServerError.NOT_ALLOWED))
              .hasMessageContaining("base \"bard/llama\": no model in this registry");
        }
      }
    }
  }

  /** As somebody may push it, who does not import. */
  private void push(String name, Path folder) {
    SortedMap<String, Content> files = new TreeMap<>();
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      files.put(file, Content.of(folder.resolve(file)));
    }
    Lineage none = Metadata.NONE.lineage();
    Lineage lineage =
        new Lineage(
            "push", List.of(BASE + "@v1"), "", List.of(), Map.of(), 0, none.tool(), none.created());
    Metadata metadata =
        new Metadata(Metadata.ADAPTER_TASK, List.of(), Metadata.NONE.signature(), lineage);
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.publish(ModelName.parse(name), new Release(files, metadata, "Pushed"));
    }
  }

  @Test
  void whatTheBaseLooksLike_isForThoseWhoMayReadIt() throws Exception {
    push("mine/wide", peft("wide", 1, 100, ""));
    ServerConfig config =
        ServerConfig.of(data, 0).with(new AccessConfig(true, List.of(), List.of(), "changes"));
    try (Lathe lathe = Lathe.open(data)) {
      Keys keys = lathe.keys();
      String none = key(keys, "none", "infer:mine/*", "read:mine/*");
      String asks = key(keys, "asks", "infer:*");
      String reads = key(keys, "reads", "infer:*", "read", "deploy");
      String deploys = key(keys, "deploys", "infer:*", "read:mine/*", "deploy:mine/*");
      try (LatheServer server = LatheServer.start(config)) {
        String body = "{\"model\": \"mine/wide@v1\", \"prompt\": \"ROMEO:\", \"max_tokens\": 3}";
        HttpResponse<String> denied = send(server, none, "/v1/completions", body);
        assertThat(denied.statusCode()).as(denied.body()).isEqualTo(403);
        assertThat(denied.body()).contains("may not infer bard/llama").doesNotContain("layer");
        HttpResponse<String> page = send(server, none, "/v2/models/mine/wide/versions/1", "");
        assertThat(page.statusCode()).as(page.body()).isEqualTo(403);
        String answer = "/api/v1/answer";
        String facts =
            "{\"model\": \"mine/wide\", \"version\": \"v1\", \"question\": \"Who?\","
                + " \"context\": \"Romeo.\"}";
        HttpResponse<String> written = send(server, none, answer, facts);
        assertThat(written.statusCode()).as(written.body()).isEqualTo(403);
        assertThat(written.body()).contains("may not infer bard/llama").doesNotContain("layer");
        HttpResponse<String> less = send(server, asks, answer, facts);
        assertThat(less.statusCode()).as(less.body()).isEqualTo(503);
        assertThat(less.body())
            .contains("cannot be loaded with its base")
            .doesNotContain("layer")
            .doesNotContain("192");
        HttpResponse<String> little = send(server, asks, "/v1/completions", body);
        assertThat(little.statusCode()).as(little.body()).isEqualTo(503);
        assertThat(little.body())
            .contains("cannot be loaded with its base")
            .doesNotContain("layer")
            .doesNotContain("192");
        try (Registry registry = Registry.open(data.resolve("registry"))) {
          registry.deploy(ModelName.parse("mine/wide"), "v1", "prod");
        }
        String load = "/v2/repository/models/mine/wide/load";
        assertThat(send(server, deploys, load, "{}").body())
            .contains("cannot be loaded with its base")
            .doesNotContain("192");
        for (String path : List.of(load, "/v2/repository/index")) {
          assertThat(send(server, reads, path, "{}").body()).contains("A [4, 100] (expected: [4");
        }
        HttpResponse<String> all = send(server, reads, "/v1/completions", body);
        assertThat(all.statusCode()).as(all.body()).isEqualTo(503);
        assertThat(all.body()).contains("A [4, 100] (expected: [4, 192]");
      }
    }
  }

  private static String key(Keys keys, String name, String... scopes) {
    return keys.create(new KeyWish(name, List.of(scopes), Optional.empty(), Optional.empty()))
        .key();
  }
}

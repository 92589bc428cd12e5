package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Shared;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** English to German by HTTP, with a model that a recipe trained on sentences that people wrote. */
@Timeout(180)
class RealTranslationTest {
  private static final String RECIPE =
      """
      model: demo/en-de
      task: translation
      data:
        format: parallel
        train_source: train.en
        train_target: train.de
        length: 48
        vocabulary: { kind: bpe, size: 600 }
      architecture: { kind: encoder_decoder, width: 64, layers: 1, heads: 4, feed_forward: 128 }
      optimizer: { kind: adam, learning_rate: 0.005 }
      schedule: { kind: cosine, warmup: 20 }
      steps: 300
      batch: 16
      deploy: prod
      """;

  @TempDir private Path data;

  private static List<String> sentences(String name, int count) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(Shared.path("data/" + name))),
                StandardCharsets.UTF_8))) {
      return lines.lines().limit(count).toList();
    }
  }

  @Test
  void trainedSentences_areTranslatedWordForWord() throws Exception {
    List<String> english = sentences("multi30k-train.en.gz", 32);
    List<String> german = sentences("multi30k-train.de.gz", 32);
    Path folder = Files.createDirectories(data.resolve("data"));
    Files.write(folder.resolve("train.en"), english);
    Files.write(folder.resolve("train.de"), german);
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address());
        HttpClient client = HttpClient.newHttpClient()) {
      JobInfo job =
          lathe.train(new RecipeSource(RECIPE, folder, "recipe.yaml", false), JobListener.SILENT);
      assertThat(job.state()).as(job.toString()).isEqualTo(JobState.SUCCEEDED);
      List<String> asked = english.subList(0, 8);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.address() + "/api/v1/translate"))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      JsonMapper.shared()
                          .writeValueAsString(
                              Map.of("model", "demo/en-de@prod", "texts", asked, "beams", 1))))
              .build();
      HttpResponse<String> response =
          client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      JsonNode answer = JsonMapper.shared().readTree(response.body());
      assertThat(answer.path("version").stringValue()).isEqualTo("v1");
      for (int i = 0; i < asked.size(); i++) {
        assertThat(answer.path("translations").path(i).path("text").stringValue())
            .isEqualTo(german.get(i).strip());
      }
    }
  }
}

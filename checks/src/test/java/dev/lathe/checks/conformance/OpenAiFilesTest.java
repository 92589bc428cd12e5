package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files, as OpenAI's clients for Java and Python keep them. */
@Timeout(120)
class OpenAiFilesTest {
  @Test
  void javaClient_uploadsListsReadsAndDeletes(@TempDir Path data) throws IOException {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      OpenAIClient client =
          OpenAIOkHttpClient.builder()
              .baseUrl(server.address() + "/v1")
              .apiKey("any")
              .maxRetries(0)
              .build();
      Path lines = Files.writeString(data.resolve("lines ü.jsonl"), "{\"a\": 1}\n");
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        FileObject made =
            client
                .files()
                .create(FileCreateParams.builder().file(lines).purpose(FilePurpose.BATCH).build());
        assertThat(made.bytes()).isEqualTo(9);
        ids.add(made.id());
      }
      FileListParams two =
          FileListParams.builder().limit(2).order(FileListParams.Order.ASC).build();
      List<String> paged =
          client.files().list(two).autoPager().stream().map(FileObject::id).toList();
      assertThat(paged).isEqualTo(ids);
      try (HttpResponse content = client.files().content(ids.getFirst());
          InputStream in = content.body()) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("{\"a\": 1}\n");
      }
      assertThat(client.files().delete(ids.getFirst()).deleted()).isTrue();
      assertThatThrownBy(() -> client.files().retrieve(ids.getFirst()))
          .isInstanceOf(NotFoundException.class)
          .hasMessageContaining("No such File object");
      assertThatThrownBy(
              () ->
                  client
                      .files()
                      .create(
                          FileCreateParams.builder()
                              .file(lines)
                              .purpose(FilePurpose.of("poetry"))
                              .build()))
          .isInstanceOf(BadRequestException.class)
          .hasMessageContaining("purpose");
      FileObject brief =
          client
              .files()
              .create(
                  FileCreateParams.builder()
                      .file(lines)
                      .purpose(FilePurpose.USER_DATA)
                      .expiresAfter(FileCreateParams.ExpiresAfter.builder().seconds(3600).build())
                      .build());
      assertThat(brief.expiresAt().orElseThrow()).isEqualTo(brief.createdAt() + 3600);
      client.close();
    }
  }

  @Test
  void javaClient_makesABatchAndReadsItsResults(@TempDir Path data) throws IOException {
    ShakespeareModel.publish(data);
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      OpenAIClient client =
          OpenAIOkHttpClient.builder()
              .baseUrl(server.address() + "/v1")
              .apiKey("any")
              .maxRetries(0)
              .build();
      Path lines =
          Files.writeString(
              data.resolve("in.jsonl"),
              """
              {"custom_id": "a", "method": "POST", "url": "/v1/completions", \
              "body": {"model": "%s", "prompt": "To be", "max_tokens": 3}}
              """
                  .formatted(ShakespeareModel.NAME));
      FileObject file =
          client
              .files()
              .create(FileCreateParams.builder().file(lines).purpose(FilePurpose.BATCH).build());
      Batch batch =
          client
              .batches()
              .create(
                  BatchCreateParams.builder()
                      .endpoint(BatchCreateParams.Endpoint.V1_COMPLETIONS)
                      .inputFileId(file.id())
                      .completionWindow(BatchCreateParams.CompletionWindow._24H)
                      .build());
      while (batch.completedAt().isEmpty()) {
        batch = client.batches().retrieve(batch.id());
        assertThat(batch.failedAt()).isEmpty();
      }
      assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
      assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(1);
      try (HttpResponse content = client.files().content(batch.outputFileId().orElseThrow());
          InputStream in = content.body()) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
            .contains("\"custom_id\":\"a\"", "\"status_code\":200");
      }
      assertThat(client.batches().list().autoPager().stream().map(Batch::id))
          .containsExactly(batch.id());
      client.close();
    }
  }

  @Test
  void pythonClient_doesWhatItsUsersDo(@TempDir Path folder) throws IOException {
    String python = Python.with("openai");
    ShakespeareModel.publish(folder.resolve("data"));
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = Files.writeString(folder.resolve("address"), server.address().toString());
      String script = Python.script(OpenAiFilesTest.class, "openai_files.py");
      String printed = Python.run(python, script, address);
      assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
          .containsExactly(
              "ok upload",
              "ok list",
              "ok content",
              "ok expiry",
              "ok errors",
              "ok batch",
              "ok problems",
              "ok responses");
    }
  }
}

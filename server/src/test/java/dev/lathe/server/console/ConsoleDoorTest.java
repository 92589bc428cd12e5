package dev.lathe.server.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.JobInfo;
import dev.lathe.server.JobResult;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleDoorTest {
  @TempDir Path data;

  private static HttpResponse<String> get(LatheServer server, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(server.address().resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void everyPage_allowsOnlyWhatComesFromThisServer() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      for (String path : new String[] {"/", "/jobs", "/models/no/model", "/jobs/none"}) {
        HttpResponse<String> page = get(server, path);
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy").orElse(""))
            .startsWith("default-src 'none'; script-src 'self'")
            .doesNotContain("unsafe");
        assertThat(page.body()).contains("<!doctype html>").doesNotContain("style=", "onclick");
      }
    }
  }

  @Test
  void emptyHouse_saysHowToMakeAModel() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      HttpResponse<String> page = get(server, "/");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("lathe quickstart", "No jobs yet");
    }
  }

  @Test
  void unknownModel_isAPageWith404_andItsNameIsEscaped() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      HttpResponse<String> page = get(server, "/models/no/model");
      assertThat(page.statusCode()).isEqualTo(404);
      assertThat(page.body()).contains("no/model", "<title>Error 404");
      assertThat(get(server, "/models/no/model?version=%3Cscript%3E").body())
          .doesNotContain("<script>");
      assertThat(get(server, "/models/no/%3Cb%3E").body()).doesNotContain("<b>");
    }
  }

  @Test
  void job_linksToItsModelOnceThatIsReleased() {
    Instant created = Instant.parse("2030-05-01T12:00:00Z");
    JobInfo queued = JobInfo.queued("job-1", "demo/new", created);
    assertThat(JobsPage.table(List.of(queued)).markup())
        .contains("demo/new")
        .doesNotContain("/models/");
    assertThat(new JobPage(queued).page().html().markup())
        .contains("<dt>Model</dt><dd>demo/new</dd>")
        .doesNotContain("/models/demo");
    JobInfo done = queued.succeeded(new JobResult("v1", "", Map.of()), created);
    assertThat(new JobPage(done).page().html().markup())
        .contains("<dt>Model</dt><dd><a href=\"/models/demo/new\">demo/new</a></dd>");
  }

  @Test
  void everyAsset_isServedWithItsMediaType() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      for (Asset asset : Asset.values()) {
        HttpResponse<String> answer = get(server, "/console/" + asset.file());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue(asset.mediaType());
        assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
      }
    }
  }
}

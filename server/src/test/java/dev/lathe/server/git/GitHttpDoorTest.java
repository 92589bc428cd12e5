package dev.lathe.server.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Sha256;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServedModel;
import dev.lathe.server.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The doors as the real clients see them. */
@Timeout(60)
class GitHttpDoorTest {
  @TempDir private static Path home;
  @TempDir private Path root;
  private static LatheServer server;
  private static HttpClient http;

  @BeforeAll
  static void start() {
    ServedModel.publish(home.resolve("data"), 2);
    server = LatheServer.start(ServerConfig.of(home.resolve("data"), 0));
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void clone_givesTheGraphByteForByte() throws Exception {
    requireLfs();
    Path clone = root.resolve("clone");
    git(0, "clone", address("/git/demo/linear.git"), clone.toString());
    assertThat(clone.resolve("model.onnx"))
        .hasBinaryContent(OnnxFile.toBytes(ServedModel.graph(2)));
    assertThat(git(0, "-C", clone.toString(), "tag")).isEqualTo("v1\nv2\n");
    assertThat(git(0, "-C", clone.toString(), "log", "--format=%s"))
        .isEqualTo("Train, seed 2\nTrain, seed 1\n");
    git(0, "-C", clone.toString(), "lfs", "fsck");
  }

  @Test
  void oldProtocolAndAddressWithoutSuffix_workToo() throws Exception {
    requireLfs();
    Path clone = root.resolve("clone");
    String address = address("/git/demo/linear");
    git(0, "-c", "protocol.version=0", "clone", address, clone.toString());
    assertThat(clone.resolve("model.onnx"))
        .hasBinaryContent(OnnxFile.toBytes(ServedModel.graph(2)));
  }

  @Test
  void shallowClone_isMadeWhole() throws Exception {
    requireGit();
    Path clone = root.resolve("clone");
    git(
        0,
        "-c",
        "filter.lfs.smudge=",
        "-c",
        "filter.lfs.required=false",
        "clone",
        "--depth=1",
        address("/git/demo/linear.git"),
        clone.toString());
    git(0, "-C", clone.toString(), "fetch", "--unshallow");
    assertThat(git(0, "-C", clone.toString(), "rev-list", "--count", "v2")).isEqualTo("2\n");
  }

  @Test
  void gzippedRequest_isUnpacked() throws Exception {
    byte[] plain = "0014command=ls-refs\n0000".getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(address("/git/demo/linear.git/git-upload-pack")))
                .header("Content-Type", "application/x-git-upload-pack-request")
                .header("Content-Encoding", "gzip")
                .header("Git-Protocol", "version=2")
                .POST(HttpRequest.BodyPublishers.ofByteArray(packed.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/x-git-upload-pack-result");
    assertThat(answer.body()).contains("refs/tags/v2").contains("refs/heads/env/prod");
  }

  @Test
  void push_isRefusedWithAReasonThatGitShows() throws Exception {
    requireGit();
    Path clone = root.resolve("clone");
    git(
        0,
        "-c",
        "filter.lfs.smudge=",
        "-c",
        "filter.lfs.required=false",
        "clone",
        address("/git/demo/linear.git"),
        clone.toString());
    String said = git(128, "-C", clone.toString(), "push", "origin", "HEAD:refs/heads/other");
    assertThat(said).contains("403").containsIgnoringCase("push");
  }

  @Test
  void unknownModel_isSaidToThePerson() throws Exception {
    requireGit();
    String said =
        git(128, "clone", address("/git/demo/nothing.git"), root.resolve("none").toString());
    assertThat(said).contains("nothing").contains("not found");
    assertThat(get("/git/demo/..%2f..%2fx.git/info/refs?service=git-upload-pack").statusCode())
        .isIn(400, 404);
    assertThat(get("/git/demo/linear.git/info/refs").statusCode()).isEqualTo(400);
  }

  @Test
  void blob_isServedWholeAndInParts() throws Exception {
    byte[] graph = OnnxFile.toBytes(ServedModel.graph(1));
    String path = "/git/demo/linear.git/info/lfs/objects/" + Sha256.of(graph).hex();
    HttpResponse<byte[]> whole = get(path);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(graph);
    assertThat(whole.headers().firstValueAsLong("Content-Length")).hasValue(graph.length);
    HttpResponse<byte[]> part = get(path, "Range", "bytes=10-19");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(graph, 10, 20));
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 10-19/" + graph.length);
    HttpResponse<byte[]> rest = get(path, "Range", "bytes=20-");
    assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(graph, 20, graph.length));
    HttpResponse<byte[]> beyond = get(path, "Range", "bytes=" + graph.length + "-");
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("Content-Range")).contains("bytes */" + graph.length);
    assertThat(get(path.replace("linear", "other")).statusCode()).isEqualTo(404);
    assertThat(get(path.substring(0, path.length() - 1)).statusCode()).isEqualTo(400);
  }

  @Test
  void batch_speaksTheMediaTypeOfLfs() throws Exception {
    String oid = Sha256.of(OnnxFile.toBytes(ServedModel.graph(1))).hex();
    HttpResponse<String> answer =
        batch(
            "{\"operation\":\"download\",\"transfers\":[\"basic\"],\"objects\":[{\"oid\":\""
                + oid
                + "\",\"size\":1}]}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/vnd.git-lfs+json");
    assertThat(batch("{").statusCode()).isEqualTo(422);
    assertThat(batch("{").body()).contains("\"message\"");
  }

  private HttpResponse<String> batch(String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(address("/git/demo/linear.git/info/lfs/objects/batch")))
            .header("Content-Type", "application/vnd.git-lfs+json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address(path)));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private String address(String path) {
    return server.address() + path;
  }

  private void requireGit() {
    assumeTrue(works("--version"), "skipped: no git on the path");
  }

  private void requireLfs() throws Exception {
    requireGit();
    assumeTrue(works("lfs", "version"), "skipped: no git-lfs on the path");
    git(0, "lfs", "install", "--skip-repo");
  }

  private boolean works(String... arguments) {
    try {
      return run(arguments).exit() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  /** What git printed on both streams; it must end with the status expected. */
  private String git(int expected, String... arguments) throws Exception {
    Result result = run(arguments);
    assertThat(result.exit()).as(result.text()).isEqualTo(expected);
    return result.text();
  }

  private record Result(int exit, String text) {}

  private Result run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", home.toString());
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    byte[] said = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), new String(said, StandardCharsets.UTF_8));
  }
}

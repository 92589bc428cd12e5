package dev.lathe.server.modeldocs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServedModel;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two models: numbers in and scores out, and one whose pipeline takes pictures. */
@Timeout(120)
class ModelDocsDoorTest {
  private static final String PICTURES =
      """
      task: classification
      labels: [dark, '<light>']
      pipeline:
        inputs: { picture: { datatype: BYTES, shape: [-1] } }
        steps:
          pixels: { kind: image, inputs: picture, size: [2, 2], color: gray, scale: 0.01 }
          flat: { kind: reshape, inputs: pixels, shape: [4] }
          scores: { kind: model, inputs: { x: flat } }
          names: { kind: labels, inputs: scores, apply: softmax }
        outputs: { label: names.labels, score: names.scores }
      """;

  @TempDir private static Path data;
  private static LatheServer server;
  private static HttpClient http;

  @BeforeAll
  static void start() throws IOException {
    ServedModel.publish(data, 1);
    Path folder = Files.createDirectories(data.resolve("pictures"));
    Files.write(folder.resolve("model.onnx"), OnnxFile.toBytes(ServedModel.graph(1)));
    Files.writeString(folder.resolve("lathe.yaml"), PICTURES);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.release("demo/pictures", folder, "");
      lathe.deploy("demo/pictures", "v1", "prod");
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String get(String path) throws Exception {
    HttpResponse<String> answer = send(HttpRequest.newBuilder(server.address().resolve(path)));
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
    return answer.body();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"demo/linear", "demo/pictures", "demo%2Fpictures", "demo/linear/versions/1"})
  void exampleOfTheDocument_isAnsweredByThePathOfTheDocument(String model) throws Exception {
    JsonNode document = JsonMapper.shared().readTree(get("/v2/models/" + model + "/openapi.json"));
    assertThat(document.get("openapi").asString()).isEqualTo("3.1.0");
    String path = document.get("paths").propertyNames().iterator().next();
    JsonNode json =
        document.at(
            "/paths/" + path.replace("/", "~1") + "/post/requestBody/content/application~1json");
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(server.address().resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.get("example").toString())));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode outputs = JsonMapper.shared().readTree(answer.body()).get("outputs");
    List<String> found = new ArrayList<>();
    outputs.forEach(output -> found.add(output.get("name") + " " + output.get("datatype")));
    List<String> stated = new ArrayList<>();
    document
        .at(
            "/paths/"
                + path.replace("/", "~1")
                + "/post/responses/200/content/application~1json/schema/properties/outputs/items/oneOf")
        .forEach(
            output ->
                stated.add(
                    output.at("/properties/name/const")
                        + " "
                        + output.at("/properties/datatype/const")));
    assertThat(found).containsExactlyElementsOf(stated).isNotEmpty();
  }

  @Test
  void document_hasShapesAndLabels() throws Exception {
    JsonNode document = JsonMapper.shared().readTree(get("/v2/models/demo/linear/openapi.json"));
    JsonNode x =
        document.at(
            "/paths/~1v2~1models~1demo~1linear~1infer/post/requestBody/content/application~1json"
                + "/schema/properties/inputs/items/oneOf/0/properties");
    assertThat(x.at("/name/const").asString()).isEqualTo("x");
    assertThat(x.at("/datatype/const").asString()).isEqualTo("FP32");
    assertThat(x.at("/shape/prefixItems/0/minimum").asInt()).isZero();
    assertThat(x.at("/shape/prefixItems/1/const").asInt()).isEqualTo(4);
    assertThat(get("/v2/models/demo/pictures/openapi.json")).contains("dark, <light>");
  }

  @Test
  void page_escapesAndLoadsNothingFromElsewhere() throws Exception {
    String page = get("/v2/models/demo/pictures/docs");
    assertThat(page).contains("dark, &lt;light&gt;").doesNotContain("<light>", "src=", "<script");
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(server.address().resolve("/v2/models/demo/none/docs")));
    assertThat(answer.statusCode()).isEqualTo(404);
  }

  private static String code(String id) throws Exception {
    String page = get("/v2/models/demo/pictures/docs");
    Matcher found = Pattern.compile("(?s)<pre id=\"" + id + "\">(.*?)</pre>").matcher(page);
    assertThat(found.find()).isTrue();
    return found
        .group(1)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static String run(Path folder, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed;
  }

  private static boolean has(String program) throws Exception {
    try {
      return new ProcessBuilder(program, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void codeOfThePage_worksAsItStands(@TempDir Path folder) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Files.writeString(folder.resolve("Ask.java"), code("java"));
    assertThat(run(folder, java.toString(), "Ask.java")).contains("\"name\":\"label\"");
    assumeTrue(has("python3"), "no python3: the page's Python is not run");
    assertThat(run(folder, "python3", "-c", code("python"))).contains("label [1, 1] ['");
    assumeTrue(has("curl"), "no curl: the page's commands are not run");
    assertThat(run(folder, "sh", "-c", code("curl"))).contains("\"name\":\"label\"");
  }
}

package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A pipeline asked by the Open Inference Protocol, as text and as bytes. */
@Timeout(120)
class PipelineOverHttpTest {
  private static final String YAML =
      """
      labels: [red, green, blue]
      pipeline:
        inputs: { picture: { datatype: BYTES, shape: [-1] } }
        steps:
          pixels: { kind: image, inputs: picture, size: [4, 4], scale: 0.01, max_pixels: 10000 }
          scores: { kind: model, inputs: { x: pixels } }
          names: { kind: labels, inputs: scores }
        outputs: { label: names.labels, scores: scores }
      """;

  @TempDir private static Path data;
  private static LatheServer server;
  private static HttpClient http;

  @BeforeAll
  static void start() throws IOException {
    Path folder = Files.createDirectories(data.resolve("colors"));
    OnnxFile.write(means(), folder.resolve("model.onnx"));
    Files.writeString(folder.resolve("lathe.yaml"), YAML);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.release("demo/colors", folder, "");
      lathe.deploy("demo/colors", "v1", "prod");
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static Model means() {
    GraphBuilder graph = new GraphBuilder("means");
    Shape in = Shape.of(List.of(Dim.of("N"), Dim.of(3), Dim.of(4), Dim.of(4)));
    String x = graph.input("x", ElementType.FLOAT, in);
    String axes = graph.initializer("axes", Tensor.ofLongs(new long[] {2, 3}, 2));
    graph.append(
        Node.of("ReduceMean", List.of(x, axes), List.of("scores"))
            .with("keepdims", Attribute.of(0)));
    graph.output("scores", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(3))));
    return Model.of(graph.build());
  }

  private static byte[] jpeg(int rgb, int side) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, rgb);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return out.toByteArray();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder infer() {
    return HttpRequest.newBuilder(server.address().resolve("/v2/models/demo/colors/infer"))
        .header("Content-Type", "application/json");
  }

  private static HttpResponse<String> ask(String picture) throws Exception {
    String body =
        "{\"inputs\":[{\"name\":\"picture\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\""
            + picture
            + "\"]}]}";
    return send(infer().POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static JsonNode output(HttpResponse<String> answer, int place) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body()).get("outputs").get(place).get("data");
  }

  @Test
  void jpegFile_isTheSameAsTextAndAsBytes() throws Exception {
    byte[] green = jpeg(0x20C040, 40);
    HttpResponse<String> text = ask(base64(green));
    assertThat(output(text, 0).get(0).asString()).isEqualTo("green");
    ByteBuffer tensor = ByteBuffer.allocate(4 + green.length).order(ByteOrder.LITTLE_ENDIAN);
    tensor.putInt(green.length).put(green);
    byte[] header =
        ("{\"inputs\":[{\"name\":\"picture\",\"datatype\":\"BYTES\",\"shape\":[1],"
                + "\"parameters\":{\"binary_data_size\":"
                + tensor.capacity()
                + "}}]}")
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(header);
    body.write(tensor.array());
    HttpResponse<String> bytes =
        send(
            infer()
                .header("Inference-Header-Content-Length", Integer.toString(header.length))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
    assertThat(output(bytes, 0)).isEqualTo(output(text, 0));
    assertThat(output(bytes, 1)).isEqualTo(output(text, 1));
  }

  @Test
  void classification_namesTheClassesOfAPipelineToo() throws Exception {
    String body =
        "{\"inputs\":[{\"name\":\"picture\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\""
            + base64(jpeg(0x2010E0, 20))
            + "\"]}],\"outputs\":[{\"name\":\"scores\",\"parameters\":{\"classification\":1}}]}";
    HttpResponse<String> answer = send(infer().POST(HttpRequest.BodyPublishers.ofString(body)));
    assertThat(output(answer, 0).get(0).asString()).endsWith(":2:blue");
  }

  @Test
  void badAndHugePictures_areTheCallersFault() throws Exception {
    HttpResponse<String> bad = ask("nothing");
    assertThat(bad.statusCode()).isEqualTo(400);
    assertThat(bad.body()).contains("step \\\"pixels\\\": image 0: no PNG or JPEG image");
    HttpResponse<String> huge = ask(base64(jpeg(0, 200)));
    assertThat(huge.statusCode()).isEqualTo(400);
    assertThat(huge.body()).contains("200×200 pixels (expected: at most 10000 in all)");
  }

  @Test
  void manyCallers_allGetTheirOwnAnswer() throws Exception {
    List<Integer> colors = List.of(0xE01010, 0x10E010, 0x1010E0);
    List<String> names = List.of("red", "green", "blue");
    List<Future<HttpResponse<String>>> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 90; i++) {
        String picture = base64(jpeg(colors.get(i % 3), 8 + i));
        answers.add(callers.submit(() -> ask(picture)));
      }
      for (int i = 0; i < 90; i++) {
        assertThat(output(answers.get(i).get(), 0).get(0).asString()).isEqualTo(names.get(i % 3));
      }
    }
    HttpResponse<String> model =
        send(HttpRequest.newBuilder(server.address().resolve("/v2/models/demo/colors")));
    assertThat(model.body()).contains("\"name\":\"picture\",\"datatype\":\"BYTES\",\"shape\":[-1]");
  }
}

package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that waits long for an answer is still there, and its connection may be used again. */
@Timeout(60)
class PatientClientTest {
  private static final String YAML =
      """
      pipeline:
        inputs: { picture: { datatype: BYTES, shape: [-1] } }
        steps:
          pixels: { kind: image, inputs: picture, size: [2, 2] }
          flat: { kind: reshape, inputs: pixels, shape: [12] }
        outputs: { x: flat }
      """;

  @TempDir Path data;

  /** So large that decoding it takes longer than it takes to look whether the client is gone. */
  private static String picture() throws Exception {
    BufferedImage image = new BufferedImage(5000, 5000, BufferedImage.TYPE_3BYTE_BGR);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }

  @Test
  void slowAnswers_reachAClientThatWaits() throws Exception {
    Path folder = Files.createDirectories(data.resolve("slow"));
    Files.writeString(folder.resolve("lathe.yaml"), YAML);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.release("demo/slow", folder, "");
      lathe.deploy("demo/slow", "v1", "prod");
    }
    String body =
        "{\"inputs\":[{\"name\":\"picture\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\""
            + picture()
            + "\"]}]}";
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.address().resolve("/v2/models/demo/slow/infer"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
    }
  }
}

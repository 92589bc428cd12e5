package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobListener;
import dev.lathe.server.JobState;
import dev.lathe.server.Lathe;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.Prediction;
import dev.lathe.server.RecipeSource;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What learned from files and texts is asked with files and texts. */
@Timeout(240)
class RawInputsTest {
  @TempDir private Path folder;

  private static byte[] picture(boolean red, SplittableRandom random) throws Exception {
    BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 9; x++) {
        int bright = 150 + random.nextInt(100);
        int dark = random.nextInt(100);
        image.setRGB(x, y, (red ? bright : dark) << 16 | dark << 8 | (red ? dark : bright));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private JobInfo train(LocalLathe lathe, String recipe) {
    JobInfo job = lathe.train(new RecipeSource(recipe, folder), JobListener.SILENT);
    assertThat(job.state()).as(job.toString()).isEqualTo(JobState.SUCCEEDED);
    return job;
  }

  @Test
  void modelOfPictures_takesFilesAndNamesClasses() throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    for (String name : List.of("blue", "red")) {
      Path of = Files.createDirectories(folder.resolve("train").resolve(name));
      for (int i = 0; i < 24; i++) {
        Files.write(of.resolve(i + ".png"), picture(name.equals("red"), random));
      }
    }
    try (LocalLathe lathe = Lathe.open(folder.resolve("data"))) {
      train(
          lathe,
          """
          model: demo/colors
          task: classification
          data: { format: images, train: train, shape: [3, 4, 4], fit: stretch }
          architecture: { kind: mlp, hidden: [8] }
          optimizer: { kind: adam, learning_rate: 0.01 }
          epochs: 8
          batch: 8
          """);
      byte[] red = picture(true, random);
      Tensor files =
          ByteStrings.tensor(List.of(Bytes.of(red), Bytes.of(picture(false, random))), 2);
      Prediction answer = lathe.predict("demo/colors", "v1", Map.of("image", files));
      assertThat(answer.outputs().get("class").strings()).containsExactly("red", "blue");
      assertThat(answer.label(0)).contains("red");
      assertThat(answer.outputs().get("probabilities").dims()).containsExactly(2, 2);
    }
  }

  @Test
  void modelOfTexts_takesTextsAsTheirOwnTokens() throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      boolean sport = random.nextBoolean();
      String word = sport ? "goal" : "vote";
      lines
          .append("{\"text\": \"The ")
          .append(word)
          .append(" was number ")
          .append(random.nextInt(9));
      lines.append("\", \"label\": \"").append(sport ? "sport" : "politics").append("\"}\n");
    }
    Files.writeString(folder.resolve("texts.jsonl"), lines);
    try (LocalLathe lathe = Lathe.open(folder.resolve("data"))) {
      train(
          lathe,
          """
          model: demo/topics
          task: text_classification
          data: { format: texts, train: texts.jsonl, length: 12 }
          architecture: { kind: encoder, width: 16, layers: 1, heads: 2 }
          optimizer: { kind: adam, learning_rate: 0.01 }
          epochs: 3
          batch: 32
          """);
      Tensor texts =
          Tensor.ofStrings(
              List.of("The goal was number 3", "vote", "the GOAL " + "was number 4 ".repeat(20)),
              3);
      Prediction answer = lathe.predict("demo/topics", "v1", Map.of("text", texts));
      assertThat(answer.outputs().get("class").strings())
          .containsExactly("sport", "politics", "sport");
      requireAsByHand(lathe, answer.outputs().get("probabilities").toFloats()[2]);
    }
  }

  /** "vote" alone: the token of the class, then that of the word, found in the version's file. */
  private static void requireAsByHand(LocalLathe lathe, float found) throws Exception {
    Path files = lathe.files("demo/topics", "v1");
    var vocabulary =
        tools.jackson.databind.json.JsonMapper.shared()
            .readTree(files.resolve("tokenizer.json").toFile())
            .at("/model/vocab");
    Tensor ids = Tensor.ofLongs(new long[] {2, vocabulary.get("vote").asLong()}, 1, 2);
    Tensor mask = Tensor.ofLongs(new long[] {1, 1}, 1, 2);
    try (Session session = Session.open(files.resolve("model.onnx"), SessionOptions.defaults())) {
      float[] alone =
          session.run(Map.of("x", ids, "attention_mask", mask)).get("probabilities").toFloats();
      assertThat(found).isCloseTo(alone[0], org.assertj.core.data.Offset.offset(1e-4f));
    }
  }
}

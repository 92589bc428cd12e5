package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Raw pictures and texts in, labels out, through the registry and the real engine. */
@Timeout(120)
class PipelineFilesTest {
  private static final int SIDE = 4;
  private static final String PICTURES =
      """
      inputs: { picture: { datatype: BYTES, shape: [-1] } }
      steps:
        pixels: { kind: image, inputs: picture, size: [4, 4], fit: stretch, scale: 0.00392156862745098,
                  mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.5], max_pixels: 4096, max_images: 3 }
        scores: { kind: model, inputs: { x: pixels } }
        names: { kind: labels, inputs: scores, top: 2, apply: softmax }
      outputs: { labels: names.labels, scores: names.scores, indices: names.indices }
      """;
  private static final String TEXTS =
      """
      inputs: { text: { datatype: BYTES, shape: [-1] } }
      steps:
        tokens: { kind: tokenizer, inputs: text, max_length: 6, truncation: false }
        scores: { kind: model, inputs: { ids: tokens.input_ids, mask: tokens.attention_mask } }
        names: { kind: labels, inputs: scores.scores }
        sure: { kind: threshold, inputs: scores.scores, at: 2 }
      outputs: { label: names.labels, sure: sure }
      """;

  @TempDir Path folder;
  private Registry registry;
  private Deployments deployments;

  @BeforeEach
  void start() {
    registry = Registry.open(folder);
    deployments = new Deployments(registry, ServeOptions.defaults("prod"), new ServeObserver() {});
  }

  @AfterEach
  void stop() {
    deployments.close();
    registry.close();
  }

  private void publish(String name, Model model, Metadata declared, Map<String, Content> beside) {
    Metadata metadata =
        new Metadata(
            declared.task(),
            declared.labels(),
            Signature.of(model),
            declared.lineage(),
            declared.pipeline());
    Release release = Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For a test");
    for (Map.Entry<String, Content> file : beside.entrySet()) {
      release = release.with(file.getKey(), file.getValue());
    }
    registry.publish(ModelName.parse(name), release);
  }

  private Map<String, Tensor> ask(String name, String input, Tensor value) {
    try (Lease lease = deployments.acquire(ModelName.parse(name), Selector.version("v1"))) {
      return lease
          .model()
          .infer(new InferRequest(Map.of(input, value), Set.of(), RequestOptions.usual()))
          .outputs();
    }
  }

  /** Three classes: each one's score is the mean of a channel. */
  private static Model channelMeans() {
    GraphBuilder graph = new GraphBuilder("means");
    Shape in = Shape.of(List.of(Dim.of("N"), Dim.of(3), Dim.of(SIDE), Dim.of(SIDE)));
    String x = graph.input("x", ElementType.FLOAT, in);
    String axes = graph.initializer("axes", Tensor.ofLongs(new long[] {2, 3}, 2));
    graph.append(
        Node.of("ReduceMean", List.of(x, axes), List.of("scores"))
            .with("keepdims", Attribute.of(0)));
    graph.output("scores", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(3))));
    return Model.of(graph.build());
  }

  private static BufferedImage picture(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 200 - 3 * y << 16 | 90 + 2 * x << 8 | 40 + x + y);
      }
    }
    return image;
  }

  private static Bytes file(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, format, out);
    return Bytes.wrap(out.toByteArray());
  }

  /** By hand: halves each side by the triangle filter of four places, then softmax of the means. */
  private static double[] byHand(BufferedImage image) {
    double[] scale = {0.2, 0.25, 0.5};
    double[] mean = {0.5, 0.4, 0.3};
    double[] scores = new double[3];
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          double pixel = 0;
          double all = 0;
          for (int dy = -1; dy <= 2; dy++) {
            for (int dx = -1; dx <= 2; dx++) {
              int row = 2 * y + dy;
              int column = 2 * x + dx;
              if (row >= 0 && row < 8 && column >= 0 && column < 8) {
                double weight = (dy == 0 || dy == 1 ? 3 : 1) * (dx == 0 || dx == 1 ? 3 : 1);
                pixel += weight * (image.getRGB(column, row) >> 16 - 8 * c & 0xFF);
                all += weight;
              }
            }
          }
          sum += (Math.rint(pixel / all) / 255 - mean[c]) / scale[c];
        }
      }
      scores[c] = Math.exp(sum / (SIDE * SIDE));
    }
    double total = scores[0] + scores[1] + scores[2];
    return new double[] {scores[0] / total, scores[1] / total, scores[2] / total};
  }

  private void releasePictures() {
    publish(
        "demo/colors",
        channelMeans(),
        Declared.pipeline(PICTURES, "red", "green", "blue"),
        Map.of());
  }

  @Test
  void jpegAndPngFiles_becomeTheLabelsThatHandworkGives() throws IOException {
    releasePictures();
    Bytes jpeg = file(picture(8, 8), "jpeg");
    BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(jpeg.toArray()));
    Bytes png = file(picture(8, 8), "png");
    Bytes text = Bytes.utf8(Base64.getEncoder().encodeToString(png.toArray()));
    Map<String, Tensor> outputs =
        ask("demo/colors", "picture", ByteStrings.tensor(List.of(jpeg, png, text), 3));
    assertThat(outputs.get("labels").strings())
        .containsExactly("red", "green", "red", "green", "red", "green");
    assertThat(outputs.get("indices").toLongs()).containsExactly(0, 1, 0, 1, 0, 1);
    float[] scores = outputs.get("scores").toFloats();
    double[] ofJpeg = byHand(decoded);
    double[] ofPng = byHand(picture(8, 8));
    for (int k = 0; k < 2; k++) {
      assertThat((double) scores[k]).isCloseTo(ofJpeg[k], within());
      assertThat((double) scores[2 + k]).isCloseTo(ofPng[k], within());
      assertThat(scores[4 + k]).isEqualTo(scores[2 + k]);
    }
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-5);
  }

  private void refused(String name, Tensor value, String message) {
    String input = name.equals("demo/colors") ? "picture" : "text";
    assertThatThrownBy(() -> ask(name, input, value))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(message);
  }

  @Test
  void badPictures_areRefusedByPlaceAndReason() throws IOException {
    releasePictures();
    Bytes good = file(picture(8, 8), "png");
    byte[] torn = new byte[60];
    System.arraycopy(good.toArray(), 0, torn, 0, 60);
    refused(
        "demo/colors",
        ByteStrings.tensor(List.of(good, Bytes.of(torn)), 2),
        "step \"pixels\": image 1: cannot be decoded");
    refused("demo/colors", Tensor.ofStrings(List.of("a picture"), 1), "no PNG or JPEG image");
    refused("demo/colors", Tensor.ofStrings(List.of(""), 1), "image 0:");
    refused(
        "demo/colors",
        ByteStrings.tensor(List.of(bomb(1 << 20, 1 << 20)), 1),
        "1048576×1048576 pixels (expected: at most 4096 in all)");
    refused("demo/colors", ByteStrings.tensor(List.of(good, good, good, good), 4), "4 images");
    assertThat(ask("demo/colors", "picture", ByteStrings.tensor(List.of(good), 1))).hasSize(3);
  }

  /** A PNG file of a few bytes that says to be huge. */
  private static Bytes bomb(int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(out);
    data.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeBytes("IHDR");
    fields.writeInt(width);
    fields.writeInt(height);
    fields.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 sum = new CRC32();
    sum.update(header.toByteArray());
    data.writeInt(13);
    data.write(header.toByteArray());
    data.writeInt((int) sum.getValue());
    return Bytes.wrap(out.toByteArray());
  }

  /** Counts tokens: "bad" is token 4, "good" is token 3; scores [N, 2]. */
  private static Model counting() {
    GraphBuilder graph = new GraphBuilder("counting");
    Shape in = Shape.of(List.of(Dim.of("N"), Dim.of("L")));
    String ids = graph.input("ids", ElementType.INT64, in);
    String mask = graph.input("mask", ElementType.INT64, in);
    float[] table = {0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0};
    String words = graph.initializer("words", Tensor.ofFloats(table, 6, 2));
    String last = graph.initializer("last", Tensor.ofLongs(new long[] {2}, 1));
    String tokens = graph.initializer("tokens", Tensor.ofLongs(new long[] {1}, 1));
    graph.append(Node.of("Gather", List.of(words, ids), List.of("votes")));
    graph.append(Node.of("Cast", List.of(mask), List.of("seen")).with("to", Attribute.of(1)));
    graph.append(Node.of("Unsqueeze", List.of("seen", last), List.of("weights")));
    graph.append(Node.of("Mul", List.of("votes", "weights"), List.of("counted")));
    graph.append(
        Node.of("ReduceSum", List.of("counted", tokens), List.of("scores"))
            .with("keepdims", Attribute.of(0)));
    graph.output("scores", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(2))));
    return Model.of(graph.build());
  }

  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
       "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": null, "decoder": null,
       "model": {"type": "WordLevel", "unk_token": "[UNK]",
         "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "good": 3, "bad": 4, "movie": 5}}}
      """;

  private void releaseTexts() {
    publish(
        "demo/reviews",
        counting(),
        Declared.pipeline(TEXTS, "bad", "good"),
        Map.of("tokenizer.json", Content.of(TOKENIZER.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void texts_becomeLabels() {
    releaseTexts();
    Tensor texts = Tensor.ofStrings(List.of("Good, good movie!", "bad", "good bad bad Größe"), 3);
    Map<String, Tensor> outputs = ask("demo/reviews", "text", texts);
    assertThat(outputs.get("label").strings()).containsExactly("good", "bad", "bad");
    assertThat(outputs.get("label").dims()).containsExactly(3, 1);
    assertThat(outputs.get("sure").toDoubles()).containsExactly(0, 1, 0, 0, 1, 0);
  }

  @Test
  void textsThatAreTooLong_areRefusedByPlaceAndLength() {
    releaseTexts();
    refused(
        "demo/reviews",
        Tensor.ofStrings(List.of("bad", "bad bad bad bad bad bad bad"), 2),
        "step \"tokens\": text 1: 7 tokens (expected: at most 6)");
    refused(
        "demo/reviews",
        Tensor.ofStrings(List.of("x".repeat(100_001)), 1),
        "100001 characters (expected: at most 100000)");
  }
}

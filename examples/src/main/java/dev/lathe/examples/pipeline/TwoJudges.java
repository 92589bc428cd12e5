package dev.lathe.examples.pipeline;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.server.Lathe;
import dev.lathe.server.Prediction;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Releases two models, the second within a pipeline that asks both, and sends it a JPEG file. */
final class TwoJudges {
  public static void main(String[] arguments) throws IOException {
    Path data = Path.of(arguments[0]);
    Path declared = Path.of(arguments[1]);
    Path folder = Files.createDirectories(data.resolve("judges"));
    Files.copy(declared, folder.resolve("lathe.yaml"));
    OnnxFile.write(judge(2), folder.resolve("model.onnx"));
    OnnxFile.write(judge(8), data.resolve("strict.onnx"));
    try (Lathe lathe = Lathe.open(data)) {
      lathe.release("examples/strict", data.resolve("strict.onnx"), "Prefers strongly");
      lathe.release("examples/judges", folder, "Two models, one answer");
      Tensor picture = ByteStrings.tensor(List.of(jpeg(new Color(40, 180, 90))), 1);
      Prediction answer = lathe.predict("examples/judges", "v1", Map.of("picture", picture));
      System.out.println(
          answer.outputs().get("label").strings()
              + " "
              + answer.outputs().get("score").doubleAt(0));
    }
  }

  /** Scores of the three channels: their means, times how strongly the judge prefers. */
  private static Model judge(float strength) {
    GraphBuilder graph = new GraphBuilder("judge");
    Shape in = Shape.of(List.of(Dim.of("N"), Dim.of(3), Dim.of(8), Dim.of(8)));
    String x = graph.input("x", ElementType.FLOAT, in);
    String axes = graph.initializer("axes", Tensor.ofLongs(new long[] {2, 3}, 2));
    String by = graph.initializer("strength", Tensor.scalar(strength));
    Node mean = Node.of("ReduceMean", List.of(x, axes), List.of("mean"));
    graph.append(mean.with("keepdims", Attribute.of(0)));
    graph.append(Node.of("Mul", List.of("mean", by), List.of("scores")));
    graph.output("scores", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(3))));
    return Model.of(graph.build());
  }

  private static Bytes jpeg(Color color) throws IOException {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
    var brush = image.createGraphics();
    brush.setColor(color);
    brush.fillRect(0, 0, 64, 48);
    brush.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return Bytes.wrap(out.toByteArray());
  }
}
